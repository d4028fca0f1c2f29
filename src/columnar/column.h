// Typed views of one borrowed batch. No copy: pointers into the producer's buffers, valid while the
// batch is.
//
// Row i of a column lives at element `offset + i` of its buffers: every accessor adds the offset
// itself. Buffers need not be aligned: values are loaded with memcpy.
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

struct Column {
  const Field* field = nullptr;
  std::int64_t length = 0;
  std::int64_t offset = 0;
  const std::uint8_t* validity = nullptr;  // bit per element; nullptr: no nulls
  // Fixed-width values; string and binary bytes; view elements; dictionary indices.
  const void* values = nullptr;
  const void* offsets = nullptr;  // 32- or 64-bit offsets of strings, binaries, lists and maps
  std::span<const void* const> variadic;  // string/binary views: the data buffers
  // As Field::children. Rows of a struct's children are those of the struct; rows of a list's item
  // and of a map's key and value are what range() returns; rows of a dictionary's values are what
  // dictionary_index() returns. Values of a dictionary may themselves be null.
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
  // and value for maps). Only for rows that are not null.
  struct Range {
    std::int64_t begin;
    std::int64_t end;
  };
  Range range(std::int64_t row) const;
  // Index into the dictionary's values (children[0]); only for rows that are not null.
  std::int64_t dictionary_index(std::int64_t row) const;
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

inline Column::Range Column::range(std::int64_t row) const {
  switch (field->type) {
    case TypeId::large_list:
      return {load<std::int64_t>(offsets, offset + row),
              load<std::int64_t>(offsets, offset + row + 1)};
    case TypeId::fixed_size_list: {
      const std::int64_t begin = (offset + row) * field->fixed_size;
      return {begin, begin + field->fixed_size};
    }
    default:
      assert(field->type == TypeId::list || field->type == TypeId::map);
      return {load<std::int32_t>(offsets, offset + row),
              load<std::int32_t>(offsets, offset + row + 1)};
  }
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
// inside, view bounds, dictionary indices, UTF-8 of whole string columns (also nested and
// dictionary values), depth; only the slice in use, and null slots may hold garbage. A top-level
// struct with nulls is refused; nulls in a field that is declared non-nullable are not, but for the
// keys of a map. After success every accessor is safe for every row that is not null and whose
// parents are not. A column whose slice has no null has no `validity`. The view borrows `schema`
// and `array`. `batch` is reused between calls, so that a steady stream does not allocate.
// The interface carries no buffer sizes: pointers are trusted for what lengths and offsets imply
// (https://arrow.apache.org/docs/format/CDataInterface.html).
Result<void> view_batch(const Schema& schema, const ArrowArray& array, Batch& batch);

}  // namespace kinesink::columnar
