// Typed views of one borrowed batch. No copy: pointers into the producer's buffers, valid while the
// batch is.
//
// Row i of a column lives at element `offset + i` of its buffers: every accessor adds the offset
// itself. Buffers need not be aligned: values are loaded with memcpy.
//
// Three layouts say where a value is instead of holding it; all of them nest, so whoever wants the
// value follows them in a loop, asking each column on the way whether it is null:
//
//   dictionary       children[0], row dictionary_index(row)
//   run_end_encoded  children[0], row run_of(row); never null itself
//   unions           children[union_child(row)], row union_row(row); never null itself
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "columnar/schema.h"

namespace kinesink::columnar {

// Loads a T from storage that may be unaligned.
template <typename T>
inline T load(const void* base, std::int64_t index) {
  T value;
  std::memcpy(&value,
              static_cast<const std::uint8_t*>(base) + index * static_cast<std::int64_t>(sizeof(T)),
              sizeof(T));
  return value;
}

// A string view or binary view element: 16 bytes. Up to 12 bytes stand in the element itself;
// longer ones name a data buffer
// (https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout).
struct ViewElement {
  static constexpr std::int32_t kMaxInline = 12;
  std::int32_t size;
  char prefix[4];
  std::int32_t buffer;
  std::int32_t offset;
};
static_assert(sizeof(ViewElement) == 16);

// An element of an interval_day_time; an interval_month_day_nano's is an Interval.
struct DayTime {
  std::int32_t days;
  std::int32_t milliseconds;
};
static_assert(sizeof(DayTime) == 8 && sizeof(Interval) == 16);

struct Column {
  const Field* field = nullptr;
  std::int64_t first = 0;  // rows [first, length) are in use and have been checked
  std::int64_t length = 0;
  std::int64_t offset = 0;
  const std::uint8_t* validity = nullptr;  // bit per element; nullptr: no nulls
  // Fixed-width values; string and binary bytes; view elements; dictionary indices; sizes of list
  // views; type ids of unions; run ends, the first run's first.
  const void* values = nullptr;
  // Of strings, binaries, lists and maps, 32 or 64 bits; of list views and dense unions.
  const void* offsets = nullptr;
  std::span<const void* const> variadic;  // string/binary views: the data buffers
  // As Field::children. Rows of the children of a struct or a sparse union are those of the column;
  // rows of a list's item and of a map's key and value are what range() returns; rows of a
  // dictionary's values are what dictionary_index() returns, rows of a dense union's children what
  // union_row() does, rows of a run-end encoded column's values what run_of() does. Values of these
  // three may themselves be null.
  std::vector<Column> children;

  bool is_null(std::int64_t row) const {
    if (field->type == TypeId::null) return true;
    if (validity == nullptr) return false;
    const std::int64_t bit = offset + row;
    return (validity[bit >> 3] >> (bit & 7) & 1) == 0;
  }
  template <typename T>
  T value(std::int64_t row) const {
    return load<T>(values, offset + row);
  }
  bool boolean(std::int64_t row) const {
    const std::int64_t bit = offset + row;
    return (static_cast<const std::uint8_t*>(values)[bit >> 3] >> (bit & 7) & 1) != 0;
  }
  // Of any of the three interval types.
  Interval interval(std::int64_t row) const;
  // Bytes of a string or binary of any layout (also fixed size). Only for rows that are not null.
  std::string_view bytes(std::int64_t row) const;
  // The same for one layout, where the caller has looked at the type already. Offset: int32_t for
  // utf8 and binary, int64_t for the large ones.
  template <typename Offset>
  std::string_view variable_bytes(std::int64_t row) const {
    const auto begin = load<Offset>(offsets, offset + row);
    const auto end = load<Offset>(offsets, offset + row + 1);
    return {static_cast<const char*>(values) + begin, static_cast<std::size_t>(end - begin)};
  }
  std::string_view view_bytes(std::int64_t row) const;
  std::string_view fixed_bytes(std::int64_t row) const {
    const std::int64_t size = field->fixed_size;
    return {static_cast<const char*>(values) + (offset + row) * size,
            static_cast<std::size_t>(size)};
  }
  // First and one-past-last element of a list or map of any layout, as rows of children[0] (of key
  // and value for maps). Only for rows that are not null. The ranges of successive rows follow one
  // another, but for list views: these may overlap, leave elements out and run backwards.
  struct Range {
    std::int64_t begin;
    std::int64_t end;
  };
  Range range(std::int64_t row) const;
  // As range(), also for rows that hold garbage (null rows, rows under a null parent): none or some
  // of the elements in use. What a bound over many rows needs; only list views differ.
  Range safe_range(std::int64_t row) const;
  // Index into the dictionary's values (children[0]); only for rows that are not null.
  std::int64_t dictionary_index(std::int64_t row) const;

