// A step's view of the column it is bound to: pointers at hand, moved by the column's offset once
// and not for each value.
#pragma once

#include <cstdint>
#include <string>

#include "columnar/column.h"

namespace kinesink::format {

// Bytes of one element; 0: not of fixed width.
std::int64_t width_of(columnar::TypeId type);
// Their offsets do not rise from row to row, and are not moved: Column reads them.
inline bool has_scattered_elements(columnar::TypeId type) {
  return type == columnar::TypeId::list_view || type == columnar::TypeId::large_list_view ||
         type == columnar::TypeId::dense_union;
}

struct StepColumn {
  columnar::TypeId type = columnar::TypeId::null;
  const std::uint8_t* validity = nullptr;
  std::int64_t offset = 0;
  const std::uint8_t* values = nullptr;   // of row 0, if the width is fixed
  const std::uint8_t* offsets = nullptr;  // of row 0
  // Of the bytes that strings and binaries with offsets lie in; nullptr: not known.
  const char* readable_end = nullptr;
  const columnar::Column* column = nullptr;

  bool is_null(std::int64_t row) const {
    if (validity == nullptr) return false;
    const std::int64_t bit = offset + row;
    return (validity[bit >> 3] >> (bit & 7) & 1) == 0;
  }
  template <typename T>
  T value(std::int64_t row) const {
    return columnar::load<T>(values, row);
  }
  // As Column::variable_bytes().
  template <typename Offset>
  std::string_view variable_bytes(std::int64_t row) const {
    const auto begin = columnar::load<Offset>(offsets, row);
    const auto end = columnar::load<Offset>(offsets, row + 1);
    return {reinterpret_cast<const char*>(values) + begin, static_cast<std::size_t>(end - begin)};
  }

  // Where the row's bytes or elements begin; of types with offsets that rise.
  std::int64_t load_offset(std::int64_t row) const {
    const bool is_wide = type == columnar::TypeId::large_utf8 ||
                         type == columnar::TypeId::large_binary ||
                         type == columnar::TypeId::large_list;
    return is_wide ? columnar::load<std::int64_t>(offsets, row)
                   : columnar::load<std::int32_t>(offsets, row);
  }

  // False: the column is of another type, or has another number of children.
  bool point_at(const columnar::Column& bound, std::size_t children);
  // Bytes of the strings or binaries of rows [begin, end). Null rows may count.
  std::int64_t bytes_of(std::int64_t begin, std::int64_t end) const;
  // Elements of the lists or maps of rows [begin, end), which are not empty: they stand in one
  // piece.
  columnar::Column::Range elements_of(std::int64_t begin, std::int64_t end) const;
};

}  // namespace kinesink::format
