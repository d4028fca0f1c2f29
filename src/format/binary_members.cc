// Building the steps of a MessagePack or CBOR plan from a schema.
#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "columnar/extension.h"
#include "format/binary_step.h"
#include "format/head.h"

namespace kinesink::format {
namespace {

using columnar::Extension;
using columnar::Field;
using columnar::TimeUnit;
using columnar::TypeId;

Error refuse(const std::string& path, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = path;
  return error;
}

// Nothing: times are text, or what the encoding has for them.
std::optional<TimeUnit> epoch_unit(const FormatOptions& options) {
  switch (options.timestamp_format) {
    case TimestampFormat::automatic:
    case TimestampFormat::rfc3339:
      return std::nullopt;
    case TimestampFormat::unix_seconds:
      return TimeUnit::second;
    case TimestampFormat::unix_millis:
      return TimeUnit::millisecond;
    case TimestampFormat::unix_micros:
      return TimeUnit::microsecond;
    case TimestampFormat::unix_nanos:
      return TimeUnit::nanosecond;
  }
  return std::nullopt;
}

BinaryKind kind_of_timestamp(const Field& field, const BinaryRules& rules) {
  if (const auto unit = epoch_unit(rules.options)) {
    return field.unit == *unit ? BinaryKind::int64 : BinaryKind::timestamp_epoch;
  }
  if (field.timezone.empty()) return BinaryKind::timestamp_text;
  return rules.is_cbor || rules.options.msgpack_timestamp == MsgpackTimestamp::extension
             ? BinaryKind::instant
             : BinaryKind::instant_text;
}

BinaryKind kind_of_date(TypeId type, const BinaryRules& rules) {
  const auto unit = epoch_unit(rules.options);
  if (type == TypeId::date32) return unit ? BinaryKind::date_epoch : BinaryKind::date_text;
  if (!unit) return BinaryKind::date_time_text;  // date64 counts milliseconds
  return *unit == TimeUnit::millisecond ? BinaryKind::int64 : BinaryKind::timestamp_epoch;
}

BinaryKind kind_of_decimal(const BinaryRules& rules) {
  return rules.is_cbor && rules.options.cbor_decimal == CborDecimal::decimal_fraction
             ? BinaryKind::decimal_fraction
             : BinaryKind::decimal_text;
}

// Nothing: the encodings have no form for the type.
std::optional<BinaryKind> kind_of_nested(TypeId type) {
  switch (type) {
    case TypeId::list:
    case TypeId::large_list:
    case TypeId::fixed_size_list:
    case TypeId::list_view:
    case TypeId::large_list_view:
      return BinaryKind::list;
    case TypeId::structure:
      return BinaryKind::structure;
    case TypeId::map:
      return BinaryKind::map;
    case TypeId::dictionary:
      return BinaryKind::dictionary;
    case TypeId::run_end_encoded:
      return BinaryKind::run;
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return BinaryKind::one_of;
    default:
      return std::nullopt;
  }
}

// The same of any type.
std::optional<BinaryKind> kind_of(const Field& field, const BinaryRules& rules) {
  switch (field.type) {
    case TypeId::null:
      return BinaryKind::null;
    case TypeId::boolean:
      return BinaryKind::boolean;
    case TypeId::int8:
      return BinaryKind::int8;
    case TypeId::int16:
      return BinaryKind::int16;
    case TypeId::int32:
      return BinaryKind::int32;
    case TypeId::int64:
      return BinaryKind::int64;
    case TypeId::uint8:
      return BinaryKind::uint8;
    case TypeId::uint16:
      return BinaryKind::uint16;
    case TypeId::uint32:
      return BinaryKind::uint32;
    case TypeId::uint64:
      return BinaryKind::uint64;
    case TypeId::float16:
      return BinaryKind::float16;
    case TypeId::float32:
      return BinaryKind::float32;
    case TypeId::float64:
      return BinaryKind::float64;
    case TypeId::decimal32:
    case TypeId::decimal64:
    case TypeId::decimal128:
    case TypeId::decimal256:
      return kind_of_decimal(rules);
    case TypeId::utf8:
      return BinaryKind::utf8;
    case TypeId::large_utf8:
      return BinaryKind::large_utf8;
    case TypeId::utf8_view:
      return BinaryKind::text;
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
    case TypeId::fixed_size_binary:
      return BinaryKind::bytes;
    case TypeId::date32:
    case TypeId::date64:
      return kind_of_date(field.type, rules);
    case TypeId::time32:
      return BinaryKind::time32_text;
    case TypeId::time64:
      return BinaryKind::time64_text;
    case TypeId::timestamp:
      return kind_of_timestamp(field, rules);
    case TypeId::duration:
      return BinaryKind::duration_text;
    case TypeId::interval_months:
    case TypeId::interval_day_time:
    case TypeId::interval_month_day_nano:
      return BinaryKind::interval_text;
    default:
      return kind_of_nested(field.type);
  }
}

// `outer`: of the dictionary or runs whose values the field is.
Result<BinaryStep> make_step(const Field& field, std::string path, const BinaryRules& rules,
                             Extension outer);

Result<void> add_children(const Field& field, const BinaryRules& rules, Extension outer,
                          BinaryStep& step) {
  if (field.type == TypeId::structure) {
    std::vector<const Field*> members;
    for (const Field& child : field.children) members.push_back(&child);
    KINESINK_ASSIGN(step.children, make_binary_members(members, step.path, rules));
    return {};
  }
  // The values of a dictionary or of runs are the column itself, its extension type is theirs.
  const bool is_column = step.kind == BinaryKind::dictionary || step.kind == BinaryKind::run;
  const Extension inner = is_column ? columnar::extension_of(field, outer) : Extension::none;
  for (const Field& child : field.children) {
    std::string path = is_column ? step.path : step.path + "." + child.name;
    KINESINK_ASSIGN(BinaryStep made, make_step(child, std::move(path), rules, inner));
    step.children.push_back(std::move(made));
  }
  return {};
}

bool can_be_key(const BinaryStep& step) {
  switch (step.kind) {
    case BinaryKind::list:
    case BinaryKind::structure:
    case BinaryKind::map:
    case BinaryKind::one_of:
      return false;
    case BinaryKind::dictionary:
    case BinaryKind::run:
      return can_be_key(step.children[0]);
    default:
      return true;
  }
}

Result<BinaryStep> make_step(const Field& field, std::string path, const BinaryRules& rules,
                             Extension outer) {
  BinaryStep step;
  step.path = std::move(path);
  const auto kind = kind_of(field, rules);
  if (!kind) {
    return refuse(step.path, std::string(rules.is_cbor ? "cbor" : "msgpack") +
                                 " cannot express the type " +
                                 std::string(columnar::name_of(field.type)) +
                                 ". Leave the column out (exclude_columns), or change its type.");
  }
  step.kind = *kind;
  const Extension extension = columnar::extension_of(field, outer);
  if (extension == Extension::uuid && field.type == TypeId::fixed_size_binary) {
    step.kind = BinaryKind::uuid;
  } else if (extension == Extension::bool8 && field.type == TypeId::int8) {
    step.kind = BinaryKind::bool8;
  }
  step.type = field.type;
  step.unit = field.type == TypeId::date64 ? TimeUnit::millisecond : field.unit;
  step.epoch_unit = epoch_unit(rules.options).value_or(TimeUnit::millisecond);
  step.precision = field.precision;
  step.scale = field.scale;
  step.decimal_width = static_cast<std::uint8_t>(width_of(field.type));
  KINESINK_TRY(add_children(field, rules, outer, step));
  if (step.kind == BinaryKind::map && !can_be_key(step.children[0])) {
    return refuse(step.children[0].path,
                  "A map's key may not be a list, a struct, a map or a union, which most readers "
                  "do not take. Leave the column out (exclude_columns), or change its type.");
  }
  return step;
}

void set_key(const std::string& name, const BinaryRules& rules, BinaryStep& step) {
  std::string key(kMaxHead + name.size(), '\0');
  char* const text = rules.text_head(name.size(), key.data());
  std::copy(name.begin(), name.end(), text);
  key.resize(static_cast<std::size_t>(text - key.data()) + name.size());
  step.key_size = static_cast<std::uint32_t>(key.size());
  if (key.size() <= kBinaryKeyStore) {
    std::copy(key.begin(), key.end(), step.short_key.begin());
  } else {
    step.long_key = std::move(key);
  }
}

}  // namespace

Result<std::vector<BinaryStep>> make_binary_members(const std::vector<const Field*>& fields,
                                                    const std::string& path,
                                                    const BinaryRules& rules) {
  std::vector<BinaryStep> members;
  std::set<std::string_view> names;
  for (const Field* field : fields) {
    std::string full = path.empty() ? field->name : path + "." + field->name;
    if (!names.insert(field->name).second) {
      return refuse(full, "Two columns have this name, which a map cannot express. Rename one.");
    }
    KINESINK_ASSIGN(BinaryStep step, make_step(*field, std::move(full), rules, Extension::none));
    set_key(field->name, rules, step);
    members.push_back(std::move(step));
  }
  return members;
}

}  // namespace kinesink::format
