// What a user can choose about a format. Defaults are the documented ones (docs/options.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinesink::format {

enum class Format : std::uint8_t { json, raw_string, raw_bytes };
enum class TimestampFormat : std::uint8_t { rfc3339, unix_millis };
enum class DecimalEncoding : std::uint8_t { number, string, bytes };
enum class NullValue : std::uint8_t {
  skip,
  empty,
  error
};  // raw formats: a row whose `value` is null

struct FormatOptions {
  Format format = Format::json;
  TimestampFormat timestamp_format = TimestampFormat::rfc3339;
  DecimalEncoding decimal_encoding = DecimalEncoding::number;
  NullValue null_value = NullValue::skip;
  std::vector<std::string> include_columns;  // empty: all but `exclude_columns`
  std::vector<std::string> exclude_columns = {"_timestamp"};
};

}  // namespace kinesink::format
