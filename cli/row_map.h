// Which row of which input a sink's row is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "kinesink/stats.h"

namespace kinesink::cli {

// Ascending, disjoint ranges.
using RowRanges = std::vector<RowRange>;

// Adds [range.begin, range.end), which may touch or overlap what is there.
void add_range(RowRanges& ranges, RowRange range);
// The parts of `whole` that are in none of `ranges`.
RowRanges without(RowRange whole, const RowRanges& ranges);

// Rows are given to the sink in runs of consecutive rows of one input. Thread-safe: the writer
// adds, the sink's I/O thread and the keeper of the state ask.
class RowMap {
 public:
  struct Place {
    std::size_t input = 0;
    std::int64_t row = 0;
  };

  // The sink's next `count` rows are rows [row, row + count) of that input.
  void add(std::size_t input, std::int64_t row, std::int64_t count);
  std::optional<Place> find(std::int64_t sequence) const;
  // Adds the sink's rows `settled` to the rows of each input.
  void settle(std::span<const RowRange> settled, std::vector<RowRanges>& inputs) const;

 private:
  struct Run {
    std::int64_t sequence = 0;
    std::int64_t count = 0;
    Place from;
  };
  mutable std::mutex mutex_;
  std::vector<Run> runs_;  // ascending by sequence, without gaps
};

}  // namespace kinesink::cli
