#include "format/debezium_changes.h"

#include <exception>
#include <string>

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::Field;
using columnar::TypeId;

Error refuse(const Field& field) {
  Error error = make_error(
      ErrorKind::invalid_argument,
      "debezium_json reads changes from a struct with the members is_retract (boolean) and id "
      "(fixed_size_binary, binary or text), which this column is not. Rename it if it is something "
      "else.");
  error.column = field.name;
  return error;
}

bool is_id(TypeId type) {
  switch (type) {
    case TypeId::fixed_size_binary:
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return true;
    default:
      return false;
  }
}

Change::Op op_of(bool first_creates, bool last_creates) {
  if (first_creates) return last_creates ? Change::Op::create : Change::Op::nothing;
  return last_creates ? Change::Op::update : Change::Op::remove;
}

bool creates(Change::Op op) { return op == Change::Op::create || op == Change::Op::nothing; }

}  // namespace

Result<DebeziumChanges> DebeziumChanges::make(const columnar::Schema& schema) {
  DebeziumChanges changes;
  changes.column_ = schema.index_of(kUpdatingMeta);
  if (changes.column_ < 0) return changes;
  const Field& meta = schema.fields[static_cast<std::size_t>(changes.column_)];
  bool has_flag = false;
  bool has_id = false;
  for (std::size_t i = 0; i < meta.children.size() && meta.type == TypeId::structure; ++i) {
    const Field& child = meta.children[i];
    if (child.name == "is_retract" && child.type == TypeId::boolean) {
      changes.is_retract_ = i;
      has_flag = true;
    } else if (child.name == "id" && is_id(child.type)) {
      changes.id_ = i;
      has_id = true;
    }
  }
  if (!has_flag || !has_id) return refuse(meta);
  return changes;
}

Result<void> DebeziumChanges::bind(const columnar::Batch& batch) {
  if (!is_updating()) return {};
  if (static_cast<std::size_t>(column_) >= batch.columns.size()) {
    return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
  }
  try {
    group(batch.columns[static_cast<std::size_t>(column_)], batch.length);
    return {};
  } catch (const std::exception&) {
    return make_error(ErrorKind::resource, "There is no memory to group the rows of a batch.");
  }
}

void DebeziumChanges::group(const Column& meta, std::int64_t rows) {
  const Column& is_retract = meta.children[is_retract_];
  const Column& id = meta.children[id_];
  changes_.clear();
  by_id_.clear();
  change_of_row_.assign(static_cast<std::size_t>(rows), -1);
  next_.assign(static_cast<std::size_t>(rows), -1);
  for (std::int64_t row = 0; row < rows; ++row) {
    if (meta.is_null(row) || is_retract.is_null(row) || id.is_null(row)) continue;
    const bool is_create = !is_retract.boolean(row);
    const auto [found, is_new] =
        by_id_.emplace(id.bytes(row), static_cast<std::int64_t>(changes_.size()));
    change_of_row_[static_cast<std::size_t>(row)] = found->second;
    if (is_new) {
      changes_.push_back({row, row, op_of(is_create, is_create)});
      continue;
    }
    Change& change = changes_[static_cast<std::size_t>(found->second)];
    next_[static_cast<std::size_t>(change.last)] = row;
    change.last = row;
    change.op = op_of(creates(change.op), is_create);
  }
}

}  // namespace kinesink::format
