#include "kinesink/result.h"

namespace kinesink {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument:
      return "invalid_argument";
    case ErrorKind::invalid_data:
      return "invalid_data";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::auth:
      return "auth";
    case ErrorKind::throttled:
      return "throttled";
    case ErrorKind::transient:
      return "transient";
    case ErrorKind::permanent:
      return "permanent";
    case ErrorKind::exhausted:
      return "exhausted";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::would_block:
      return "would_block";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::closed:
      return "closed";
    case ErrorKind::resource:
      return "resource";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text(name_of(kind));
  text += ": ";
  text += message;
  std::string where;
  auto add = [&where](std::string_view label, std::string_view value) {
    if (value.empty()) return;
    where += where.empty() ? " (" : ", ";
    where += label;
    where += value;
  };
  add("column ", column);
  if (row) add("row ", std::to_string(*row));
  add("AWS code ", aws_code);
  add("request id ", request_id);
  if (!where.empty()) text += where + ")";
  return text;
}

}  // namespace kinesink
