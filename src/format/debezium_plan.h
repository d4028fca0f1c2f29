// debezium_json: a change of a row as {"before":...,"after":...,"op":...}; docs/formats/
// debezium_json.md. Without a column `_updating_meta` every row is a create.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/debezium_changes.h"
#include "format/json_envelope.h"
#include "format/json_plan.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time. The first row of a change writes its record, the others
// are skipped; so are all rows of one that comes to nothing.
class DebeziumPlan {
 public:
  static Result<DebeziumPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  Result<void> bind(const columnar::Batch& batch);
  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  Error error() const;
  std::span<const JsonStep> members() const { return rows_.members(); }
  std::span<const int> columns() const { return rows_.columns(); }

 private:
  enum class Failure : std::uint8_t { of_row, no_meta, ts_ms_range };

  DebeziumPlan(JsonPlan rows, DebeziumChanges changes)
      : rows_(std::move(rows)), changes_(std::move(changes)) {}
  Result<void> set_ts_ms(const columnar::Schema& schema, const FormatOptions& options);
  Result<void> set_texts(const columnar::Schema& schema, const FormatOptions& options);

  RowResult write(const Change& change, std::uint8_t* begin, std::uint8_t* limit);
  // What stands behind `after`; false: a timestamp does not fit, and failure_ says which.
  bool write_end(const Change& change, std::string& end);
  bool ts_ms_of(const Change& change, std::string& text);
  RowResult fail(std::int64_t row, std::uint8_t* begin, Failure failure) {
    failure_ = failure;
    failed_row_ = row;
    return {RowStatus::invalid, begin};
  }

  JsonPlan rows_;
  DebeziumChanges changes_;
  int ts_ms_column_ = -1;  // in the schema; -1: there is no ts_ms
  std::int64_t ts_ms_multiplier_ = 1;
  std::int64_t ts_ms_divisor_ = 1;
  const columnar::Column* ts_ms_ = nullptr;
  std::string begin_;                // to the state before
  std::array<std::string, 3> ends_;  // by Change::Op: from the state after on, to ts_ms
  std::string close_;                // behind ts_ms
  std::string end_;                  // of the row at hand; kept for its memory
  std::string ts_ms_name_;
  Failure failure_ = Failure::of_row;
  std::int64_t failed_row_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace kinesink::format
