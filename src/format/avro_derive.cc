// The Avro schema of Arrow columns. docs/formats/avro.md has the table of types.
#include <map>
#include <set>

#include "format/avro_schema.h"
#include "format/avro_types.h"

namespace kinesink::format {
namespace {

using columnar::Field;
using columnar::TimeUnit;
using columnar::TypeId;

Error refuse(const std::string& path, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = path;
  return error;
}

AvroNode node_of(AvroType type, std::string logical_type = {}) {
  AvroNode node;
  node.type = type;
  node.logical_type = std::move(logical_type);
  return node;
}

std::string time_type(TimeUnit unit) {
  return unit == TimeUnit::nanosecond    ? "time-nanos"
         : unit == TimeUnit::microsecond ? "time-micros"
                                         : "time-millis";
}

std::string timestamp_type(const Field& field) {
  const char* const unit = field.unit == TimeUnit::nanosecond    ? "nanos"
                           : field.unit == TimeUnit::microsecond ? "micros"
                                                                 : "millis";
  return (field.timezone.empty() ? "local-timestamp-" : "timestamp-") + std::string(unit);
}

std::string duration_type(TimeUnit unit) {
  constexpr const char* kNames[] = {"seconds", "millis", "micros", "nanos"};
  return std::string("arrow.duration-") + kNames[static_cast<std::size_t>(unit)];
}

// A character that a name may not have becomes an underscore, however many bytes it has.
std::string to_avro_name(std::string_view name) {
  std::string made;
  for (const char c : name) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0) == 0x80) continue;  // in the middle of a character
    made += is_avro_name({&c, 1}) || (byte >= '0' && byte <= '9') ? c : '_';
  }
  if (made.empty() || (made[0] >= '0' && made[0] <= '9')) made.insert(0, 1, '_');
  return made;
}

class Deriver {
 public:
  Deriver(const FormatOptions& options, std::vector<std::string>& notes)
      : options_(options), notes_(notes) {}

  Result<AvroSchema> derive(const std::vector<const Field*>& columns) {
    if (!is_avro_name(options_.avro_record_name)) {
      return make_error(ErrorKind::invalid_argument,
                        "avro.record_name is not a name of Avro: [A-Za-z_][A-Za-z0-9_]*.");
    }
    KINESINK_TRY(check_namespace());
    KINESINK_ASSIGN(schema_.root, record(columns, options_.avro_record_name, ""));
    return std::move(schema_);
  }

 private:
  Result<void> check_namespace() const {
    std::string_view rest = options_.avro_namespace;
    for (bool more = !rest.empty(); more;) {
      const std::size_t end = rest.find('.');
      more = end != std::string_view::npos;
      if (!is_avro_name(rest.substr(0, end))) {
        return make_error(ErrorKind::invalid_argument,
                          "avro.namespace is not a namespace of Avro: names separated by points.");
      }
      if (more) rest.remove_prefix(end + 1);
    }
    return {};
  }

  // The full name of a type; a number tells apart what would have one name.
  std::string type_name(const std::string& name) {
    std::string unique = name;
    for (int i = 2; !type_names_.insert(unique).second; ++i)
      unique = name + "_" + std::to_string(i);
    return options_.avro_namespace.empty() ? unique : options_.avro_namespace + "." + unique;
  }

  // `name`: what types inside are named after. `path`: of the record, empty at the top.
  Result<AvroNodeIndex> record(const std::vector<const Field*>& fields, const std::string& name,
                               const std::string& path) {
    AvroNode made = node_of(AvroType::record);
    made.name = type_name(name);
    std::map<std::string, std::string_view> taken;
    for (const Field* field : fields) {
      const std::string full = path.empty() ? field->name : path + "." + field->name;
      AvroField entry;
      entry.name = to_avro_name(field->name);
      const auto [before, is_new] = taken.emplace(entry.name, field->name);
      if (!is_new) {
        return refuse(full, "In Avro the columns `" + std::string(before->second) + "` and `" +
                                field->name + "` would both be named `" + entry.name +
                                "`. Rename one, or leave it out (exclude_columns).");
      }
      if (entry.name != field->name) {
        entry.doc = field->name;
        notes_.push_back("Column " + full + " is named " + entry.name +
                         " in Avro, which has letters, digits and underscores only.");
      }
      KINESINK_ASSIGN(entry.type, value(*field, name + "_" + entry.name, full));
      if (schema_.at(entry.type).type == AvroType::alternatives) entry.default_value = "null";
      made.fields.push_back(std::move(entry));
    }
    return schema_.add(std::move(made));
  }

