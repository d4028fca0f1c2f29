#include "columnar/scope.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kinesink::columnar {
namespace {

// Layouts of which several rows, or none, may hold an element.
bool is_scattered(TypeId type) {
  return type == TypeId::list_view || type == TypeId::large_list_view ||
         type == TypeId::dense_union || type == TypeId::run_end_encoded;
}

// Elements that a row of a scattered layout holds: rows of the child.
Column::Range held_by(const Scope& scope, std::int64_t row) {
  const Column& parent = *scope.column;
  if (parent.field->type == TypeId::run_end_encoded) {
    const std::int64_t run = parent.run_of(row);
    return {run, run + 1};
  }
  if (parent.field->type != TypeId::dense_union) return parent.safe_range(row);
  const Column& child = parent.children[static_cast<std::size_t>(scope.child)];
  const std::int64_t at = parent.union_row(row);
  const bool is_held =
      parent.union_child(row) == scope.child && at >= child.first && at < child.length;
  return is_held ? Column::Range{at, at + 1} : Column::Range{0, 0};
}

// The rows of other layouts that hold the child's row: exactly one.
std::int64_t parent_row(const Scope& scope, std::int64_t row) {
  const Column& parent = *scope.column;
  switch (parent.field->type) {
    case TypeId::structure:
    case TypeId::sparse_union:
      return row;
    case TypeId::fixed_size_list:
      return row / parent.field->fixed_size - parent.offset;
    default:
      break;
  }
  // Lists and maps: offsets rise, so the last row that begins at or before the element holds it.
  std::int64_t low = parent.first;
  std::int64_t high = parent.length;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (parent.range(middle).begin <= row ? low : high) = middle;
  }
  return low;
}

bool is_live_parent(const Scope& scope, std::int64_t row) {
  return !scope.column->is_null(row) && is_live(scope.parent, row);
}

// In time of rows and elements together, however the rows overlap.
void find_live(const Scope& scope) {
  const Column& parent = *scope.column;
  const std::int64_t length = parent.children[static_cast<std::size_t>(scope.child)].length;
  std::vector<std::int64_t> change(static_cast<std::size_t>(length) + 1);
  for (std::int64_t row = parent.first; row < parent.length; ++row) {
    const Column::Range held = held_by(scope, row);
    if (held.begin == held.end || !is_live_parent(scope, row)) continue;
    ++change[static_cast<std::size_t>(held.begin)];
    --change[static_cast<std::size_t>(held.end)];
  }
  scope.live.resize(static_cast<std::size_t>(length));
  std::int64_t holders = 0;
  for (std::size_t i = 0; i < scope.live.size(); ++i) {
    holders += change[i];
    scope.live[i] = holders > 0;
  }
}

// A row of the parent that holds the child's row, a live one if there is one.
std::optional<std::int64_t> holder_of(const Scope& scope, std::int64_t row) {
  const Column& parent = *scope.column;
  if (parent.field->type == TypeId::dictionary) return std::nullopt;
  if (!is_scattered(parent.field->type)) return parent_row(scope, row);
  for (std::int64_t above = parent.first; above < parent.length; ++above) {
    const Column::Range held = held_by(scope, above);
    if (row >= held.begin && row < held.end && is_live_parent(scope, above)) return above;
  }
  return std::nullopt;
}

bool is_the_column_itself(TypeId type) {
  return type == TypeId::dictionary || type == TypeId::run_end_encoded;
}

std::string path_of(const Scope* scope, const Field& field) {
  if (scope == nullptr) return field.name;
  const Field& parent = *scope->column->field;
  std::string path = path_of(scope->parent, parent);
  return is_the_column_itself(parent.type) ? path : path + "." + field.name;
}

}  // namespace

bool is_live(const Scope* scope, std::int64_t row) {
  for (; scope != nullptr; scope = scope->parent) {
    const TypeId type = scope->column->field->type;
    if (type == TypeId::dictionary) return true;  // its values belong to no row
    if (is_scattered(type)) {
      if (scope->live.empty()) find_live(*scope);
      return static_cast<std::size_t>(row) < scope->live.size() &&
             scope->live[static_cast<std::size_t>(row)];
    }
    const std::int64_t above = parent_row(*scope, row);
    if (scope->column->is_null(above)) return false;
    if (type == TypeId::sparse_union && scope->column->union_child(above) != scope->child)
      return false;
    row = above;
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
  for (; scope != nullptr && at; scope = scope->parent) {
    at = holder_of(*scope, *at);
    if (scope->column->field->type == TypeId::dictionary)
      error.message += " It is a value of the column's dictionary.";
  }
  error.row = at;
  return error;
}

}  // namespace kinesink::columnar
