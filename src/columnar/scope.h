// Where an element stands: the way from the batch down to a column. Needed only once something
// looks wrong: an element under a null parent may hold garbage, and an error names its column's
// path and its row of the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "columnar/column.h"

namespace kinesink::columnar {

// One step: a column that has children, of which rows [begin, column->length) are in use. Lives on
// the stack of the walk through the batch.
struct Scope {
  const Scope* parent = nullptr;
  const Column* column = nullptr;
  std::int64_t begin = 0;
};

// True if no parent of the element is null. `scope`: of the element's column; nullptr at the top.
bool is_live(const Scope* scope, std::int64_t row);
// `Error` of kind invalid_data about a column, or about one of its rows.
Error column_error(const Scope* scope, const Field& field, std::string message);
Error row_error(const Scope* scope, const Field& field, std::int64_t row, std::string message);

}  // namespace kinesink::columnar
