// The datums of a block of rows, made column by column: what a column asks for (its type, whether
// it has nulls, where it lies) is asked once for 64 rows, and the rows do not wait for each other.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "format/avro_step.h"

namespace kinesink::format {

class AvroBlock {
 public:
  static constexpr std::int64_t kRows = 64;
  // Blocks of larger rows are not made: their rows are written one by one where they belong.
  static constexpr std::int64_t kMaxBytes = 256 * kKiB;
  // Readable bytes behind every datum.
  static constexpr std::size_t kSlack = 64;

  // Makes the datums of rows [first, last), kRows at most, whose bound is `bound`.
  void make(const std::vector<AvroStep>& fields, std::int64_t first, std::int64_t last,
            std::int64_t bound);
  // Of a row of the block, counted from its first; valid until the next make(). No data: the row
  // cannot be expressed.
  std::string_view datum(std::size_t row) const {
    return {reinterpret_cast<const char*>(begins_[row]),
            static_cast<std::size_t>(ends_[row] - begins_[row])};
  }

 private:
  void place(const std::vector<AvroStep>& fields, std::int64_t first, std::size_t rows);
  void column(const AvroStep& step, std::int64_t first, std::size_t rows);
  void other(const AvroStep& step, std::int64_t first, std::size_t rows);
  template <typename Write>
  void values(const AvroStep& step, std::int64_t first, std::size_t rows, Write write);

  std::vector<std::uint8_t> bytes_;
  std::array<const std::uint8_t*, kRows> begins_{};
  std::array<std::uint8_t*, kRows> ends_{};  // while the block is made: where the next value goes
  std::array<bool, kRows> has_failed_{};
};

}  // namespace kinesink::format
