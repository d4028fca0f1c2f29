#include "columnar/schema.h"

#include <nanoarrow/nanoarrow.h>
#include <simdjson.h>

#include <array>
#include <charconv>
#include <exception>
#include <limits>
#include <system_error>
#include <utility>

namespace kinesink::columnar {
namespace {

constexpr std::array<std::string_view, 44> kTypeNames = {"null",
                                                         "bool",
                                                         "int8",
                                                         "int16",
                                                         "int32",
                                                         "int64",
                                                         "uint8",
                                                         "uint16",
                                                         "uint32",
                                                         "uint64",
                                                         "float16",
                                                         "float32",
                                                         "float64",
                                                         "decimal32",
                                                         "decimal64",
                                                         "decimal128",
                                                         "decimal256",
                                                         "utf8",
                                                         "large_utf8",
                                                         "utf8_view",
                                                         "binary",
                                                         "large_binary",
                                                         "binary_view",
                                                         "fixed_size_binary",
                                                         "date32",
                                                         "date64",
                                                         "time32",
                                                         "time64",
                                                         "timestamp",
                                                         "duration",
                                                         "interval_months",
                                                         "interval_day_time",
                                                         "interval_month_day_nano",
                                                         "list",
                                                         "large_list",
                                                         "list_view",
                                                         "large_list_view",
                                                         "fixed_size_list",
                                                         "struct",
                                                         "map",
                                                         "sparse_union",
                                                         "dense_union",
                                                         "dictionary",
                                                         "run_end_encoded"};
static_assert(kTypeNames.size() == static_cast<std::size_t>(TypeId::run_end_encoded) + 1);

struct TypePair {
  ArrowType theirs;
  TypeId ours;
};
constexpr TypePair kTypes[] = {
    {NANOARROW_TYPE_NA, TypeId::null},
    {NANOARROW_TYPE_BOOL, TypeId::boolean},
    {NANOARROW_TYPE_INT8, TypeId::int8},
    {NANOARROW_TYPE_INT16, TypeId::int16},
    {NANOARROW_TYPE_INT32, TypeId::int32},
    {NANOARROW_TYPE_INT64, TypeId::int64},
    {NANOARROW_TYPE_UINT8, TypeId::uint8},
    {NANOARROW_TYPE_UINT16, TypeId::uint16},
    {NANOARROW_TYPE_UINT32, TypeId::uint32},
    {NANOARROW_TYPE_UINT64, TypeId::uint64},
    {NANOARROW_TYPE_HALF_FLOAT, TypeId::float16},
    {NANOARROW_TYPE_FLOAT, TypeId::float32},
    {NANOARROW_TYPE_DOUBLE, TypeId::float64},
    {NANOARROW_TYPE_DECIMAL32, TypeId::decimal32},
    {NANOARROW_TYPE_DECIMAL64, TypeId::decimal64},
    {NANOARROW_TYPE_DECIMAL128, TypeId::decimal128},
    {NANOARROW_TYPE_DECIMAL256, TypeId::decimal256},
    {NANOARROW_TYPE_STRING, TypeId::utf8},
    {NANOARROW_TYPE_LARGE_STRING, TypeId::large_utf8},
    {NANOARROW_TYPE_STRING_VIEW, TypeId::utf8_view},
    {NANOARROW_TYPE_BINARY, TypeId::binary},
    {NANOARROW_TYPE_LARGE_BINARY, TypeId::large_binary},
    {NANOARROW_TYPE_BINARY_VIEW, TypeId::binary_view},
    {NANOARROW_TYPE_FIXED_SIZE_BINARY, TypeId::fixed_size_binary},
    {NANOARROW_TYPE_DATE32, TypeId::date32},
    {NANOARROW_TYPE_DATE64, TypeId::date64},
    {NANOARROW_TYPE_TIME32, TypeId::time32},
    {NANOARROW_TYPE_TIME64, TypeId::time64},
    {NANOARROW_TYPE_TIMESTAMP, TypeId::timestamp},
    {NANOARROW_TYPE_DURATION, TypeId::duration},
    {NANOARROW_TYPE_INTERVAL_MONTHS, TypeId::interval_months},
    {NANOARROW_TYPE_INTERVAL_DAY_TIME, TypeId::interval_day_time},
    {NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO, TypeId::interval_month_day_nano},
    {NANOARROW_TYPE_LIST, TypeId::list},
    {NANOARROW_TYPE_LARGE_LIST, TypeId::large_list},
    {NANOARROW_TYPE_LIST_VIEW, TypeId::list_view},
    {NANOARROW_TYPE_LARGE_LIST_VIEW, TypeId::large_list_view},
    {NANOARROW_TYPE_FIXED_SIZE_LIST, TypeId::fixed_size_list},
    {NANOARROW_TYPE_STRUCT, TypeId::structure},
    {NANOARROW_TYPE_MAP, TypeId::map},
    {NANOARROW_TYPE_SPARSE_UNION, TypeId::sparse_union},
    {NANOARROW_TYPE_DENSE_UNION, TypeId::dense_union},
    {NANOARROW_TYPE_DICTIONARY, TypeId::dictionary},
    {NANOARROW_TYPE_RUN_END_ENCODED, TypeId::run_end_encoded},
};

// The way from the root to a field, for error messages only.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;

