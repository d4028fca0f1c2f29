#include "columnar/scattered.h"

#include <algorithm>

namespace kinesink::columnar {
namespace {

// Grows `range` to hold [begin, end).
void include(Column::Range& range, std::int64_t begin, std::int64_t end) {
  if (begin == end) return;
  if (range.begin == range.end) {
    range = {begin, end};
  } else {
    range = {std::min(range.begin, begin), std::max(range.end, end)};
  }
}

// What the child has, which is itself checked later.
std::int64_t length_of(const ArrowArray& child) { return std::max<std::int64_t>(child.length, 0); }

Result<void> check_dense_offset(const Source& source, const Column& column, std::int64_t row,
                                UnionRanges& ranges) {
  const auto child = static_cast<std::size_t>(column.union_child(row));
  const std::int64_t at = column.union_row(row);
  if (at >= 0 && at < length_of(*source.array.children[child])) {
    include(ranges[child], at, at + 1);
    return {};
  }
  if (!is_live(source.scope, row)) return {};
  return source.error_at(row, "An offset of the union lies outside its member.");
}

// A run end as it stands in the buffer, counted from the start of the whole array. Not by
// Column::run_end(), which may subtract from what was checked only.
std::int64_t end_of(const Column& column, std::int64_t run) {
  switch (column.field->index_type) {
    case TypeId::int16:
      return load<std::int16_t>(column.values, run);
    case TypeId::int64:
      return load<std::int64_t>(column.values, run);
    default:
      return load<std::int32_t>(column.values, run);
  }
}

// Number of runs that end at or before an element, if run ends rise.
std::int64_t runs_before(const Column& column, std::int64_t element, std::int64_t runs) {
  std::int64_t low = 0;
  std::int64_t high = runs;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (end_of(column, middle) <= element) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

template <typename Offset>
Result<Column::Range> bind_list_views(const Source& source, Column& column) {
  Column::Range used{0, 0};
  const Slice& slice = source.slice;
  if (slice.empty()) return used;
  column.offsets = source.array.buffers[1];
  if (column.offsets == nullptr) return source.error("The array lacks its offsets buffer.");
  if (source.array.buffers[2] == nullptr) return source.error("The array lacks its sizes buffer.");
  column.values = source.array.buffers[2];
  const std::int64_t items = length_of(*source.array.children[0]);
  for (std::int64_t row = slice.begin; row < slice.end; ++row) {
    if (column.is_null(row)) continue;
    const std::int64_t begin = load<Offset>(column.offsets, column.offset + row);
    const std::int64_t size = load<Offset>(column.values, column.offset + row);
    if (begin >= 0 && size >= 0 && begin <= items && size <= items - begin) {
      include(used, begin, begin + size);
    } else if (is_live(source.scope, row)) {
      return source.error_at(row, "A list view lies outside its items.");
    }
  }
  return used;
}

template Result<Column::Range> bind_list_views<std::int32_t>(const Source&, Column&);
template Result<Column::Range> bind_list_views<std::int64_t>(const Source&, Column&);

Result<void> bind_union(const Source& source, Column& column, UnionRanges& ranges) {
  ranges.fill({0, 0});
  const Slice& slice = source.slice;
  if (slice.empty()) return {};
  const bool is_dense = source.field.type == TypeId::dense_union;
  if (source.array.buffers[0] == nullptr) return source.error("The union lacks its type ids.");
  column.values = source.array.buffers[0];
  if (is_dense) {
    column.offsets = source.array.buffers[1];
    if (column.offsets == nullptr) return source.error("The array lacks its offsets buffer.");
  }
  for (std::int64_t row = slice.begin; row < slice.end; ++row) {
    if (column.union_child(row) < 0) {
      if (!is_live(source.scope, row)) continue;
      return source.error_at(row, "A type id of the union is none of its members'.");
    }
    if (is_dense) KINESINK_TRY(check_dense_offset(source, column, row, ranges));
  }
  return {};
}

Result<Column::Range> bind_runs(const Source& source, Column& column) {
  // The run ends are checked as a field of their own that the schema does not keep.
  Field field;
  field.name = "run_ends";
  field.type = source.field.index_type;
  const Scope scope{source.scope, &column, 0, {}};
  const ArrowArray& array = *source.array.children[0];
  const std::int64_t count = length_of(array);
  Column ends;
  const Source inner{field, array, {0, 0, count}, &scope};
  KINESINK_TRY(bind_frame(inner, ends));
  if (ends.validity != nullptr) return source.error("A run end is null.");
  if (source.slice.empty()) return Column::Range{0, 0};
  KINESINK_TRY(bind_values(inner, ends));
  const std::int64_t width = field.type == TypeId::int16 ? 2 : field.type == TypeId::int32 ? 4 : 8;
  column.values = static_cast<const std::uint8_t*>(ends.values) + ends.offset * width;
  const std::int64_t first = column.offset + source.slice.begin;
  const std::int64_t last = column.offset + source.slice.end;
  const std::int64_t begin = runs_before(column, first, count);
  std::int64_t end = begin;
  std::int64_t covered = begin > 0 ? end_of(column, begin - 1) : 0;
  if (covered > first) return source.error("The run ends of the array do not rise.");
  for (; end < count && covered < last; ++end) {
    const std::int64_t next = end_of(column, end);
    if (next <= covered) return source.error("The run ends of the array do not rise.");
    covered = next;
  }
  if (covered < last) {
    return source.error("The runs of the array hold " + std::to_string(covered) +
                        " elements where " + std::to_string(last) + " are needed.");
  }
  return Column::Range{begin, end};
}

}  // namespace kinesink::columnar
