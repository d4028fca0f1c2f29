// Defaults of fields that no column has: JSON as the bytes of a datum.
// https://avro.apache.org/docs/1.12.0/specification/#schema-record has the JSON of each type.
#include <simdjson.h>

#include <cmath>
#include <limits>

#include "format/avro_bytes.h"
#include "format/avro_match.h"

namespace kinesink::format {
namespace {

using simdjson::dom::element;

constexpr int kMaxDefaultDepth = 64;  // a record may hold itself by its own default

class DefaultWriter {
 public:
  explicit DefaultWriter(const AvroSchema& schema) : schema_(schema) {}

  // False: the JSON is not of that type; what was written is then of no use.
  bool write(AvroNodeIndex index, const element& json, int depth) {
    if (depth > kMaxDefaultDepth) return false;
    const AvroNode& node = schema_.at(index);
    switch (node.type) {
      case AvroType::null:
        return json.is_null();
      case AvroType::boolean: {
        bool flag = false;
        if (json.get(flag) != simdjson::SUCCESS) return false;
        bytes += flag ? '\1' : '\0';
        return true;
      }
      case AvroType::int32:
      case AvroType::int64:
        return write_integer(node, json);
      case AvroType::float32:
      case AvroType::float64:
        return write_floating(node, json);
      case AvroType::string:
      case AvroType::bytes:
      case AvroType::fixed:
      case AvroType::enumeration:
        return write_text(node, json);
      case AvroType::array:
        return write_array(node, json, depth);
      case AvroType::map:
        return write_map(node, json, depth);
      case AvroType::record:
        return write_record(node, json, depth);
      case AvroType::alternatives:
        return write_branch(node, json, depth);
    }
    return false;
  }

  std::string bytes;

 private:
  void put_long(std::int64_t value) {
    std::uint8_t aside[2 * kMaxVarint];
    bytes.append(reinterpret_cast<const char*>(aside),
                 static_cast<std::size_t>(write_long(value, aside) - aside));
  }

  bool write_integer(const AvroNode& node, const element& json) {
    std::int64_t number = 0;
    if (json.get(number) != simdjson::SUCCESS) return false;
    if (node.type == AvroType::int32 && number != static_cast<std::int32_t>(number)) return false;
    put_long(number);
    return true;
  }

  bool write_floating(const AvroNode& node, const element& json) {
    double number = 0;
    if (json.get(number) != simdjson::SUCCESS) return false;
    char raw[sizeof(double)];
    if (node.type == AvroType::float64) {
      std::memcpy(raw, &number, sizeof(number));
      bytes.append(raw, sizeof(number));
      return true;
    }
    if (std::abs(number) > std::numeric_limits<float>::max()) return false;
    const auto single = static_cast<float>(number);
    std::memcpy(raw, &single, sizeof(single));
    bytes.append(raw, sizeof(single));
    return true;
  }

  // bytes and fixed: a character for each byte, U+0000 to U+00FF.
  static bool to_bytes(std::string_view text, std::string& out) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(text[i]);
      if (byte < 0x80) {
        out += text[i];
      } else if ((byte & 0xfc) == 0xc0) {
        out += static_cast<char>(byte << 6 | (static_cast<std::uint8_t>(text[++i]) & 0x3f));
      } else {
        return false;
      }
    }
    return true;
  }

  bool write_text(const AvroNode& node, const element& json) {
    std::string_view text;
    if (json.get(text) != simdjson::SUCCESS) return false;
    if (node.type == AvroType::enumeration) {
      for (std::size_t i = 0; i < node.symbols.size(); ++i) {
        if (node.symbols[i] != text) continue;
        put_long(static_cast<std::int64_t>(i));
        return true;
      }
      return false;
    }
    std::string raw(text);
    if (node.type != AvroType::string) {
      raw.clear();
      if (!to_bytes(text, raw)) return false;
    }
    if (node.type == AvroType::fixed) {
      bytes += raw;
      return raw.size() == node.size;
    }
    put_long(static_cast<std::int64_t>(raw.size()));
    bytes += raw;
    return true;
  }

  bool write_array(const AvroNode& node, const element& json, int depth) {
    simdjson::dom::array items;
    if (json.get(items) != simdjson::SUCCESS) return false;
    if (items.size() > 0) put_long(static_cast<std::int64_t>(items.size()));
    for (const element item : items) {
      if (!write(node.children[0], item, depth + 1)) return false;
    }
    put_long(0);
    return true;
  }

  bool write_map(const AvroNode& node, const element& json, int depth) {
    simdjson::dom::object members;
    if (json.get(members) != simdjson::SUCCESS) return false;
    if (members.size() > 0) put_long(static_cast<std::int64_t>(members.size()));
    for (const auto member : members) {
      put_long(static_cast<std::int64_t>(member.key.size()));
      bytes += member.key;
      if (!write(node.children[0], member.value, depth + 1)) return false;
    }
    put_long(0);
    return true;
  }

  bool write_record(const AvroNode& node, const element& json, int depth) {
    simdjson::dom::object members;
    if (json.get(members) != simdjson::SUCCESS) return false;
    for (const AvroField& field : node.fields) {
      element value;
      if (members[field.name].get(value) == simdjson::SUCCESS) {
        if (!write(field.type, value, depth + 1)) return false;
        continue;
      }
      if (!field.default_value) return false;
      simdjson::dom::parser parser;
      if (parser.parse(*field.default_value).get(value) != simdjson::SUCCESS) return false;
      if (!write(field.type, value, depth + 1)) return false;
    }
    return true;
  }

  // The first branch that the JSON is of.
  bool write_branch(const AvroNode& node, const element& json, int depth) {
    const std::size_t size = bytes.size();
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      put_long(static_cast<std::int64_t>(i));
      if (write(node.children[i], json, depth + 1)) return true;
      bytes.resize(size);
    }
    return false;
  }

  const AvroSchema& schema_;
};

}  // namespace

Result<std::string> encode_default(const AvroSchema& schema, AvroNodeIndex type,
                                   const std::string& json) {
  simdjson::dom::parser parser;
  element value;
  DefaultWriter writer(schema);
  if (parser.parse(json).get(value) != simdjson::SUCCESS || !writer.write(type, value, 0)) {
    return make_error(ErrorKind::invalid_argument,
                      "The default of a field of the Avro schema is not a value of its type.");
  }
  return std::move(writer.bytes);
}

}  // namespace kinesink::format
