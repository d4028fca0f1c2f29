// Values of types that rows seldom hold, and the bounds of their texts.
#include <algorithm>

#include "format/json_writer.h"

namespace kinesink::format {
namespace {

// Indices of null rows, and of rows under a null parent, may lie anywhere.
std::int64_t dictionary_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  const JsonStep& values = step.children[0];
  std::int64_t sum = (end - begin) * kMaxEmpty;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t index = step.column->dictionary_index(row);
    if (index < 0 || index >= values.column->length) continue;
    sum += values.bound_of(index, index + 1);
  }
  return sum;
}

// What a sum over rows that may hold the same elements again and again need not exceed: more room
// than this there never is, and with nested list views the sum could take for ever.
constexpr std::int64_t kEnough = std::int64_t{1} << 30;

std::int64_t list_view_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = (end - begin) * kMaxEmpty;
  for (std::int64_t row = begin; row < end && sum < kEnough; ++row) {
    if (step.is_null(row)) continue;
    const auto [first, last] = step.column->safe_range(row);
    sum += (last - first) + step.children[0].bound_of(first, last);
  }
  return sum;
}

// Under a null parent type ids and offsets may be anything.
std::int64_t union_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = (end - begin) * kMaxEmpty;
  for (std::int64_t row = begin; row < end && sum < kEnough; ++row) {
    const int child = step.column->union_child(row);
    if (child < 0) continue;
    const JsonStep& member = step.children[static_cast<std::size_t>(child)];
    const std::int64_t at = step.column->union_row(row);
    if (at < member.column->first || at >= member.column->length) continue;
    sum += member.bound_of(at, at + 1);
  }
  return sum;
}

std::int64_t run_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = 0;
  for (std::int64_t row = begin, run = step.column->run_of(begin); row < end; ++run) {
    const std::int64_t next = std::min(step.column->run_end(run), end);
    const std::int64_t one = step.children[0].bound_of(run, run + 1);
    if (one > kEnough || sum > kEnough) return kEnough;
    sum += (next - row) * one;
    row = next;
  }
  return sum;
}

}  // namespace

std::int64_t scattered_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  switch (step.kind) {
    case StepKind::dictionary:
      return dictionary_bound(step, begin, end);
    case StepKind::list_view:
      return list_view_bound(step, begin, end);
    case StepKind::one_of:
      return union_bound(step, begin, end);
    default:
      return run_bound(step, begin, end);
  }
}

template <bool kChecked>
char* RowWriter<kChecked>::rare(JsonStep& step, std::int64_t row, char* out) {
  const columnar::Column* const column = step.column;
  switch (step.kind) {
    case StepKind::bool8:
      return column->value<std::int8_t>(row) != 0 ? copy("true", 4, out) : copy("false", 5, out);
    case StepKind::uuid:
      return temporal(step, out, [&](char* at) {
        return columnar::write_uuid(column->fixed_bytes(row).data(), at);
      });
    case StepKind::interval:
      return temporal(
          step, out, [&](char* at) { return columnar::write_interval(column->interval(row), at); });
    case StepKind::list_view:
      return list(step, row, out);
    case StepKind::one_of: {
      const auto child = static_cast<std::size_t>(column->union_child(row));
      return value(step.children[child], column->union_row(row), out);
    }
    case StepKind::run:
      step.last_run = column->run_of(row, step.last_run);
      return value(step.children[0], step.last_run, out);
    default:
      return chosen(step, row, out);
  }
}

template char* RowWriter<false>::rare(JsonStep&, std::int64_t, char*);
template char* RowWriter<true>::rare(JsonStep&, std::int64_t, char*);

}  // namespace kinesink::format
