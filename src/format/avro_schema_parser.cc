// Schemas out of JSON, by https://avro.apache.org/docs/1.12.0/specification/#schema-declaration
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <set>

#include "format/avro_schema.h"

namespace kinesink::format {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr AvroType kPrimitives[] = {AvroType::null,  AvroType::boolean, AvroType::int32,
                                    AvroType::int64, AvroType::float32, AvroType::float64,
                                    AvroType::bytes, AvroType::string};
constexpr std::size_t kMaxJsonDepth = 256;
constexpr std::int64_t kMaxFixed = 1 << 24;

Error refuse(const std::string& where, const std::string& what) {
  return make_error(
      ErrorKind::invalid_argument,
      "The Avro schema is not valid: " + (where.empty() ? "" : where + ": ") + what + ".");
}

std::optional<std::string_view> text_in(const object& node, std::string_view key) {
  std::string_view text;
  if (node[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::int64_t number_in(const object& node, std::string_view key, std::int64_t otherwise) {
  std::int64_t number = 0;
  return node[key].get(number) == simdjson::SUCCESS ? number : otherwise;
}

// Strings of an array; anything else in it is left out.
std::vector<std::string> texts_in(const object& node, std::string_view key) {
  std::vector<std::string> texts;
  simdjson::dom::array array;
  if (node[key].get(array) != simdjson::SUCCESS) return texts;
  for (const element item : array) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

struct LogicalType {
  std::string_view name;
  AvroType type;
};
constexpr LogicalType kLogicalTypes[] = {{"date", AvroType::int32},
                                         {"time-millis", AvroType::int32},
                                         {"time-micros", AvroType::int64},
                                         {"time-nanos", AvroType::int64},
                                         {"timestamp-millis", AvroType::int64},
                                         {"timestamp-micros", AvroType::int64},
                                         {"timestamp-nanos", AvroType::int64},
                                         {"local-timestamp-millis", AvroType::int64},
                                         {"local-timestamp-micros", AvroType::int64},
                                         {"local-timestamp-nanos", AvroType::int64},
                                         {"arrow.duration-seconds", AvroType::int64},
                                         {"arrow.duration-millis", AvroType::int64},
                                         {"arrow.duration-micros", AvroType::int64},
                                         {"arrow.duration-nanos", AvroType::int64},
                                         {"uuid", AvroType::string},
                                         {"uuid", AvroType::fixed},
                                         {"decimal", AvroType::bytes},
                                         {"decimal", AvroType::fixed},
                                         {"duration", AvroType::fixed},
                                         {"map", AvroType::array}};

class Parser {
 public:
  Result<AvroSchema> parse(const element& json) {
    KINESINK_ASSIGN(schema_.root, read(json, "", ""));
    return std::move(schema_);
  }

 private:
  // `scope`: the namespace of names without one. `where`: for errors.
  Result<AvroNodeIndex> read(const element& json, const std::string& scope,
                             const std::string& where) {
    std::string_view text;
    if (json.get(text) == simdjson::SUCCESS) return named(text, scope, where);
    simdjson::dom::array branches;
    if (json.get(branches) == simdjson::SUCCESS) return read_union(branches, scope, where);
    object node;
    if (json.get(node) != simdjson::SUCCESS)
      return refuse(where, "a type is a string, an object or an array");
    element type;
    if (node["type"].get(type) != simdjson::SUCCESS) return refuse(where, "`type` is missing");
    if (type.get(text) != simdjson::SUCCESS) return read(type, scope, where);
    if (text == "record" || text == "error") return read_record(node, scope, where);
    if (text == "enum" || text == "fixed") return read_flat(node, text == "enum", scope, where);
    if (text == "array" || text == "map") return read_nest(node, text == "array", scope, where);
    for (const AvroType primitive : kPrimitives) {
      if (text != name_of(primitive)) continue;
      AvroNode made;
      made.type = primitive;
      read_logical(node, made);
      return schema_.add(std::move(made));
    }
    return named(text, scope, where);
  }

  Result<AvroNodeIndex> named(std::string_view name, const std::string& scope,
                              const std::string& where) {
    for (const AvroType primitive : kPrimitives) {
      if (name != name_of(primitive)) continue;
      AvroNode made;
      made.type = primitive;
      return schema_.add(std::move(made));
    }
    auto found = names_.find(full_name(name, scope));
    if (found == names_.end()) found = names_.find(std::string(name));
    if (found == names_.end())
      return refuse(where, "there is no type `" + std::string(name) + "` before this place");
    return found->second;
  }

  Result<AvroNodeIndex> read_union(const simdjson::dom::array& branches, const std::string& scope,
                                   const std::string& where) {
    AvroNode made;
    made.type = AvroType::alternatives;
    std::set<std::string> kinds;
    for (const element branch : branches) {
      KINESINK_ASSIGN(const AvroNodeIndex index, read(branch, scope, where));
      const AvroNode& node = schema_.at(index);
      if (node.type == AvroType::alternatives)
        return refuse(where, "a union stands directly in a union");
      if (!kinds.insert(node.name.empty() ? std::string(name_of(node.type)) : node.name).second)
        return refuse(where, "a union has two branches of one type");
      made.children.push_back(index);
    }
    return schema_.add(std::move(made));
  }

  Result<AvroNodeIndex> read_nest(const object& node, bool is_array, const std::string& scope,
                                  const std::string& where) {
    const std::string_view key = is_array ? "items" : "values";
    element inner;
    if (node[key].get(inner) != simdjson::SUCCESS)
      return refuse(where, "`" + std::string(key) + "` is missing");
    AvroNode made;
    made.type = is_array ? AvroType::array : AvroType::map;
    read_logical(node, made);
    KINESINK_ASSIGN(const AvroNodeIndex index, read(inner, scope, where));
    made.children.push_back(index);
    return schema_.add(std::move(made));
  }

  // A node of this name; records are entered before their fields, which may name them.
  Result<AvroNodeIndex> define(const object& node, AvroType type, const std::string& scope,
                               const std::string& where) {
    const auto name = text_in(node, "name");
    if (!name) return refuse(where, "`name` is missing");
    const auto own = text_in(node, "namespace");
    AvroNode made;
    made.type = type;
    made.name = full_name(*name, own ? std::string(*own) : scope);
    std::string_view rest = made.name;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('.'), rest.size());
      if (!is_avro_name(rest.substr(0, end)) || end + 1 == rest.size())
        return refuse(where, "`" + made.name + "` is not a name");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (made.name.empty()) return refuse(where, "`name` is empty");
    read_logical(node, made);
    const std::string key = made.name;
    const AvroNodeIndex index = schema_.add(std::move(made));
    if (!names_.emplace(key, index).second)
      return refuse(where, "the type `" + key + "` is defined twice");
    return index;
  }

  Result<AvroNodeIndex> read_flat(const object& node, bool is_enum, const std::string& scope,
                                  const std::string& where) {
    KINESINK_ASSIGN(const AvroNodeIndex index,
                    define(node, is_enum ? AvroType::enumeration : AvroType::fixed, scope, where));
    AvroNode& made = schema_.nodes[index];
    if (!is_enum) {
      const std::int64_t size = number_in(node, "size", -1);
      if (size < 0 || size > kMaxFixed)
        return refuse(where, "`size` of " + made.name + " is not a number up to " +
                                 std::to_string(kMaxFixed));
      made.size = static_cast<std::uint32_t>(size);
      read_logical(node, made);
      return index;
    }
    made.symbols = texts_in(node, "symbols");
    if (made.symbols.empty()) return refuse(where, made.name + " has no symbols");
    std::set<std::string_view> seen;
    for (const std::string& symbol : made.symbols) {
      if (!is_avro_name(symbol)) return refuse(where, "a symbol of " + made.name + " is no name");
      if (!seen.insert(symbol).second)
        return refuse(where, "a symbol of " + made.name + " stands twice");
    }
    return index;
  }

  Result<AvroNodeIndex> read_record(const object& node, const std::string& scope,
                                    const std::string& where) {
    KINESINK_ASSIGN(const AvroNodeIndex index, define(node, AvroType::record, scope, where));
    const std::string name = schema_.at(index).name;
    const std::size_t dot = name.rfind('.');
    const std::string inner = dot == std::string::npos ? "" : name.substr(0, dot);
    simdjson::dom::array fields;
    if (node["fields"].get(fields) != simdjson::SUCCESS) return refuse(name, "`fields` is missing");
    std::set<std::string> seen;
    for (const element item : fields) {
      object json;
      const auto field_name =
          item.get(json) == simdjson::SUCCESS ? text_in(json, "name") : std::nullopt;
      if (!field_name || !is_avro_name(*field_name))
        return refuse(name, "a field has no name, or one that is not [A-Za-z_][A-Za-z0-9_]*");
      AvroField field;
      field.name = *field_name;
      field.aliases = texts_in(json, "aliases");
      field.doc = text_in(json, "doc").value_or("");
      if (!seen.insert(field.name).second)
        return refuse(name, "two fields are named `" + field.name + "`");
      element type;
      if (json["type"].get(type) != simdjson::SUCCESS)
        return refuse(name + "." + field.name, "`type` is missing");
      KINESINK_ASSIGN(field.type, read(type, inner, name + "." + field.name));
      element otherwise;
      if (json["default"].get(otherwise) == simdjson::SUCCESS)
        field.default_value = simdjson::minify(otherwise);
      schema_.nodes[index].fields.push_back(std::move(field));
    }
    return index;
  }

  // As the specification asks, one that its type does not allow is passed over.
  static void read_logical(const object& node, AvroNode& made) {
    const auto name = text_in(node, "logicalType");
    const bool is_known = name && std::ranges::any_of(kLogicalTypes, [&](const LogicalType& one) {
                            return one.name == *name && one.type == made.type;
                          });
    if (!is_known) return;
    if (*name == "decimal") {
      const std::int64_t precision = number_in(node, "precision", 0);
      const std::int64_t scale = number_in(node, "scale", 0);
      const std::int64_t most =
          made.type == AvroType::fixed ? decimal_digits_of(made.size) : INT32_MAX;
      if (precision < 1 || precision > most || scale < 0 || scale > precision) return;
      made.precision = static_cast<std::int32_t>(precision);
      made.scale = static_cast<std::int32_t>(scale);
    }
    if (*name == "duration" && made.size != kAvroDurationSize) return;
    if (*name == "uuid" && made.type == AvroType::fixed && made.size != kAvroUuidSize) return;
    made.logical_type = *name;
  }

  static std::string full_name(std::string_view name, const std::string& scope) {
    if (scope.empty() || name.find('.') != std::string_view::npos) return std::string(name);
    return scope + "." + std::string(name);
  }

  AvroSchema schema_;
  std::map<std::string, AvroNodeIndex> names_;
};

}  // namespace

Result<AvroSchema> parse_avro_schema(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  auto error = parser.allocate(json.size(), kMaxJsonDepth);
  if (error == simdjson::SUCCESS) error = parser.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return refuse("", std::string("it is not JSON (") + simdjson::error_message(error) + ")");
  }
  return Parser().parse(root);
}

}  // namespace kinesink::format
