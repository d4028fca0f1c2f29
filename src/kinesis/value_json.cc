// Value in JSON, read by simdjson.
#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "kinesis/value_codecs.h"

namespace kinesink::kinesis {
namespace {

void put_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += character;
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00" + to_hex({&character, 1});
    } else {
      out += character;
    }
  }
  out += '"';
}

struct JsonWriter {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(double value) const {
    if (!std::isfinite(value)) {
      out += "null";
      return;
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    out.append(text, end);
  }
  void operator()(const std::string& text) const { put_text(text, out); }
  void operator()(const Bytes& bytes) const { put_text(to_base64(bytes.data), out); }
  // Seconds with a fraction, never with an exponent: services differ in what numbers they read as a
  // time (https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait, epoch-seconds).
  void operator()(const Timestamp& timestamp) const {
    char text[32];
    const double seconds = static_cast<double>(timestamp.milliseconds) / 1000.0;
    const auto end =
        std::to_chars(text, text + sizeof(text), seconds, std::chars_format::fixed).ptr;
    out.append(text, end);
  }
  void operator()(const Value::List& list) const {
    char before = '[';
    for (const Value& item : list) {
      out += before;
      std::visit(*this, item.content());
      before = ',';
    }
    out += before == '[' ? "[]" : "]";
  }
  void operator()(const Value::Members& members) const {
    char before = '{';
    for (const auto& [name, value] : members) {
      out += before;
      put_text(name, out);
      out += ':';
      std::visit(*this, value.content());
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  }
};

constexpr std::size_t kMaxDepth = 32;

// simdjson has checked the text; its accessors cannot fail here.
Value value_of(const simdjson::dom::element& element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY: {
      Value::List list;
      for (const simdjson::dom::element item : simdjson::dom::array(element))
        list.push_back(value_of(item));
      return Value(std::move(list));
    }
    case simdjson::dom::element_type::OBJECT: {
      Value::Members members;
      for (const auto field : simdjson::dom::object(element)) {
        members.emplace_back(std::string(field.key), value_of(field.value));
      }
      return Value(std::move(members));
    }
    case simdjson::dom::element_type::INT64:
      return Value(std::int64_t(element));
    case simdjson::dom::element_type::UINT64:
      return Value(static_cast<double>(std::uint64_t(element)));
    case simdjson::dom::element_type::DOUBLE:
      return Value(double(element));
    case simdjson::dom::element_type::STRING:
      return Value(std::string_view(element));
    case simdjson::dom::element_type::BOOL:
      return Value(bool(element));
    case simdjson::dom::element_type::NULL_VALUE:
      return Value();
  }
  return Value();
}

}  // namespace

void encode_json(const Value& value, std::string& out) {
  std::visit(JsonWriter{out}, value.content());
}

Result<Value> decode_json(std::string_view body) {
  simdjson::dom::parser parser;
  if (parser.allocate(std::max<std::size_t>(body.size(), 64), kMaxDepth) != simdjson::SUCCESS) {
    return make_error(ErrorKind::resource,
                      "no memory to read " + std::to_string(body.size()) + " bytes of JSON");
  }
  const simdjson::padded_string padded(body);
  simdjson::dom::element root;
  if (const auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS) {
    return make_error(ErrorKind::invalid_data,
                      std::string("not JSON: ") + simdjson::error_message(error));
  }
  return value_of(root);
}

std::string encode(const Value& value, Wire wire) {
  std::string out;
  wire == Wire::cbor ? encode_cbor(value, out) : encode_json(value, out);
  return out;
}

Result<Value> decode(std::string_view body, Wire wire) {
  return wire == Wire::cbor ? decode_cbor(body) : decode_json(body);
}

}  // namespace kinesink::kinesis