  std::string text() const {
    if (parent == nullptr || parent->parent == nullptr) return std::string(name);
    return parent->text().append(".").append(name);
  }
};

Error refusal(const Path& path, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = path.text();
  return error;
}

std::string_view name_in(const ArrowSchema& schema) {
  return schema.name == nullptr ? std::string_view() : std::string_view(schema.name);
}

// Follows every pointer that later steps (and nanoarrow) follow, so that those need not look.
Result<void> check_shape(const ArrowSchema& schema, const Path& path, int depth) {
  if (depth > kMaxDepth) {
    return refusal(path, "The column is nested deeper than " + std::to_string(kMaxDepth) +
                             " levels. Flatten it, or leave it out.");
  }
  if (schema.release == nullptr) return refusal(path, "The Arrow schema was released already.");
  if (schema.format == nullptr) return refusal(path, "The Arrow schema has no format string.");
  if (!simdjson::validate_utf8(path.name)) {
    return make_error(ErrorKind::invalid_argument, "A column's name is not valid UTF-8.");
  }
  if (schema.n_children < 0 || (schema.n_children > 0 && schema.children == nullptr)) {
    return refusal(path, "The Arrow schema's children are missing.");
  }
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema* child = schema.children[i];
    if (child == nullptr) return refusal(path, "The Arrow schema has a child that is null.");
    KINESINK_TRY(check_shape(*child, {&path, name_in(*child)}, depth + 1));
  }
  if (schema.dictionary != nullptr) {
    KINESINK_TRY(check_shape(*schema.dictionary, path, depth + 1));
  }
  return {};
}

TimeUnit unit_of(const ArrowSchemaView& view) {
  switch (view.time_unit) {
    case NANOARROW_TIME_UNIT_MILLI:
      return TimeUnit::millisecond;
    case NANOARROW_TIME_UNIT_MICRO:
      return TimeUnit::microsecond;
    case NANOARROW_TIME_UNIT_NANO:
      return TimeUnit::nanosecond;
    default:
      return TimeUnit::second;
  }
}

Result<TypeId> type_of(ArrowType type, const Path& path) {
  for (const TypePair& pair : kTypes) {
    if (pair.theirs == type) return pair.ours;
  }
  return refusal(path, std::string("Columns of type ") + ArrowTypeString(type) +
                           " are not supported. Cast the column, or leave it out.");
}

std::int32_t max_precision_of(TypeId type) {
  switch (type) {
    case TypeId::decimal32:
      return 9;
    case TypeId::decimal64:
      return 18;
    case TypeId::decimal128:
      return 38;
    default:
      return 76;
  }
}

Result<void> check_decimal(const Field& field, const Path& path) {
  const std::int32_t max_precision = max_precision_of(field.type);
  if (field.precision < 1 || field.precision > max_precision) {
    return refusal(
        path, "A decimal's precision lies outside 1 to " + std::to_string(max_precision) + ".");
  }
  if (field.scale < -kMaxDecimalScale || field.scale > kMaxDecimalScale) {
    return refusal(path, "A decimal's scale lies outside -" + std::to_string(kMaxDecimalScale) +
                             " to " + std::to_string(kMaxDecimalScale) + ".");
  }
  return {};
}

// `ids`: as many as there are children, `5,0,17`; nanoarrow has looked at it.
Result<void> read_type_ids(std::string_view ids, const Path& path, Field& field) {
  constexpr int kMaxId = std::numeric_limits<std::int8_t>::max();
  int child = 0;
  for (const char* at = ids.data(); at < ids.data() + ids.size(); ++child) {
    std::size_t id = 0;
    const auto [end, failure] = std::from_chars(at, ids.data() + ids.size(), id);
    if (failure != std::errc() || id > kMaxId) {
      return refusal(path, "The type ids of a union are not numbers from 0 to 127.");
    }
    if (id >= field.child_of_id.size()) field.child_of_id.resize(id + 1, -1);
    if (field.child_of_id[id] >= 0) {
      return refusal(path, "Two members of a union have the type id " + std::to_string(id) + ".");
    }
    field.child_of_id[id] = static_cast<std::int8_t>(child);
    at = end + 1;
  }
  return {};
}

