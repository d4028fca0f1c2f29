#include "cli/row_map.h"

#include <algorithm>

namespace kinesink::cli {

void add_range(RowRanges& ranges, RowRange range) {
  if (range.begin >= range.end) return;
  auto first = std::ranges::lower_bound(ranges, range.begin, {}, &RowRange::end);
  auto last = first;
  for (; last != ranges.end() && last->begin <= range.end; ++last) {
    range.begin = std::min(range.begin, last->begin);
    range.end = std::max(range.end, last->end);
  }
  first = ranges.erase(first, last);
  ranges.insert(first, range);
}

RowRanges without(RowRange whole, const RowRanges& ranges) {
  RowRanges left;
  for (auto range = std::ranges::upper_bound(ranges, whole.begin, {}, &RowRange::end);
       range != ranges.end() && range->begin < whole.end; ++range) {
    if (whole.begin < range->begin) left.push_back({whole.begin, range->begin});
    whole.begin = std::max(whole.begin, range->end);
  }
  if (whole.begin < whole.end) left.push_back(whole);
  return left;
}

void RowMap::add(std::size_t input, std::int64_t row, std::int64_t count) {
  if (count == 0) return;
  const std::lock_guard lock(mutex_);
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (last.from.input == input && last.from.row + last.count == row) {
      last.count += count;
      return;
    }
  }
  const std::int64_t sequence = runs_.empty() ? 0 : runs_.back().sequence + runs_.back().count;
  runs_.push_back({sequence, count, {input, row}});
}

std::optional<RowMap::Place> RowMap::find(std::int64_t sequence) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::ranges::upper_bound(runs_, sequence, {}, &Run::sequence);
  if (after == runs_.begin()) return std::nullopt;
  const Run& run = *std::prev(after);
  if (sequence >= run.sequence + run.count) return std::nullopt;
  return Place{run.from.input, run.from.row + (sequence - run.sequence)};
}

void RowMap::settle(std::span<const RowRange> settled, std::vector<RowRanges>& inputs) const {
  const std::lock_guard lock(mutex_);
  auto run = runs_.begin();
  for (const RowRange& range : settled) {
    while (run != runs_.end() && run->sequence + run->count <= range.begin) ++run;
    for (auto at = run; at != runs_.end() && at->sequence < range.end; ++at) {
      const std::int64_t begin = std::max(range.begin, at->sequence);
      const std::int64_t end = std::min(range.end, at->sequence + at->count);
      const std::int64_t shift = at->from.row - at->sequence;
      add_range(inputs[at->from.input], {begin + shift, end + shift});
    }
  }
}

}  // namespace kinesink::cli
