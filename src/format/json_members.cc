// Building the steps of a JSON plan from a schema.
#include <algorithm>
#include <string_view>

#include "columnar/extension.h"
#include "format/json_choices.h"
#include "format/json_escape.h"
#include "format/json_names.h"
#include "format/json_step.h"

namespace kinesink::format {
namespace {

using columnar::Extension;
using columnar::Field;
using columnar::TypeId;

enum class Role : std::uint8_t { value, map_key };

Error refuse(const std::string& path, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = path;
  return error;
}

bool is_text(TypeId type) {
  return type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::utf8_view;
}

StepKind kind_of_text(TypeId type) {
  switch (type) {
    case TypeId::utf8:
      return StepKind::utf8;
    case TypeId::large_utf8:
      return StepKind::large_utf8;
    default:
      return StepKind::bytes_as_text;
  }
}

StepKind kind_of_nested(TypeId type) {
  switch (type) {
    case TypeId::structure:
      return StepKind::structure;
    case TypeId::map:
      return StepKind::map;
    case TypeId::dictionary:
      return StepKind::dictionary;
    case TypeId::run_end_encoded:
      return StepKind::run;
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return StepKind::one_of;
    case TypeId::list_view:
    case TypeId::large_list_view:
      return StepKind::list_view;
    default:
      return StepKind::list;
  }
}

// With no option set.
StepKind kind_of(const Field& field) {
  switch (field.type) {
    case TypeId::null:
      return StepKind::null;
    case TypeId::boolean:
      return StepKind::boolean;
    case TypeId::int8:
      return StepKind::int8;
    case TypeId::int16:
      return StepKind::int16;
    case TypeId::int32:
      return StepKind::int32;
    case TypeId::int64:
      return StepKind::int64;
    case TypeId::uint8:
      return StepKind::uint8;
    case TypeId::uint16:
      return StepKind::uint16;
    case TypeId::uint32:
      return StepKind::uint32;
    case TypeId::uint64:
      return StepKind::uint64;
    case TypeId::float16:
      return StepKind::float16;
    case TypeId::float32:
      return StepKind::float32;
    case TypeId::float64:
      return StepKind::float64;
    case TypeId::decimal32:
    case TypeId::decimal64:
    case TypeId::decimal128:
    case TypeId::decimal256:
      return StepKind::decimal;
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return kind_of_text(field.type);
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
      return StepKind::bytes_as_base64;
    case TypeId::fixed_size_binary:
      return StepKind::bytes_as_hex;
    case TypeId::date32:
      return StepKind::date32;
    case TypeId::date64:
      return StepKind::date64;
    case TypeId::time32:
      return StepKind::time32;
    case TypeId::time64:
      return StepKind::time64;
    case TypeId::timestamp:
      return field.timezone.empty() ? StepKind::timestamp : StepKind::timestamp_zoned;
    case TypeId::duration:
      return StepKind::duration;
    case TypeId::interval_months:
    case TypeId::interval_day_time:
    case TypeId::interval_month_day_nano:
      return StepKind::interval;
    default:
      return kind_of_nested(field.type);
  }
}

bool can_be_key(StepKind kind) {
  return kind != StepKind::list && kind != StepKind::list_view && kind != StepKind::structure &&
         kind != StepKind::map && kind != StepKind::one_of && kind != StepKind::interval;
}

// True if the value's text is not a JSON string by itself.
bool needs_quotes(const JsonStep& step) {
  switch (step.kind) {
    case StepKind::decimal:
      return step.decimal_encoding == DecimalEncoding::number;
    case StepKind::epoch32:
    case StepKind::epoch64:
    case StepKind::float_by_policy:
    case StepKind::bool8:
      return true;
    case StepKind::dictionary:
    case StepKind::run:
      return needs_quotes(step.children[0]);
    default:
      return step.kind <= StepKind::float64;
  }
}
static_assert(StepKind::float64 < StepKind::decimal && StepKind::null < StepKind::float64);

Result<JsonStep> make_step(const Field& field, std::string path, const FormatOptions& options,
                           Role role, Extension outer);

Result<void> add_children(const Field& field, const FormatOptions& options, Role role,
                          Extension outer, JsonStep& step) {
  if (field.type == TypeId::structure) {
    std::vector<const Field*> members;
    for (const Field& child : field.children) members.push_back(&child);
    KINESINK_ASSIGN(step.children, make_members(members, step.path, options));
    return {};
  }
  // The values of a dictionary or of runs are the column itself, its extension type is theirs.
  const bool is_column = step.kind == StepKind::dictionary || step.kind == StepKind::run;
  const Extension inner = is_column ? columnar::extension_of(field, outer) : Extension::none;
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    const Field& child = field.children[i];
    const Role child_role = step.kind == StepKind::map && i == 0 ? Role::map_key
                            : is_column                          ? role
                                                                 : Role::value;
    std::string path = is_column ? step.path : step.path + "." + child.name;
    KINESINK_ASSIGN(JsonStep made, make_step(child, std::move(path), options, child_role, inner));
    step.children.push_back(std::move(made));
  }
  return {};
}

Result<JsonStep> make_step(const Field& field, std::string path, const FormatOptions& options,
                           Role role, Extension outer) {
  JsonStep step;
  step.kind = kind_of(field);
  step.type = field.type;
  step.unit = field.unit;
  step.precision = field.precision;
  step.scale = field.scale;
  step.path = std::move(path);
  step.decimal_width = static_cast<std::uint8_t>(width_of(field.type));
  const Extension extension = columnar::extension_of(field, outer);
  // Under a schema it is a string.
  if (extension == Extension::json && role == Role::value && is_text(field.type) &&
      !options.json.include_schema) {
    step.kind = StepKind::bytes_as_json;
  } else if (extension == Extension::uuid && field.type == TypeId::fixed_size_binary) {
    step.kind = StepKind::uuid;
  } else if (extension == Extension::bool8 && field.type == TypeId::int8) {
    step.kind = StepKind::bool8;
  }
  step.bare_word = role == Role::map_key;
  choose(field, options, step);
  if (const std::string name = zone_of(field, options, step); !name.empty()) {
    auto zone = TimeZone::find(name);
    if (!zone) return refuse(step.path, zone.error().message);
    step.zone = std::make_unique<const TimeZone>(*std::move(zone));
  }
  KINESINK_TRY(add_children(field, options, role, outer, step));
  if (role == Role::map_key) {
    if (!can_be_key(step.kind)) {
      return refuse(step.path, "JSON cannot have keys of type " +
                                   std::string(columnar::name_of(field.type)) +
                                   ". Leave the column out (exclude_columns), or change its type.");
    }
    step.quoted_key = needs_quotes(step);
  }
  return step;
}

void set_key(const std::string& name, JsonStep& step) {
  std::string key(kMaxEscapedByte * name.size() + kEscapeSlack + 4, '\0');
  key[0] = ',';
  key[1] = '"';
  char* end = escape_exact(name.data(), name.size(), key.data() + 2);
  *end++ = '"';
  *end++ = ':';
  key.resize(static_cast<std::size_t>(end - key.data()));
  step.key_size = static_cast<std::uint32_t>(key.size());
  if (key.size() <= kKeyStore) {
    std::copy(key.begin(), key.end(), step.short_key.begin());
  } else {
    step.long_key = std::move(key);
  }
}

}  // namespace

Result<std::vector<JsonStep>> make_members(const std::vector<const Field*>& fields,
                                           const std::string& path, const FormatOptions& options) {
  std::vector<JsonStep> members;
  KINESINK_TRY(check_keys(fields, path, options.json.key_naming));
  for (const Field* field : fields) {
    std::string full = path.empty() ? field->name : path + "." + field->name;
    KINESINK_ASSIGN(JsonStep step,
                    make_step(*field, std::move(full), options, Role::value, Extension::none));
    set_key(renamed(field->name, options.json.key_naming), step);
    members.push_back(std::move(step));
  }
  return members;
}

}  // namespace kinesink::format
