// A cell with the dictionaries between it and its value followed.
#pragma once

#include <cstdint>

#include "columnar/column.h"

namespace kinesink::partition {

struct KeyCell {
  const columnar::Column* column;
  std::int64_t row;
  bool is_null;
};

inline KeyCell resolve(const columnar::Column& column, std::int64_t row) {
  KeyCell cell{&column, row, column.is_null(row)};
  while (!cell.is_null && cell.column->field->type == columnar::TypeId::dictionary) {
    const std::int64_t index = cell.column->dictionary_index(cell.row);
    const columnar::Column& values = cell.column->children[0];
    cell = {&values, index, values.is_null(index)};
  }
  return cell;
}

}  // namespace kinesink::partition
