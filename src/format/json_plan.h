// JSON: one object per row, keys in the order of the columns, no white space. docs/formats/json.md
// has the text of each type.
#pragma once

#include <cstdint>

#include "format/block_plan.h"
#include "format/json_kernel.h"
#include "format/json_step.h"
#include "format/json_writer.h"

namespace kinesink::format {

// The error of a row, with its column.
Error row_error(const RowFailure& failure, std::int64_t row);

// One thread. Bound to one batch at a time.
class JsonPlan : public BlockPlan<JsonPlan, JsonStep, RowFailure> {
 public:
  static Result<JsonPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  Error error() const { return row_error(failure(), failed_row()); }

 private:
  friend BlockPlan;
  JsonPlan(WriteMembers write_members, bool omits_nulls)
      : writer_(nullptr, write_members), omits_nulls_(omits_nulls) {}

  std::int64_t rows_bound(std::int64_t begin, std::int64_t end) const {
    return members_bound(members_, begin, end) + kRowSlack;
  }
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.object(members_, row, reinterpret_cast<char*>(begin));
    return result(end, row, begin, writer_);
  }
  RowResult write_checked(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    RowWriter<true> writer(reinterpret_cast<char*>(limit), nullptr, omits_nulls_);
    char* const end = writer.object(members_, row, reinterpret_cast<char*>(begin));
    return result(end, row, begin, writer);
  }

  RowWriter<false> writer_;
  bool omits_nulls_;
};

}  // namespace kinesink::format
