#include "columnar/scope.h"

#include <utility>

namespace kinesink::columnar {
namespace {

// Row of the parent that holds the child's row; nothing inside a dictionary, whose values belong to
// no row.
std::optional<std::int64_t> parent_row(const Scope& scope, std::int64_t row) {
  const Column& parent = *scope.column;
  switch (parent.field->type) {
    case TypeId::dictionary:
      return std::nullopt;
    case TypeId::structure:
      return row;
    case TypeId::fixed_size_list:
      return row / parent.field->fixed_size - parent.offset;
    default:
      break;
  }
  // Lists and maps: offsets rise, so the last row that begins at or before the element holds it.
  std::int64_t low = scope.begin;
  std::int64_t high = parent.length;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (parent.range(middle).begin <= row ? low : high) = middle;
  }
  return low;
}

std::string path_of(const Scope* scope, const Field& field) {
  if (scope == nullptr) return field.name;
  const Field& parent = *scope->column->field;
  std::string path = path_of(scope->parent, parent);
  // The values of a dictionary are the column itself.
  return parent.type == TypeId::dictionary ? path : path + "." + field.name;
}

}  // namespace

bool is_live(const Scope* scope, std::int64_t row) {
  for (; scope != nullptr; scope = scope->parent) {
    const std::optional<std::int64_t> above = parent_row(*scope, row);
    if (!above) return true;
    if (scope->column->is_null(*above)) return false;
    row = *above;
  }
  return true;
}

Error column_error(const Scope* scope, const Field& field, std::string message) {
  Error error = make_error(ErrorKind::invalid_data, std::move(message));
  error.column = path_of(scope, field);
  return error;
}

Error row_error(const Scope* scope, const Field& field, std::int64_t row, std::string message) {
  Error error = column_error(scope, field, std::move(message));
  std::optional<std::int64_t> at = row;
  for (; scope != nullptr && at; scope = scope->parent) at = parent_row(*scope, *at);
  error.row = at;
  if (!at) error.message += " It is a value of the column's dictionary.";
  return error;
}

}  // namespace kinesink::columnar
