#include "kinesis/value.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"

namespace kinesink::kinesis {

const Value& Value::operator[](std::string_view member) const {
  static const Value null;
  for (const auto& [name, value] : members()) {
    if (name == member) return value;
  }
  return null;
}

const Value::List& Value::list() const {
  static const List empty;
  const List* list = std::get_if<List>(&content_);
  return list == nullptr ? empty : *list;
}

const Value::Members& Value::members() const {
  static const Members empty;
  const Members* members = std::get_if<Members>(&content_);
  return members == nullptr ? empty : *members;
}

std::optional<std::string_view> Value::text() const {
  const std::string* text = std::get_if<std::string>(&content_);
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::optional<std::int64_t> Value::integer() const {
  const std::int64_t* integer = std::get_if<std::int64_t>(&content_);
  return integer == nullptr ? std::nullopt : std::optional(*integer);
}

std::optional<bool> Value::boolean() const {
  const bool* boolean = std::get_if<bool>(&content_);
  return boolean == nullptr ? std::nullopt : std::optional(*boolean);
}

std::optional<std::string> Value::bytes() const {
  if (const Bytes* bytes = std::get_if<Bytes>(&content_)) return bytes->data;
  if (const std::string* text = std::get_if<std::string>(&content_)) return from_base64(*text);
  return std::nullopt;
}

std::optional<std::int64_t> Value::timestamp() const {
  // The largest number of seconds whose milliseconds a double still counts exactly.
  constexpr double kMostSeconds = 9e12;
  if (const Timestamp* timestamp = std::get_if<Timestamp>(&content_))
    return timestamp->milliseconds;
  double seconds = 0;
  if (const std::int64_t* integer = std::get_if<std::int64_t>(&content_)) {
    seconds = static_cast<double>(*integer);
  } else if (const double* number = std::get_if<double>(&content_)) {
    seconds = *number;
  } else {
    return std::nullopt;
  }
  if (!(std::abs(seconds) <= kMostSeconds)) return std::nullopt;
  return std::llround(seconds * 1000.0);
}

std::optional<Wire> wire_of(std::string_view content_type, std::string_view body) {
  const bool starts_json = !body.empty() && (body[0] == '{' || body[0] == '[');
  // Answers now and then come in the other encoding than their header says.
  if (content_type.find("cbor") != std::string_view::npos)
    return starts_json ? Wire::json : Wire::cbor;
  if (content_type.find("json") != std::string_view::npos) {
    const bool starts_cbor = !body.empty() && (static_cast<unsigned char>(body[0]) & 0xe0) == 0xa0;
    return starts_cbor ? Wire::cbor : Wire::json;
  }
  return std::nullopt;
}

}  // namespace kinesink::kinesis
