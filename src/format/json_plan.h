// JSON: one object per row, keys in the order of the columns, no white space. docs/formats/json.md
// has the text of each type.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "format/json_kernel.h"
#include "format/json_step.h"
#include "format/json_writer.h"
#include "format/row_result.h"

namespace kinesink::format {

// The error of a row, with its column.
Error row_error(const RowFailure& failure, std::int64_t row);

// One thread. Bound to one batch at a time.
class JsonPlan {
 public:
  static Result<JsonPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  Result<void> bind(const columnar::Batch& batch);

  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    // Room is asked for once per block of rows: what holds for all of its rows together holds for
    // each.
    if (static_cast<std::uint64_t>(row - block_begin_) >= kBlockRows) [[unlikely]]
      start_block(row);
    if (limit - begin < block_bound_) [[unlikely]]
      return write_near_limit(row, begin, limit);
    return write_unchecked(row, begin);
  }
  Error error() const { return row_error(failure_, failed_row_); }

  // What a row is made of: the steps, and the column of the batch that each one writes.
  std::span<const JsonStep> members() const { return members_; }
  std::span<JsonStep> members() { return members_; }
  std::span<const int> columns() const { return columns_; }

 private:
  static constexpr std::uint64_t kBlockRows = 64;

  void start_block(std::int64_t row);
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.object(members_, row, reinterpret_cast<char*>(begin));
    if (end == nullptr) [[unlikely]]
      return fail(row, begin, writer_.failure());
    return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
  }
  RowResult write_near_limit(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult fail(std::int64_t row, std::uint8_t* begin, const RowFailure& failure);
  JsonPlan(WriteMembers write_members, bool omits_nulls)
      : writer_(nullptr, write_members), omits_nulls_(omits_nulls) {}

  RowWriter<false> writer_;
  bool omits_nulls_;
  std::vector<JsonStep> members_;
  std::vector<int> columns_;  // index in the batch of each member
  std::size_t batch_width_ = 0;
  std::int64_t batch_length_ = 0;
  std::int64_t block_begin_ = 0;
  std::int64_t block_bound_ = 0;
  RowFailure failure_;
  std::int64_t failed_row_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace kinesink::format