  Result<AvroNodeIndex> value(const Field& field, const std::string& name,
                              const std::string& path) {
    if (is_union(field.type)) return branches(field, name, path);
    KINESINK_ASSIGN(const AvroNodeIndex bare, bare_value(field, name, path));
    if (!can_be_null(field) || schema_.at(bare).type == AvroType::null) return bare;
    AvroNode made = node_of(AvroType::alternatives);
    made.children = {schema_.add(node_of(AvroType::null)), bare};
    return schema_.add(std::move(made));
  }

  // Runs have no nulls of their own: those of their values are the column's.
  static bool can_be_null(const Field& field) {
    return field.nullable ||
           (field.type == TypeId::run_end_encoded && can_be_null(field.children[0]));
  }

  // A union's members are the branches; null is one if any may be null, and members of one Avro
  // type share theirs.
  Result<AvroNodeIndex> branches(const Field& field, const std::string& name,
                                 const std::string& path) {
    AvroNode made = node_of(AvroType::alternatives);
    for (const Field& member : field.children) {
      const std::string full = path + "." + member.name;
      if (is_union(decoded(member).type)) {
        return refuse(full,
                      "Avro has no unions within unions. Cast the column, or leave it out "
                      "(exclude_columns).");
      }
      KINESINK_ASSIGN(const AvroNodeIndex bare,
                      bare_value(member, name + "_" + to_avro_name(member.name), full));
      if (can_be_null(member) && schema_.at(bare).type != AvroType::null)
        KINESINK_TRY(add_branch(made, schema_.add(node_of(AvroType::null)), full));
      KINESINK_TRY(add_branch(made, bare, full));
    }
    return schema_.add(std::move(made));
  }

  Result<void> add_branch(AvroNode& made, AvroNodeIndex branch, const std::string& path) {
    const AvroNode& added = schema_.at(branch);
    for (std::size_t i = 0; i < made.children.size(); ++i) {
      const AvroNode& other = schema_.at(made.children[i]);
      if (other.type != added.type || other.name != added.name) continue;
      AvroSchema one = schema_;
      one.root = branch;
      AvroSchema two = schema_;
      two.root = made.children[i];
      if (avro_json(one, 0) == avro_json(two, 0)) return {};
      return refuse(path, "Two members of the union would both be Avro's `" +
                              std::string(name_of(added.type)) +
                              "`, of which a union has one. Cast one, or leave the column out "
                              "(exclude_columns).");
    }
    const bool is_null = added.type == AvroType::null;
    made.children.insert(is_null ? made.children.begin() : made.children.end(), branch);
    return {};
  }

  Result<AvroNodeIndex> bare_value(const Field& field, const std::string& name,
                                   const std::string& path) {
    switch (field.type) {
      case TypeId::structure: {
        std::vector<const Field*> members;
        for (const Field& child : field.children) members.push_back(&child);
        return record(members, name, path);
      }
      case TypeId::list:
      case TypeId::large_list:
      case TypeId::list_view:
      case TypeId::large_list_view:
      case TypeId::fixed_size_list: {
        const Field& item = field.children[0];
        KINESINK_ASSIGN(const AvroNodeIndex inner, value(item, name, path + "." + item.name));
        AvroNode made = node_of(AvroType::array);
        made.children = {inner};
        return schema_.add(std::move(made));
      }
      case TypeId::map:
        return map(field, name, path);
      case TypeId::dictionary:
      case TypeId::run_end_encoded:
        return coded(field, name, path);
      default:
        return leaf(field, name, path);
    }
  }

  Result<AvroNodeIndex> map(const Field& field, const std::string& name, const std::string& path) {
    const Field& key = field.children[0];
    const Field& item = field.children[1];
    if (is_text(decoded(key).type)) {
      KINESINK_ASSIGN(const AvroNodeIndex inner, value(item, name, path + "." + item.name));
      AvroNode made = node_of(AvroType::map);
      made.children = {inner};
      return schema_.add(std::move(made));
    }
    AvroNode entry = node_of(AvroType::record);
    entry.name = type_name(name);
    Field required = key;
    required.nullable = false;
    entry.fields.resize(2);
    entry.fields[0].name = "key";
    KINESINK_ASSIGN(entry.fields[0].type, value(required, name + "_key", path + "." + key.name));
    entry.fields[1].name = "value";
    KINESINK_ASSIGN(entry.fields[1].type, value(item, name + "_value", path + "." + item.name));
    AvroNode made = node_of(AvroType::array, "map");
    made.children = {schema_.add(std::move(entry))};
    return schema_.add(std::move(made));
  }

