// What a JSON plan does with one column or nested value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/column.h"
#include "columnar/text.h"
#include "format/options.h"
#include "format/step_column.h"
#include "format/timezone.h"

namespace kinesink::format {

enum class StepKind : std::uint8_t {
  null,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  decimal,        // JsonStep::decimal_encoding
  utf8,           // 32-bit offsets
  large_utf8,     // 64-bit offsets
  bytes_as_text,  // views
  bytes_as_json,  // JSON text of any layout
  bytes_as_base64,
  bytes_as_hex,
  date32,
  date64,
  time32,
  time64,
  timestamp,        // naive
  timestamp_zoned,  // JsonStep::zone
  duration,
  list,  // with offsets, or of fixed size
  structure,
  map,
  dictionary,
  bool8,  // int8 that stands for true or false
  uuid,
  interval,  // of any width
  list_view,
  one_of,  // union
  run,     // of a run-end encoded column
  // What only options ask for.
  epoch32,             // of 32 bits, times JsonStep::multiplier
  epoch64,             // times JsonStep::multiplier, or divided by JsonStep::divisor
  time_millis,         // of the day
  timestamp_digits,    // JsonStep::digits; JsonStep::zone, or none
  float_by_policy,     // JsonStep::non_finite
  unsigned_as_signed,  // 64 bits
  bytes_as_base64url,
  map_pairs,  // an array of arrays of key and value
};

// Keys are copied with one store of this size, so that many bytes behind a key may be scribbled on.
inline constexpr std::size_t kKeyStore = 32;

struct JsonStep : StepColumn {
  StepKind kind = StepKind::null;
  columnar::TimeUnit unit = columnar::TimeUnit::second;
  DecimalEncoding decimal_encoding = DecimalEncoding::number;
  std::uint8_t decimal_width = 0;  // bytes
  bool quoted_key = false;         // a map's key whose text is not a JSON string by itself
  std::uint32_t key_size = 0;
  alignas(kKeyStore) std::array<char, kKeyStore> short_key{};  // `,"name":`
  std::string long_key;  // the same, if it is longer than kKeyStore

  std::int64_t max_text = 0;  // of one value; 0: it depends on the value

  columnar::DateText date;    // of the last timestamp
  ZoneSpan span;              // of the last timestamp
  std::int64_t last_run = 0;  // where the search for the next row's run begins
  std::unique_ptr<const TimeZone> zone;
  std::vector<JsonStep> children;  // as Field::children

  std::int32_t precision = 0;
  std::int32_t scale = 0;
  // What options choose.
  std::int64_t multiplier = 1;
  std::int64_t divisor = 1;
  std::int64_t max_json_byte = 1;  // bytes written for one of JSON text; more if it is a string
  columnar::TimeUnit epoch_unit = columnar::TimeUnit::millisecond;
  std::uint8_t digits = 0;
  BinaryEncoding decimal_bytes = BinaryEncoding::base64;
  NonFinite non_finite = NonFinite::null;
  InvalidJson invalid_json = InvalidJson::error;
  bool minimal_decimal = false;  // as few bytes as hold the number
  bool as_days = false;          // the result must fit into 32 bits
  bool bare_word = false;        // inside the quotes of a map's key
  std::string path;              // of the column, for errors

  // Points the step and its children at a column of the same shape.
  Result<void> bind(const columnar::Column& bound);
  // At least the size of the texts of rows [begin, end) together, without their keys; or more than
  // any room there is.
  std::int64_t bound_of(std::int64_t begin, std::int64_t end) const;
};

// `null`; also the quotes or brackets around nothing.
inline constexpr std::int64_t kMaxEmpty = 4;
// bound_of() dictionaries, list views, unions and runs; apart, so that the others stay small.
std::int64_t scattered_bound(const JsonStep& step, std::int64_t begin, std::int64_t end);

// The key of a member as JSON text, with its quotes.
inline std::string_view key_of(const JsonStep& step) {
  const std::string_view key = step.key_size > kKeyStore
                                   ? std::string_view(step.long_key)
                                   : std::string_view(step.short_key.data(), step.key_size);
  return key.substr(1, key.size() - 2);
}

// Why a row cannot be expressed.
struct RowFailure {
  enum class Reason : std::uint8_t {
    none,
    temporal_range,
    epoch_range,
    day_range,
    signed_range,
    not_finite,
    decimal_precision,
    invalid_json,
    null_key,
  };
  const JsonStep* step = nullptr;
  Reason reason = Reason::none;
};

// The steps of an object with these fields. `path`: of the object, empty at the top. Errors name
// the column.
Result<std::vector<JsonStep>> make_members(const std::vector<const columnar::Field*>& fields,
                                           const std::string& path, const FormatOptions& options);
// Sum of the bounds of the members of objects [begin, end), keys and braces included.
std::int64_t members_bound(const std::vector<JsonStep>& members, std::int64_t begin,
                           std::int64_t end);

}  // namespace kinesink::format
