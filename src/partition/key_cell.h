// A cell with the dictionaries and runs between it and its value followed.
#pragma once

#include <cstdint>

#include "columnar/column.h"
#include "columnar/extension.h"

namespace kinesink::partition {

struct KeyCell {
  const columnar::Column* column;
  std::int64_t row;
  bool is_null;
  columnar::Extension extension;
};

inline KeyCell resolve(const columnar::Column& column, std::int64_t row) {
  using columnar::TypeId;
  KeyCell cell{&column, row, column.is_null(row), columnar::Extension::none};
  const auto look_at_extension = [&] {
    const columnar::Field& field = *cell.column->field;
    if (!field.extension_name.empty()) cell.extension = columnar::extension_of(field);
  };
  look_at_extension();
  while (!cell.is_null) {
    const TypeId type = cell.column->field->type;
    if (type == TypeId::dictionary) {
      cell.row = cell.column->dictionary_index(cell.row);
    } else if (type == TypeId::run_end_encoded) {
      cell.row = cell.column->run_of(cell.row);
    } else {
      break;
    }
    cell.column = &cell.column->children[0];
    cell.is_null = cell.column->is_null(cell.row);
    look_at_extension();
  }
  return cell;
}

}  // namespace kinesink::partition
