// raw_string and raw_bytes: a record is the bytes of the column `value`, as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columnar/column.h"
#include "format/options.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
class RawPlan {
 public:
  static Result<RawPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  Result<void> bind(const columnar::Batch& batch);

  // As ArrowSerializer says.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  Error error() const;

 private:
  std::size_t index_ = 0;
  std::size_t batch_width_ = 0;
  NullValue null_value_ = NullValue::skip;
  const columnar::Column* column_ = nullptr;
  std::int64_t failed_row_ = -1;
  std::vector<std::string> notes_;
};

}  // namespace kinesink::format
