#include "capi/handles.h"

extern "C" {

const char* kinesink_version(void) { return KINESINK_VERSION; }

const char* kinesink_error_kind_name(int32_t kind) {
  if (kind == KINESINK_OK) return "ok";
  // The names are literals, so their views end in NUL.
  return kinesink::name_of(static_cast<kinesink::ErrorKind>(kind)).data();
}

int32_t kinesink_error_get_kind(const kinesink_error* error) {
  return error == nullptr ? KINESINK_OK : static_cast<int32_t>(error->error.kind);
}
const char* kinesink_error_message(const kinesink_error* error) {
  return error == nullptr ? "" : error->error.message.c_str();
}
const char* kinesink_error_aws_code(const kinesink_error* error) {
  return error == nullptr ? "" : error->error.aws_code.c_str();
}
const char* kinesink_error_request_id(const kinesink_error* error) {
  return error == nullptr ? "" : error->error.request_id.c_str();
}
const char* kinesink_error_column(const kinesink_error* error) {
  return error == nullptr ? "" : error->error.column.c_str();
}
int64_t kinesink_error_row(const kinesink_error* error) {
  return error == nullptr ? -1 : error->error.row.value_or(-1);
}
void kinesink_error_release(kinesink_error* error) { delete error; }

}  // extern "C"