// Copies what belongs to the type and nothing else.
Result<void> read_parameters(const ArrowSchemaView& view, const Path& path, Field& field) {
  switch (field.type) {
    case TypeId::timestamp:
      field.timezone = view.timezone == nullptr ? "" : view.timezone;
      [[fallthrough]];
    case TypeId::time32:
    case TypeId::time64:
    case TypeId::duration:
      field.unit = unit_of(view);
      return {};
    case TypeId::decimal32:
    case TypeId::decimal64:
    case TypeId::decimal128:
    case TypeId::decimal256:
      field.precision = view.decimal_precision;
      field.scale = view.decimal_scale;
      return check_decimal(field, path);
    case TypeId::fixed_size_binary:
    case TypeId::fixed_size_list:
      if (view.fixed_size < 0) return refusal(path, "A fixed size is negative.");
      field.fixed_size = view.fixed_size;
      return {};
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return read_type_ids(view.union_type_ids, path, field);
    default:
      return {};
  }
}

Result<Field> read_field(const ArrowSchema& schema, const Path& path);

// Of the two children the first holds the run ends, the second the values, which are the column.
Result<void> read_runs(const ArrowSchema& schema, const Path& path, Field& field) {
  KINESINK_ASSIGN(const Field ends, read_field(*schema.children[0], path));
  if (ends.type != TypeId::int16 && ends.type != TypeId::int32 && ends.type != TypeId::int64) {
    return refusal(path, "Run ends are of type " + std::string(name_of(ends.type)) +
                             " instead of int16, int32 or int64.");
  }
  field.index_type = ends.type;
  KINESINK_ASSIGN(Field values, read_field(*schema.children[1], path));
  field.children.push_back(std::move(values));
  return {};
}

Result<Field> read_field(const ArrowSchema& schema, const Path& path) {
  ArrowError reason;
  ArrowErrorInit(&reason);
  ArrowSchemaView view;
  if (ArrowSchemaViewInit(&view, &schema, &reason) != NANOARROW_OK) {
    return refusal(path, std::string("The Arrow schema is malformed: ") + reason.message + ".");
  }
  Field field;
  KINESINK_ASSIGN(field.type, type_of(view.type, path));
  field.name = path.name;
  field.nullable = (schema.flags & ARROW_FLAG_NULLABLE) != 0;
  field.extension_name.assign(view.extension_name.data,
                              static_cast<std::size_t>(view.extension_name.size_bytes));
  field.extension_metadata.assign(view.extension_metadata.data,
                                  static_cast<std::size_t>(view.extension_metadata.size_bytes));
  KINESINK_TRY(read_parameters(view, path, field));
  if (field.type == TypeId::dictionary) {
    KINESINK_ASSIGN(field.index_type, type_of(view.storage_type, path));
    KINESINK_ASSIGN(Field values, read_field(*schema.dictionary, path));
    field.children.push_back(std::move(values));
    return field;
  }
  if (field.type == TypeId::run_end_encoded) {
    KINESINK_TRY(read_runs(schema, path, field));
    return field;
  }
  // A map's one child is the struct of its entries; we hold key and value directly.
  const ArrowSchema& holder = field.type == TypeId::map ? *schema.children[0] : schema;
  for (std::int64_t i = 0; i < holder.n_children; ++i) {
    const ArrowSchema& child = *holder.children[i];
    KINESINK_ASSIGN(Field read, read_field(child, {&path, name_in(child)}));
    field.children.push_back(std::move(read));
  }
  return field;
}

Result<Schema> read_schema(const ArrowSchema& schema) {
  const Path root;
  KINESINK_TRY(check_shape(schema, root, 0));
  if (std::string_view(schema.format) != "+s" || schema.dictionary != nullptr) {
    return make_error(ErrorKind::invalid_argument,
                      "The Arrow schema is not a record batch's: its format is not +s (struct).");
  }
  Schema result;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    KINESINK_ASSIGN(Field field, read_field(child, {&root, name_in(child)}));
    result.fields.push_back(std::move(field));
  }
  return result;
}

}  // namespace

std::string_view name_of(TypeId type) { return kTypeNames[static_cast<std::size_t>(type)]; }

int Schema::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

Result<Schema> import_schema(const ArrowSchema& schema) {
  try {
    return read_schema(schema);
  } catch (const std::exception&) {
    return make_error(ErrorKind::resource, "There is no memory for the Arrow schema.");
  }
}

}  // namespace kinesink::columnar
