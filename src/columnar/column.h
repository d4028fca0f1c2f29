// Typed views of one borrowed batch. No copy: pointers into the producer's buffers, valid while the
// batch is.
//
// Row i of a column lives at element `offset + i` of its buffers: every accessor adds the offset
// itself. Buffers need not be aligned: values are loaded with memcpy.
#pragma once

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

struct Column {
  const Field* field = nullptr;
  std::int64_t length = 0;
  std::int64_t offset = 0;
  const std::uint8_t* validity = nullptr;  // bit per element; nullptr: no nulls
  const void* values =
      nullptr;  // fixed-width values; string/binary bytes; views; dictionary indices
  const void* offsets = nullptr;  // 32- or 64-bit offsets of strings, binaries, lists and maps
  std::span<const void* const> variadic;  // string/binary views: the data buffers
  std::vector<Column> children;           // as Field::children

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
  // First and one-past-last element of a list or map of any layout, as rows of children[0] (of key
  // and value for maps).
  struct Range {
    std::int64_t begin;
    std::int64_t end;
  };
  Range range(std::int64_t row) const;
  // Index into the dictionary's values (children[0]); only for rows that are not null.
  std::int64_t dictionary_index(std::int64_t row) const;
};

struct Batch {
  std::int64_t length = 0;
  std::vector<Column> columns;  // one per schema field, each of `length` rows
};

// Looks at a struct-typed ArrowArray (borrowed, never released) through `schema` and checks it as
// far as the interface allows: child counts, buffer counts, lengths, offsets that rise and stay
// inside, view bounds, dictionary indices, UTF-8 of whole string columns (also nested and
// dictionary values), depth; only the slice in use, and null slots may hold garbage. A top-level
// struct with nulls is refused. After success every accessor is safe for every row that is not
// null. The view borrows `schema` and `array`. `batch` is reused between calls, so that a steady
// stream does not allocate.
Result<void> view_batch(const Schema& schema, const ArrowArray& array, Batch& batch);

}  // namespace kinesink::columnar
