// Reads an Avro datum by the JSON of its schema, and by nothing that the writer knows. Values come
// back as text:
//
//   null  true  -5  0.5  "text"  x'00ff'  symbol  [1,2]  {"a":1}
//
// Unions read as the value of their branch; maps as records do, in the order of their entries.
#pragma once

#include <simdjson.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace kinesink::test_support {

inline std::string avro_number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

inline std::string avro_bytes(std::string_view bytes) {
  std::string text = "x'";
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    text += digits;
  }
  return text + "'";
}

class AvroReader {
 public:
  explicit AvroReader(const std::string& schema) : json_(schema) {
    broken_ = parser_.parse(json_).get(schema_) != simdjson::SUCCESS;
  }

  // Or what is wrong with it.
  std::string read(std::string_view datum) {
    if (broken_) return "the schema is not JSON";
    rest_ = datum;
    broken_ = false;
    const std::string text = value(schema_);
    if (broken_) return "the datum ends too early, or is not of the schema";
    return rest_.empty() ? text : text + " and " + std::to_string(rest_.size()) + " bytes more";
  }

 private:
  using Element = simdjson::dom::element;

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      broken_ = true;
      return std::string_view();
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::int64_t number() {
    std::uint64_t bits = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const std::string_view byte = take(1);
      if (byte.empty()) return 0;
      const auto group = static_cast<std::uint64_t>(static_cast<unsigned char>(byte[0]));
      bits |= (group & 0x7f) << shift;
      if (group < 0x80) return static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
    }
    broken_ = true;
    return 0;
  }

  std::string text() {
    const std::int64_t size = number();
    broken_ |= size < 0;
    return std::string(take(static_cast<std::size_t>(size)));
  }

  template <typename Float, typename Bits>
  std::string floating() {
    const std::string_view bytes = take(sizeof(Bits));
    Bits bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bits |= static_cast<Bits>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return avro_number(static_cast<double>(std::bit_cast<Float>(bits)));
  }

  std::string value(Element type) {
    if (broken_) return "";
    simdjson::dom::array branches;
    if (type.get(branches) == simdjson::SUCCESS) {
      const std::int64_t branch = number();
      if (branch < 0 || static_cast<std::size_t>(branch) >= branches.size()) return fail();
      return value(branches.at(static_cast<std::size_t>(branch)).value_unsafe());
    }
    std::string_view name;
    if (type.get(name) == simdjson::SUCCESS) {
      const auto known = types_.find(std::string(name));
      return known == types_.end() ? primitive(name) : complex(known->second);
    }
    return complex(type);
  }

  std::string primitive(std::string_view name) {
    if (name == "null") return "null";
    if (name == "boolean") return take(1) == std::string_view("\1", 1) ? "true" : "false";
    if (name == "int" || name == "long") return std::to_string(number());
    if (name == "float") return floating<float, std::uint32_t>();
    if (name == "double") return floating<double, std::uint64_t>();
    if (name == "bytes") return avro_bytes(text());
    if (name == "string") return "\"" + text() + "\"";
    return fail();
  }

  std::string complex(Element type) {
    std::string_view name;
    std::string_view kind;
    if (type["type"].get(kind) != simdjson::SUCCESS) return fail();
    if (type["name"].get(name) == simdjson::SUCCESS) types_.emplace(std::string(name), type);
    if (kind == "record") return record(type);
    if (kind == "array")
      return blocks("[", "]", [&] { return value(type["items"].value_unsafe()); });
    if (kind == "map") {
      return blocks("{", "}", [&] {
        std::string key = "\"" + text() + "\":";
        return key + value(type["values"].value_unsafe());
      });
    }
    if (kind == "fixed")
      return avro_bytes(take(static_cast<std::size_t>(type["size"].get_int64().value_unsafe())));
    if (kind == "enum") {
      const std::int64_t place = number();
      const simdjson::dom::array symbols = type["symbols"].get_array().value_unsafe();
      if (place < 0 || static_cast<std::size_t>(place) >= symbols.size()) return fail();
      return std::string(symbols.at(static_cast<std::size_t>(place)).get_string().value_unsafe());
    }
    return primitive(kind);
  }

  std::string record(Element type) {
    std::string text = "{";
    const simdjson::dom::array fields = type["fields"].get_array().value_unsafe();
    for (const Element field : fields) {
      if (text.size() > 1) text += ',';
      text += "\"" + std::string(field["name"].get_string().value_unsafe()) + "\":";
      text += value(field["type"].value_unsafe());
    }
    return text + "}";
  }

  template <typename Item>
  std::string blocks(const char* open, const char* close, Item item) {
    std::string text = open;
    for (std::int64_t count = number(); count != 0 && !broken_; count = number()) {
      if (count < 0) {
        count = -count;
        number();  // the size in bytes
      }
      for (; count > 0 && !broken_; --count) text += (text.size() > 1 ? "," : "") + item();
    }
    return text + close;
  }

  std::string fail() {
    broken_ = true;
    return "";
  }

  std::string json_;
  simdjson::dom::parser parser_;
  Element schema_;
  std::map<std::string, Element> types_;
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace kinesink::test_support
