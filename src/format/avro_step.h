// What an Avro plan does with one column or nested value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "columnar/column.h"
#include "format/avro_schema.h"
#include "format/step_column.h"

namespace kinesink::format {

enum class AvroStepKind : std::uint8_t {
  nothing,   // Avro's null has no bytes
  constant,  // AvroStep::constant: the default of a field without a column
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  scaled,  // integers with a range, a factor and a divisor
  integer_as_float32,
  integer_as_float64,
  integer_as_decimal,
  float16,
  float16_as_float64,
  float32,
  float32_as_float64,
  float64,
  decimal,
  bytes,        // with 32-bit offsets
  large_bytes,  // with 64-bit offsets
  other_bytes,  // views, and fixed sizes as bytes
  fixed,        // bytes without their length
  uuid_as_text,
  text_as_uuid,  // checked, that its readers can read it
  symbol,        // text as an enumeration
  coded_symbol,  // a dictionary of text as an enumeration
  list,          // of any layout
  structure,
  map,
  entries,  // a map as an array of records
  dictionary,
  runs,    // of a run-end encoded column
  one_of,  // a union: each member has its own branch
  bool8,
  interval,
};

// An enumeration's symbols, to be found by text.
struct AvroSymbols {
  std::map<std::string, std::int32_t, std::less<>> places;
  AvroNodeIndex node = 0;
  bool are_open = false;  // the first dictionary that is bound says what they are

  static constexpr std::int32_t kNone = -1;
  static constexpr std::int32_t kNull = -2;
  std::int32_t find(std::string_view text) const {
    const auto found = places.find(text);
    return found == places.end() ? kNone : found->second;
  }
};

// Text is copied in pieces of this size, which may read behind it.
inline constexpr std::size_t kAvroBlock = 32;

struct AvroStep : StepColumn {
  AvroStepKind kind = AvroStepKind::nothing;
  // The branch of a union, as it is written: one byte.
  std::uint8_t has_branch = 0;
  std::uint8_t value_branch = 0;
  std::uint8_t null_branch = 0;
  bool takes_null = false;
  bool is_plain = false;  // no null that there is no branch for
  bool exact = false;     // scaled: what the divisor would round is an error

  std::int64_t padded_rows = 0;  // strings: rows below have kAvroBlock readable bytes behind them

  std::int64_t least = INT64_MIN;  // of the column's own values, as integer() says them
  std::int64_t most = INT64_MAX;
  std::int64_t factor = 1;
  std::int64_t divisor = 1;
  std::uint32_t size = 0;          // of fixed; 0 for decimals: as few bytes as there may be
  std::int32_t digits = 0;         // decimals: that the column may have
  std::int32_t shift = 0;          // decimals: zeros to append
  std::uint8_t width = 0;          // bytes of a decimal
  std::int32_t source = -1;        // the column among those of the record; -1: none
  std::vector<AvroStep> children;  // structure: its fields; list: its item; map: key and value
  std::string constant;
  std::unique_ptr<AvroSymbols> symbols;
  mutable std::int64_t last_run = 0;  // where the search for the next row's run begins
  std::vector<std::int32_t> codes;    // coded_symbol: a symbol for each value of the dictionary
  std::string path;                   // of the column, for errors

  // An integer of any width; a uint64 above the largest int64 is negative.
  std::int64_t integer(std::int64_t row) const;

  // Points the step and its children at a column of the same shape.
  Result<void> bind(const columnar::Column& bound);
  // At least the size of rows [begin, end) together; or more than any room there is.
  std::int64_t bound_of(std::int64_t begin, std::int64_t end) const;
};

// The row of children[0] that holds the value; only for rows that are not null.
inline std::int64_t coded_row(const AvroStep& step, std::int64_t row) {
  if (step.kind == AvroStepKind::dictionary) return step.column->dictionary_index(row);
  step.last_run = step.column->run_of(row, step.last_run);
  return step.last_run;
}

// Why a row cannot be expressed.
struct AvroFailure {
  enum class Reason : std::uint8_t {
    none,
    null,
    range,
    inexact,
    digits,
    size,
    symbol,
    uuid,
    interval,
    null_key,
  };
  const AvroStep* step = nullptr;
  Reason reason = Reason::none;
};

// Points the fields of a record at the columns of a batch or the children of a struct.
Result<void> bind_fields(std::vector<AvroStep>& fields,
                         const std::vector<columnar::Column>& columns);
std::int64_t bound_of_fields(const std::vector<AvroStep>& fields, std::int64_t begin,
                             std::int64_t end);

}  // namespace kinesink::format
