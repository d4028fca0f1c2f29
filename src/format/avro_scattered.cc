// Bounds of values that lie anywhere: dictionaries, list views, unions, runs.
#include <algorithm>

#include "format/avro_bytes.h"
#include "format/avro_step.h"

namespace kinesink::format {
namespace {

// What a sum over rows that may hold the same elements again and again need not exceed: more room
// than this there never is, and with nested list views the sum could take for ever.
constexpr std::int64_t kEnough = std::int64_t{1} << 30;

// Of one row. Where rows are null, or under a null parent, it may be anything.
std::int64_t row_bound(const AvroStep& step, std::int64_t row) {
  const AvroStep* values = step.children.data();
  std::int64_t at = 0;
  switch (step.kind) {
    case AvroStepKind::list: {
      if (step.is_null(row)) return 0;
      const auto [first, last] = step.column->safe_range(row);
      return kMaxVarint + 1 + values->bound_of(first, last);
    }
    case AvroStepKind::one_of: {
      const int child = step.column->union_child(row);
      if (child < 0) return 0;
      values += child;
      at = step.column->union_row(row);
      break;
    }
    default:
      at = step.column->dictionary_index(row);
  }
  if (values->column == nullptr || at < values->column->first || at >= values->column->length)
    return 0;
  return values->bound_of(at, at + 1);
}

std::int64_t run_bound(const AvroStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = 0;
  for (std::int64_t row = begin, run = step.column->run_of(begin); row < end; ++run) {
    const std::int64_t next = std::min(step.column->run_end(run), end);
    const std::int64_t one = kMaxBranch + step.children[0].bound_of(run, run + 1);
    if (one > kEnough || sum > kEnough) return kEnough;
    sum += (next - row) * one;
    row = next;
  }
  return sum;
}

}  // namespace

std::int64_t scattered_bound(const AvroStep& step, std::int64_t begin, std::int64_t end) {
  if (step.kind == AvroStepKind::runs) return run_bound(step, begin, end);
  std::int64_t sum = (end - begin) * kMaxBranch;
  for (std::int64_t row = begin; row < end && sum < kEnough; ++row) sum += row_bound(step, row);
  return sum;
}

}  // namespace kinesink::format
