#include "capi/handles.h"

using kinesink::capi::give;
using kinesink::capi::guarded;
using kinesink::capi::refuse_null;

extern "C" {

kinesink_options* kinesink_options_new(void) { return new (std::nothrow) kinesink_options{}; }

int32_t kinesink_options_set(kinesink_options* options, const char* name, const char* value,
                             kinesink_error** error) {
  return guarded(error, [&] {
    if (options == nullptr || name == nullptr || value == nullptr) {
      return refuse_null("options, name and value", error);
    }
    return give(kinesink::set_option(options->options, name, value), error);
  });
}

int32_t kinesink_options_validate(const kinesink_options* options, kinesink_error** error) {
  return guarded(error, [&] {
    if (options == nullptr) return refuse_null("options", error);
    return give(kinesink::validate(options->options), error);
  });
}

void kinesink_options_release(kinesink_options* options) { delete options; }

void kinesink_options_set_log(kinesink_options* options, kinesink_log_callback callback,
                              void* context, int32_t level) {
  if (options == nullptr) return;
  options->options.client.log = nullptr;
  if (callback == nullptr) return;
  options->options.client.log_level = static_cast<kinesink::LogLevel>(level);
  options->options.client.log = [callback, context](const kinesink::LogRecord& record) {
    std::string message(record.message);
    for (const kinesink::LogField& field : record.fields) {
      message.append(" ").append(field.name).append("=").append(field.value);
    }
    callback(context, static_cast<int32_t>(record.level), std::string(record.component).c_str(),
             message.c_str());
  };
}

void kinesink_options_set_dead_letter(kinesink_options* options,
                                      kinesink_dead_letter_callback callback, void* context) {
  if (options == nullptr) return;
  options->options.dead_letter = nullptr;
  if (callback == nullptr) return;
  options->options.dead_letter =
      [callback, context](const kinesink::DeadLetterRecord& record) -> kinesink::Result<void> {
    const kinesink_dead_letter_record given{
        sizeof(kinesink_dead_letter_record),
        record.row,
        reinterpret_cast<const uint8_t*>(record.payload.data()),
        record.payload.size(),
        record.partition_key.data(),
        record.partition_key.size(),
        record.explicit_hash_key.data(),
        record.explicit_hash_key.size(),
        record.code.data(),
        record.code.size(),
        record.message.data(),
        record.message.size(),
        record.attempts,
        record.columns.data(),
        record.columns.size(),
    };
    if (callback(context, &given) == 0) return {};
    return kinesink::make_error(kinesink::ErrorKind::resource,
                                "the dead-letter callback could not keep a record");
  };
}

}  // extern "C"
