// One foreign array on its way to a Column: the checks that all types share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "columnar/scope.h"

namespace kinesink::columnar {

// Rows [begin, end) of an array, counted from `base` after the array's own offset.
struct Slice {
  std::int64_t base = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool empty() const { return begin == end; }
};

// One array to be bound: what it should be, what there is, and where it stands.
struct Source {
  const Field& field;
  const ArrowArray& array;
  Slice slice;
  const Scope* scope;
  bool is_entries = false;  // the struct that a map (`field`) keeps its keys and values in

  TypeId type() const { return is_entries ? TypeId::structure : field.type; }

  Error error(std::string message) const { return column_error(scope, field, std::move(message)); }
  Error error_at(std::int64_t row, std::string message) const {
    return row_error(scope, field, row, std::move(message));
  }
};

// Checks the counts and pointers that every array has, and points `column` at the slice, without
// its values: these are then a few readable zeros.
Result<void> bind_frame(const Source& source, Column& column);

// The second buffer of whatever has fixed-width elements.
Result<void> bind_values(const Source& source, Column& column);

// Offsets of strings, binaries, lists and maps: not negative, never falling. Returns the range of
// bytes or elements that the slice uses.
template <typename Offset>
Result<Column::Range> bind_offsets(const Source& source, Column& column) {
  const Slice& slice = source.slice;
  if (slice.empty()) return Column::Range{0, 0};
  column.offsets = source.array.buffers[1];
  if (column.offsets == nullptr) return source.error("The array lacks its offsets buffer.");
  const auto* base = static_cast<const std::uint8_t*>(column.offsets) +
                     (column.offset + slice.begin) * static_cast<std::int64_t>(sizeof(Offset));
  const std::int64_t count = slice.end - slice.begin;
  const Offset first = load<Offset>(base, 0);
  if (first < 0) return source.error_at(slice.begin, "An offset of the array is negative.");
  bool falls = false;
  for (std::int64_t i = 0; i < count; ++i) {
    falls |= load<Offset>(base, i + 1) < load<Offset>(base, i);
  }
  if (falls) {
    std::int64_t row = 0;
    while (load<Offset>(base, row + 1) >= load<Offset>(base, row)) ++row;
    return source.error_at(slice.begin + row, "The offsets of the array fall.");
  }
  return Column::Range{first, load<Offset>(base, count)};
}

}  // namespace kinesink::columnar