  Result<AvroNodeIndex> coded(const Field& field, const std::string& name,
                              const std::string& path) {
    if (is_union(field.children[0].type)) {
      return refuse(path,
                    "Avro has no type for a union that is encoded by a dictionary or by runs. "
                    "Decode the column, or leave it out (exclude_columns).");
    }
    if (field.type == TypeId::dictionary &&
        options_.avro_dictionary == AvroDictionary::enumeration &&
        is_text(field.children[0].type)) {
      AvroNode made = node_of(AvroType::enumeration);
      made.name = type_name(name);
      return schema_.add(std::move(made));
    }
    return bare_value(values_of(field), name, path);
  }

  AvroNode decimal(std::int32_t precision, std::int32_t scale, const std::string& name) {
    AvroNode made = node_of(AvroType::bytes, "decimal");
    // Avro has no negative scale, and no scale above the precision.
    made.precision = scale < 0 ? precision - scale : std::max(precision, scale);
    made.scale = std::max(scale, 0);
    if (options_.avro_decimal == AvroDecimal::bytes) return made;
    made.type = AvroType::fixed;
    made.name = type_name(name);
    made.size = 1;
    while (decimal_digits_of(made.size) < made.precision) ++made.size;
    return made;
  }

  AvroNode fixed(std::uint32_t size, const std::string& name, std::string logical_type = {}) {
    AvroNode made = node_of(AvroType::fixed, std::move(logical_type));
    made.name = type_name(name);
    made.size = size;
    return made;
  }

  Result<AvroNodeIndex> leaf(const Field& field, const std::string& name, const std::string& path) {
    std::optional<AvroNode> made = leaf_node(field, name);
    if (made) return schema_.add(*std::move(made));
    return refuse(path, "Avro has no type for " + std::string(columnar::name_of(field.type)) +
                            ". Cast the column, or leave it out (exclude_columns).");
  }

  std::optional<AvroNode> leaf_node(const Field& field, const std::string& name) {
    switch (field.type) {
      case TypeId::null:
        return node_of(AvroType::null);
      case TypeId::boolean:
        return node_of(AvroType::boolean);
      case TypeId::int8:
        return node_of(is_bool8(field) ? AvroType::boolean : AvroType::int32);
      case TypeId::int16:
      case TypeId::int32:
      case TypeId::uint8:
      case TypeId::uint16:
        return node_of(AvroType::int32);
      case TypeId::int64:
      case TypeId::uint32:
        return node_of(AvroType::int64);
      case TypeId::uint64:
        if (options_.avro_uint64 == AvroUint64::integer) return node_of(AvroType::int64);
        return decimal(kDigitsOfUint64, 0, name);
      case TypeId::float16:
      case TypeId::float32:
        return node_of(AvroType::float32);
      case TypeId::float64:
        return node_of(AvroType::float64);
      case TypeId::decimal32:
      case TypeId::decimal64:
      case TypeId::decimal128:
      case TypeId::decimal256:
        return decimal(field.precision, field.scale, name);
      case TypeId::utf8:
      case TypeId::large_utf8:
      case TypeId::utf8_view:
        return node_of(AvroType::string);
      case TypeId::binary:
      case TypeId::large_binary:
      case TypeId::binary_view:
        return node_of(AvroType::bytes);
      case TypeId::fixed_size_binary:
        if (!is_uuid(field)) return fixed(static_cast<std::uint32_t>(field.fixed_size), name);
        if (options_.avro_uuid == AvroUuid::string) return node_of(AvroType::string, "uuid");
        return fixed(kAvroUuidSize, name, "uuid");
      case TypeId::interval_months:
      case TypeId::interval_day_time:
      case TypeId::interval_month_day_nano:
        return fixed(kAvroDurationSize, name, "duration");
      default:
        return temporal_node(field);
    }
  }

  static std::optional<AvroNode> temporal_node(const Field& field) {
    switch (field.type) {
      case TypeId::date32:
      case TypeId::date64:
        return node_of(AvroType::int32, "date");
      case TypeId::time32:
        return node_of(AvroType::int32, time_type(field.unit));
      case TypeId::time64:
        return node_of(AvroType::int64, time_type(field.unit));
      case TypeId::timestamp:
        return node_of(AvroType::int64, timestamp_type(field));
      case TypeId::duration:
        return node_of(AvroType::int64, duration_type(field.unit));
      default:
        return std::nullopt;
    }
  }

  const FormatOptions& options_;
  std::vector<std::string>& notes_;
  AvroSchema schema_;
  std::set<std::string> type_names_;
};

}  // namespace

Result<AvroSchema> derive_avro_schema(const std::vector<const Field*>& columns,
                                      const FormatOptions& options,
                                      std::vector<std::string>& notes) {
  return Deriver(options, notes).derive(columns);
}

}  // namespace kinesink::format
