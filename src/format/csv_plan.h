// CSV: one line per row, without its end; cells in the order of the columns. docs/formats/csv.md
// has the text of each type.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "format/csv_writer.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
class CsvPlan {
 public:
  static Result<CsvPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  // Options that contradict each other, or that no text of CSV can be written by.
  static Result<void> check(const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  // As ArrowSerializer says.
  std::vector<std::string> describe() const;
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
  Error error() const;

 private:
  static constexpr std::uint64_t kBlockRows = 64;

  CsvPlan(std::unique_ptr<const CsvRules> rules, WriteMembers write_members)
      : rules_(std::move(rules)), writer_(*rules_, nullptr, write_members) {}
  void start_block(std::int64_t row);
  std::int64_t bound_of(std::int64_t begin, std::int64_t end) const;
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.row(cells_, row, reinterpret_cast<char*>(begin));
    if (end == nullptr) [[unlikely]]
      return fail(row, begin, writer_.failure());
    return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
  }
  RowResult write_near_limit(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult fail(std::int64_t row, std::uint8_t* begin, const RowFailure& failure);

  std::unique_ptr<const CsvRules> rules_;  // where writer_ finds them when the plan has moved
  CsvWriter<false> writer_;
  std::vector<JsonStep> cells_;
  std::vector<int> columns_;  // index in the batch of each cell
  std::size_t batch_width_ = 0;
  std::int64_t batch_length_ = 0;
  std::int64_t block_begin_ = 0;
  std::int64_t block_bound_ = 0;
  RowFailure failure_;
  std::int64_t failed_row_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace kinesink::format
