#include "format/raw_plan.h"

#include <cstring>

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::Field;
using columnar::TypeId;

constexpr char kColumn[] = "value";

Error refuse(std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = kColumn;
  return error;
}

const Field& decoded(const Field& field) {
  return field.type == TypeId::dictionary ? decoded(field.children[0]) : field;
}

bool is_text(TypeId type) {
  return type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::utf8_view;
}

bool is_binary(TypeId type) {
  return type == TypeId::binary || type == TypeId::large_binary || type == TypeId::binary_view ||
         type == TypeId::fixed_size_binary;
}

std::string columns_of(const columnar::Schema& schema) {
  constexpr std::size_t kMostNamed = 10;
  std::string names;
  for (std::size_t i = 0; i < schema.fields.size() && i < kMostNamed; ++i) {
    names += (i == 0 ? "" : ", ") + schema.fields[i].name;
  }
  if (schema.fields.size() > kMostNamed) names += ", ...";
  return names.empty() ? "none" : names;
}

Result<void> check_options(const FormatOptions& options) {
  if (options.include_columns.empty() &&
      options.exclude_columns == FormatOptions().exclude_columns) {
    return {};
  }
  return make_error(ErrorKind::invalid_argument,
                    "include_columns and exclude_columns have no meaning for raw_string and "
                    "raw_bytes, which write the column `value`. Leave them out.");
}

}  // namespace

Result<RawPlan> RawPlan::make(const columnar::Schema& schema, const FormatOptions& options) {
  KINESINK_TRY(check_options(options));
  const bool is_string = options.format == Format::raw_string;
  const std::string name = is_string ? "raw_string" : "raw_bytes";
  const int index = schema.index_of(kColumn);
  if (index < 0) {
    return refuse(name + " writes the column `value`, which the batches do not have. Columns: " +
                  columns_of(schema) + ".");
  }
  RawPlan plan;
  plan.index_ = static_cast<std::size_t>(index);
  plan.batch_width_ = schema.fields.size();
  plan.null_value_ = options.null_value;
  for (std::size_t i = plan.index_ + 1; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name == kColumn) return refuse("Two columns are named `value`.");
  }
  const TypeId type = decoded(schema.fields[plan.index_]).type;
  if (!is_text(type) && (is_string || !is_binary(type))) {
    return refuse(name + " needs a column `value` of text" + (is_string ? "" : " or binary") +
                  "; its type is " + std::string(columnar::name_of(type)) + ".");
  }
  if (schema.fields.size() > 1) {
    plan.notes_.push_back(name + " writes the column `value` only; " +
                          std::to_string(schema.fields.size() - 1) +
                          " other column(s) are left out.");
  }
  return plan;
}

Result<void> RawPlan::bind(const columnar::Batch& batch) {
  if (batch.columns.size() != batch_width_) {
    return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
  }
  column_ = &batch.columns[index_];
  return {};
}

RowResult RawPlan::write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  const Column* column = column_;
  std::int64_t at = row;
  while (column->field->type == TypeId::dictionary && !column->is_null(at)) {
    at = column->dictionary_index(at);
    column = &column->children[0];
  }
  if (column->is_null(at)) {
    if (null_value_ == NullValue::empty) return {RowStatus::written, begin};
    if (null_value_ == NullValue::skip) return {RowStatus::skipped, begin};
    failed_row_ = row;
    return {RowStatus::invalid, begin};
  }
  const std::string_view bytes = column->bytes(at);
  if (limit < begin || static_cast<std::size_t>(limit - begin) < bytes.size()) {
    return {RowStatus::no_room, begin};
  }
  if (!bytes.empty()) std::memcpy(begin, bytes.data(), bytes.size());
  return {RowStatus::written, begin + bytes.size()};
}

Error RawPlan::error() const {
  if (failed_row_ < 0) return make_error(ErrorKind::internal, "No row has failed.");
  Error error = make_error(ErrorKind::invalid_data,
                           "The value is null, which null_value = error does not allow.");
  error.column = kColumn;
  error.row = failed_row_;
  return error;
}

}  // namespace kinesink::format
