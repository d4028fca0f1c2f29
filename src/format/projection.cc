#include "format/projection.h"

#include <algorithm>
#include <string_view>

#include "columnar/extension.h"

namespace kinesink::format {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_default_exclusion(std::string_view name) {
  return holds(FormatOptions().exclude_columns, name);
}

Error refuse(const std::string& column, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = column;
  return error;
}

Result<void> check_names(const columnar::Schema& schema, const FormatOptions& options) {
  for (const std::string& name : options.include_columns) {
    if (schema.index_of(name) < 0) {
      return refuse(name, "include_columns names a column that the batches do not have.");
    }
    if (holds(options.exclude_columns, name) && !is_default_exclusion(name)) {
      return refuse(name, "include_columns and exclude_columns both name the column.");
    }
  }
  for (const std::string& name : options.exclude_columns) {
    if (schema.index_of(name) < 0 && !is_default_exclusion(name)) {
      return refuse(name, "exclude_columns names a column that the batches do not have.");
    }
  }
  return {};
}

// Of a column and all that is nested in it.
Result<void> check_extensions(const columnar::Field& field, const std::string& path,
                              std::vector<std::string>& notes) {
  const columnar::Extension extension = columnar::extension_of(field);
  if (extension == columnar::Extension::refused) {
    return refuse(path, columnar::refusal_of_extension(field));
  }
  if (extension == columnar::Extension::unknown) {
    notes.push_back("Column " + path + " has the extension type " + field.extension_name +
                    ", which is not known here: what is written is its storage, " +
                    std::string(columnar::name_of(field.type)) + ".");
  }
  const bool is_column =
      field.type == columnar::TypeId::dictionary || field.type == columnar::TypeId::run_end_encoded;
  for (const columnar::Field& child : field.children) {
    KINESINK_TRY(check_extensions(child, is_column ? path : path + "." + child.name, notes));
  }
  return {};
}

}  // namespace

Result<Projection> project(const columnar::Schema& schema, const FormatOptions& options) {
  KINESINK_TRY(check_names(schema, options));
  Projection projection;
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    const std::string& name = schema.fields[i].name;
    const bool is_taken = options.include_columns.empty() ? !holds(options.exclude_columns, name)
                                                          : holds(options.include_columns, name);
    if (is_taken) {
      KINESINK_TRY(check_extensions(schema.fields[i], name, projection.notes));
      projection.columns.push_back(static_cast<int>(i));
    } else if (options.include_columns.empty() && is_default_exclusion(name)) {
      projection.notes.push_back("Column " + name +
                                 " is left out by default; name it in include_columns, or set "
                                 "exclude_columns, to keep it.");
    }
  }
  if (projection.columns.empty()) {
    return make_error(ErrorKind::invalid_argument,
                      "No column is left to write. Change include_columns or exclude_columns.");
  }
  return projection;
}

std::vector<const columnar::Field*> fields_of(const columnar::Schema& schema,
                                              const Projection& projection) {
  std::vector<const columnar::Field*> fields;
  for (const int index : projection.columns)
    fields.push_back(&schema.fields[static_cast<std::size_t>(index)]);
  return fields;
}

}  // namespace kinesink::format
