// FormatOptions: what can be chosen about the payload of a record. docs/formats.md has each format;
// names, defaults and meanings stand in docs/options.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kinesink/choices.h"

namespace kinesink {

// Which instructions rows are written with; the payload is the same. For tests and measurements:
// the best is chosen by itself.
enum class Kernel : std::uint8_t { automatic, portable, avx2 };

struct FormatOptions {
  Format format = Format::json;
  TimestampFormat timestamp_format = TimestampFormat::rfc3339;
  DecimalEncoding decimal_encoding = DecimalEncoding::number;
  NullValue null_value = NullValue::skip;
  std::vector<std::string> include_columns = {};  // empty: all but `exclude_columns`
  std::vector<std::string> exclude_columns = {"_timestamp"};
  Kernel kernel = Kernel::automatic;
};

}  // namespace kinesink