  // The child of a union that holds the row's value, as index of children; -1 only for a row under
  // a null parent, which may hold garbage.
  int union_child(std::int64_t row) const {
    const auto id = static_cast<std::uint8_t>(value<std::int8_t>(row));
    return id < field->child_of_id.size() ? field->child_of_id[id] : -1;
  }
  // The value's row in that child; under a null parent perhaps one that is not in use.
  std::int64_t union_row(std::int64_t row) const {
    return field->type == TypeId::dense_union ? load<std::int32_t>(offsets, offset + row) : row;
  }

  // The run that holds the row, as row of children[0]: one of those in use for every row that is.
  std::int64_t run_of(std::int64_t row) const;
  // The same. `near`: the run of an earlier row, or any number; without a search if it is the run
  // of `row` or the one before, so that a walk over the rows takes constant time for each.
  std::int64_t run_of(std::int64_t row, std::int64_t near) const {
    const Column& runs = children[0];
    for (std::int64_t run = near; run >= runs.first && run < runs.length && run <= near + 1;
         ++run) {
      if (run_end(run) > row && (run == runs.first || run_end(run - 1) <= row)) return run;
    }
    return run_of(row);
  }
  // One past the last row of a run, in rows of this column.
  std::int64_t run_end(std::int64_t run) const;
};

inline std::string_view Column::view_bytes(std::int64_t row) const {
  const auto* element = static_cast<const char*>(values) +
                        (offset + row) * static_cast<std::int64_t>(sizeof(ViewElement));
  const auto view = load<ViewElement>(element, 0);
  const auto size = static_cast<std::size_t>(view.size);
  if (view.size <= ViewElement::kMaxInline) {
    return {element + offsetof(ViewElement, prefix), size};
  }
  const void* data = variadic[static_cast<std::size_t>(view.buffer)];
  return {static_cast<const char*>(data) + view.offset, size};
}

inline std::string_view Column::bytes(std::int64_t row) const {
  switch (field->type) {
    case TypeId::utf8:
    case TypeId::binary:
      return variable_bytes<std::int32_t>(row);
    case TypeId::large_utf8:
    case TypeId::large_binary:
      return variable_bytes<std::int64_t>(row);
    case TypeId::utf8_view:
    case TypeId::binary_view:
      return view_bytes(row);
    default:
      assert(field->type == TypeId::fixed_size_binary);
      return fixed_bytes(row);
  }
}

inline Interval Column::interval(std::int64_t row) const {
  constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
  switch (field->type) {
    case TypeId::interval_months:
      return {value<std::int32_t>(row), 0, 0};
    case TypeId::interval_day_time: {
      const auto [days, milliseconds] = value<DayTime>(row);
      return {0, days, milliseconds * kNanosecondsPerMillisecond};
    }
    default: {
      assert(field->type == TypeId::interval_month_day_nano);
      return value<Interval>(row);
    }
  }
}

inline Column::Range Column::range(std::int64_t row) const {
  switch (field->type) {
    case TypeId::large_list:
      return {load<std::int64_t>(offsets, offset + row),
              load<std::int64_t>(offsets, offset + row + 1)};
    case TypeId::fixed_size_list: {
      const std::int64_t begin = (offset + row) * field->fixed_size;
      return {begin, begin + field->fixed_size};
    }
    case TypeId::list_view: {
      const std::int64_t begin = load<std::int32_t>(offsets, offset + row);
      return {begin, begin + load<std::int32_t>(values, offset + row)};
    }
    case TypeId::large_list_view: {
      const auto begin = load<std::int64_t>(offsets, offset + row);
      return {begin, begin + load<std::int64_t>(values, offset + row)};
    }
    default:
      assert(field->type == TypeId::list || field->type == TypeId::map);
      return {load<std::int32_t>(offsets, offset + row),
              load<std::int32_t>(offsets, offset + row + 1)};
  }
}

inline Column::Range Column::safe_range(std::int64_t row) const {
  std::int64_t begin = 0;
  std::int64_t size = 0;
  if (field->type == TypeId::list_view) {
    begin = load<std::int32_t>(offsets, offset + row);
    size = load<std::int32_t>(values, offset + row);
  } else if (field->type == TypeId::large_list_view) {
    begin = load<std::int64_t>(offsets, offset + row);
    size = load<std::int64_t>(values, offset + row);
  } else {
    return range(row);
  }
  const Column& items = children[0];
  const bool is_inside =
      size > 0 && begin >= items.first && begin <= items.length && size <= items.length - begin;
  return is_inside ? Range{begin, begin + size} : Range{items.first, items.first};
}

inline std::int64_t Column::run_end(std::int64_t run) const {
  switch (field->index_type) {
    case TypeId::int16:
      return load<std::int16_t>(values, run) - offset;
    case TypeId::int64:
      return load<std::int64_t>(values, run) - offset;
    default:
      return load<std::int32_t>(values, run) - offset;
  }
}

inline std::int64_t Column::run_of(std::int64_t row) const {
  std::int64_t low = children[0].first;
  std::int64_t high = children[0].length - 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (run_end(middle) > row) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

inline std::int64_t Column::dictionary_index(std::int64_t row) const {
  switch (field->index_type) {
    case TypeId::int8:
      return value<std::int8_t>(row);
    case TypeId::uint8:
      return value<std::uint8_t>(row);
    case TypeId::int16:
      return value<std::int16_t>(row);
    case TypeId::uint16:
      return value<std::uint16_t>(row);
    case TypeId::int32:
      return value<std::int32_t>(row);
    case TypeId::uint32:
      return value<std::uint32_t>(row);
    default:  // int64, uint64: checked to be inside the dictionary, so both fit
      return value<std::int64_t>(row);
  }
}

struct Batch {
  std::int64_t length = 0;
  std::vector<Column> columns;  // one per schema field, each of `length` rows
};

// Looks at a struct-typed ArrowArray (borrowed, never released) through `schema` and checks it as
// far as the interface allows: child counts, buffer counts, lengths, offsets that rise and stay
// inside, view bounds, offsets and sizes of list views, dictionary indices, type ids and offsets of
// unions, run ends that rise and cover the slice, UTF-8 of whole string columns (also nested and
// dictionary values), depth; only the slice in use, and null slots may hold garbage, as may what
// no list view, union row or run of the slice stands for. A top-level
// struct with nulls is refused; nulls in a field that is declared non-nullable are not, but for the
// keys of a map. After success every accessor is safe for every row that is not null and whose
// parents are not. A column whose slice has no null has no `validity`. The view borrows `schema`
// and `array`. `batch` is reused between calls, so that a steady stream does not allocate.
// The interface carries no buffer sizes: pointers are trusted for what lengths and offsets imply
// (https://arrow.apache.org/docs/format/CDataInterface.html).
Result<void> view_batch(const Schema& schema, const ArrowArray& array, Batch& batch);

}  // namespace kinesink::columnar
