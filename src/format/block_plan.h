// What plans share that have a step for each column: which columns they are, and the question for
// room, which is asked once for a block of rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "columnar/column.h"
#include "format/projection.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time. `Plan`, which derives from this, has
//   std::int64_t rows_bound(begin, end) const;  // bytes that write_unchecked() needs for the rows
//   RowResult write_unchecked(row, begin);
//   RowResult write_checked(row, begin, limit);  // stops where the room ends
// Failure: why a row was not written; without a step it was for want of room.
template <typename Plan, typename Step, typename Failure>
class BlockPlan {
 public:
  const std::vector<std::string>& notes() const { return notes_; }

  Result<void> bind(const columnar::Batch& batch) {
    batch_length_ = 0;
    block_begin_ = 0;
    block_bound_ = 0;
    if (batch.columns.size() != batch_width_) {
      return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    }
    for (std::size_t i = 0; i < members_.size(); ++i) {
      KINESINK_TRY(members_[i].bind(batch.columns[static_cast<std::size_t>(columns_[i])]));
    }
    batch_length_ = batch.length;
    if (batch_length_ > 0) start_block(0);
    return {};
  }

  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    // What holds for all rows of a block together holds for each.
    if (static_cast<std::uint64_t>(row - block_begin_) >= kBlockRows) [[unlikely]]
      start_block(row);
    if (limit - begin < block_bound_) [[unlikely]]
      return write_near_limit(row, begin, limit);
    return plan().write_unchecked(row, begin);
  }

  // What a row is made of: the steps, and the column of the batch that each one writes.
  std::span<const Step> members() const { return members_; }
  std::span<Step> members() { return members_; }
  std::span<const int> columns() const { return columns_; }

 protected:
  void take(const columnar::Schema& schema, std::vector<Step> members, Projection projection) {
    members_ = std::move(members);
    columns_ = std::move(projection.columns);
    notes_ = std::move(projection.notes);
    batch_width_ = schema.fields.size();
  }
  // `end`: of what the writer wrote; nullptr if it did not write the row.
  template <typename Writer>
  RowResult result(char* end, std::int64_t row, std::uint8_t* begin, const Writer& writer) {
    if (end != nullptr) [[likely]]
      return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
    const Failure& failure = writer.failure();
    if (failure.step == nullptr) return {RowStatus::no_room, begin};
    failure_ = failure;
    failed_row_ = row;
    return {RowStatus::invalid, begin};
  }
  // A text for each column of the batch; empty if it is left out.
  template <typename TextOf>
  std::vector<std::string> texts_of(TextOf text_of) const {
    std::vector<std::string> texts(batch_width_);
    for (std::size_t i = 0; i < members_.size(); ++i)
      texts[static_cast<std::size_t>(columns_[i])] = text_of(members_[i]);
    return texts;
  }
  const Failure& failure() const { return failure_; }  // of the last invalid row
  std::int64_t failed_row() const { return failed_row_; }

  std::vector<Step> members_;
  std::vector<std::string> notes_;

 private:
  static constexpr std::uint64_t kBlockRows = 64;

  Plan& plan() { return static_cast<Plan&>(*this); }
  void start_block(std::int64_t row) {
    const auto end = std::min(batch_length_, row + static_cast<std::int64_t>(kBlockRows));
    block_begin_ = row;
    block_bound_ = plan().rows_bound(row, end);
  }
  RowResult write_near_limit(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    if (limit < begin) return {RowStatus::no_room, begin};
    if (limit - begin >= plan().rows_bound(row, row + 1)) return plan().write_unchecked(row, begin);
    return plan().write_checked(row, begin, limit);
  }

  std::vector<int> columns_;  // index in the batch of each step
  std::size_t batch_width_ = 0;
  std::int64_t batch_length_ = 0;
  std::int64_t block_begin_ = 0;
  std::int64_t block_bound_ = 0;
  Failure failure_;
  std::int64_t failed_row_ = 0;
};

}  // namespace kinesink::format
