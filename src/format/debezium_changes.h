// Rows of an updating stream as changes: each row says by `_updating_meta` which row of a table it
// is (id), and whether it takes an earlier state back (is_retract). The rows of one batch that have
// one id are one change: from the state that the first takes back to the one that the last brings.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "columnar/column.h"

namespace kinesink::format {

inline constexpr std::string_view kUpdatingMeta = "_updating_meta";

struct Change {
  // create: the first and the last row bring a state. remove: both take one back. update: the first
  // takes one back, the last brings one. nothing: created and taken back within the batch.
  enum class Op : std::uint8_t { create, update, remove, nothing };

  std::int64_t first = 0;  // rows of the batch
  std::int64_t last = 0;
  Op op = Op::create;
};

// One thread. Bound to one batch at a time.
class DebeziumChanges {
 public:
  // Finds `_updating_meta` in a schema: a struct of is_retract (boolean) and id (binary or text of
  // any layout). Refuses one of another shape. Without one, every row is a create.
  static Result<DebeziumChanges> make(const columnar::Schema& schema);

  bool is_updating() const { return column_ >= 0; }
  // Groups the rows of a batch; resource: there is no memory for that.
  Result<void> bind(const columnar::Batch& batch);

  // The change that a row belongs to; nullptr: its `_updating_meta` is null. Only if is_updating().
  const Change* change_of(std::int64_t row) const {
    const std::int64_t index = change_of_row_[static_cast<std::size_t>(row)];
    return index < 0 ? nullptr : &changes_[static_cast<std::size_t>(index)];
  }
  // Rows with the same id in a batch, oldest first, form a chain.
  std::int64_t next_of(std::int64_t row) const { return next_[static_cast<std::size_t>(row)]; }

 private:
  void group(const columnar::Column& meta, std::int64_t rows);

  int column_ = -1;             // in the schema
  std::size_t is_retract_ = 0;  // children of the column
  std::size_t id_ = 0;
  std::vector<Change> changes_;
  std::vector<std::int64_t> change_of_row_;
  std::vector<std::int64_t> next_;  // -1: the last
  std::unordered_map<std::string_view, std::int64_t> by_id_;
};

}  // namespace kinesink::format
