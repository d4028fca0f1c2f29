// Where an element stands: the way from the batch down to a column. Needed only once something
// looks wrong: an element under a null parent may hold garbage, and an error names its column's
// path and its row of the batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columnar/column.h"

namespace kinesink::columnar {

// One step: a column that has children. Lives on the stack of the walk through the batch.
struct Scope {
  const Scope* parent = nullptr;
  const Column* column = nullptr;
  int child = 0;  // unions: the one that is walked through

  // By row of the child, if several rows of the column may hold one of it, or none: made when it is
  // first asked for. Unused for other layouts.
  mutable std::vector<bool> live;
};

// True if some row of the batch holds the element, without a null on the way. `scope`: of the
// element's column; nullptr at the top.
bool is_live(const Scope* scope, std::int64_t row);
// `Error` of kind invalid_data about a column, or about one of its rows.
Error column_error(const Scope* scope, const Field& field, std::string message);
Error row_error(const Scope* scope, const Field& field, std::int64_t row, std::string message);

}  // namespace kinesink::columnar
