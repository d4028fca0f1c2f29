// Bounds of values that lie anywhere in the column's children: those of dictionaries, list views,
// unions and runs.
#pragma once

#include <algorithm>
#include <cstdint>

#include "format/step_column.h"

namespace kinesink::format {

// What a sum over rows that may hold the same elements again and again need not exceed: more room
// than this there never is, and with nested list views the sum could take for ever.
inline constexpr std::int64_t kEnoughBound = std::int64_t{1} << 30;

// Of the row's value without what stands around it. Where rows are null, or under a null parent,
// indices, type ids and offsets may be anything. `each_element`: as scattered_bound_of() says.
template <typename Step>
std::int64_t scattered_value_bound(const Step& step, std::int64_t row, std::int64_t each_element) {
  const Step* values = step.children.data();
  std::int64_t at = 0;
  switch (step.type) {
    case columnar::TypeId::list_view:
    case columnar::TypeId::large_list_view: {
      if (step.is_null(row)) return 0;
      const auto [first, last] = step.column->safe_range(row);
      return (last - first) * each_element + values->bound_of(first, last);
    }
    case columnar::TypeId::sparse_union:
    case columnar::TypeId::dense_union: {
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

// Of rows [begin, end) together; kEnoughBound or more says no more than that. `each`: bytes of a
// row besides its value; `each_element`: of a list's element besides it.
template <typename Step>
std::int64_t scattered_bound_of(const Step& step, std::int64_t begin, std::int64_t end,
                                std::int64_t each, std::int64_t each_element = 0) {
  std::int64_t sum = (end - begin) * each;
  if (step.type != columnar::TypeId::run_end_encoded) {
    for (std::int64_t row = begin; row < end && sum < kEnoughBound; ++row)
      sum += scattered_value_bound(step, row, each_element);
    return sum;
  }
  for (std::int64_t row = begin, run = step.column->run_of(begin); row < end; ++run) {
    const std::int64_t next = std::min(step.column->run_end(run), end);
    const std::int64_t one = step.children[0].bound_of(run, run + 1);
    if (one >= kEnoughBound || sum >= kEnoughBound) return kEnoughBound;
    sum += (next - row) * one;
    row = next;
  }
  return sum;
}

}  // namespace kinesink::format
