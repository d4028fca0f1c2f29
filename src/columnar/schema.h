// A schema as kinesink sees it: owned, checked, independent of the producer's ArrowSchema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kinesink/arrow_c_data.h"
#include "kinesink/result.h"

namespace kinesink::columnar {

enum class TypeId : std::uint8_t {
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
  decimal32,
  decimal64,
  decimal128,
  decimal256,
  utf8,
  large_utf8,
  utf8_view,
  binary,
  large_binary,
  binary_view,
  fixed_size_binary,
  date32,
  date64,
  time32,
  time64,
  timestamp,
  duration,
  interval_months,
  interval_day_time,
  interval_month_day_nano,
  list,
  large_list,
  list_view,
  large_list_view,
  fixed_size_list,
  structure,
  map,
  sparse_union,
  dense_union,
  dictionary,
  run_end_encoded,
};

std::string_view name_of(TypeId type);

enum class TimeUnit : std::uint8_t { second, millisecond, microsecond, nanosecond };

// A value of any interval type. The parts are independent of each other, also in sign.
struct Interval {
  std::int32_t months;
  std::int32_t days;
  std::int64_t nanoseconds;
};

// One column or nested value. What does not belong to the type is left at its default.
struct Field {
  std::string name;
  TypeId type = TypeId::null;
  bool nullable = true;
  TimeUnit unit = TimeUnit::second;  // time32/64, timestamp, duration
  std::string timezone;              // timestamp; empty: naive
  std::int32_t precision = 0;        // decimals
  std::int32_t scale = 0;            // decimals; may be negative
  std::int32_t fixed_size = 0;       // fixed_size_binary: bytes; fixed_size_list: elements
  TypeId index_type =
      TypeId::int32;  // dictionary: of the indices; run_end_encoded: of the run ends
  // unions: the child of each type id, -1 for ids that no child has; ids above the last have none.
  std::vector<std::int8_t> child_of_id;
  std::string extension_name;      // ARROW:extension:name
  std::string extension_metadata;  // ARROW:extension:metadata
  // list: 1 item; structure, union: n; map: key, value; dictionary, run_end_encoded: 1, the values
  std::vector<Field> children;

  friend bool operator==(const Field&, const Field&) = default;
};

struct Schema {
  std::vector<Field> fields;

  // Index of the first field of that name, or -1.
  int index_of(std::string_view name) const;
  friend bool operator==(const Schema&, const Schema&) = default;
};

// Levels of nesting, a top-level column being the first; a dictionary's values are one level deeper
// than its indices.
inline constexpr int kMaxDepth = 64;
// Decimals: the scale lies in [-kMaxDecimalScale, kMaxDecimalScale], which bounds a value's text.
inline constexpr std::int32_t kMaxDecimalScale = 127;

// Reads a struct-typed ArrowSchema (borrowed). Refuses, naming the column's path: malformed format
// strings, missing children, union type ids that two children share, run ends that are not int16,
// int32 or int64, names that are not UTF-8, nesting deeper than kMaxDepth.
Result<Schema> import_schema(const ArrowSchema& schema);

}  // namespace kinesink::columnar
