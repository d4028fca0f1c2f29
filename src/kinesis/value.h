// A value of the AWS JSON protocol as a tree, in JSON or CBOR: for all calls that are not on the
// hot path.
//
// CBOR as the service speaks it: text keys, byte strings for blobs, definite or indefinite lengths;
// a timestamp is tag 1 with integer epoch milliseconds (not seconds, as RFC 8949 has it). In JSON a
// timestamp is epoch seconds with a fraction and a blob is base64 text, so readers of a tree ask
// for what they expect: bytes() and timestamp() work for both.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kinesink/result.h"
#include "kinesis/request_body.h"

namespace kinesink::kinesis {

struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

struct Timestamp {
  std::int64_t milliseconds = 0;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

class Value {
 public:
  using List = std::vector<Value>;
  using Members = std::vector<std::pair<std::string, Value>>;  // in order of appearance
  using Content = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes,
                               Timestamp, List, Members>;

  Value() = default;  // null
  explicit Value(bool value) : content_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  explicit Value(T value) : content_(static_cast<std::int64_t>(value)) {}
  explicit Value(double value) : content_(value) {}
  explicit Value(std::string value) : content_(std::move(value)) {}
  explicit Value(std::string_view value) : content_(std::string(value)) {}
  explicit Value(const char* value) : content_(std::string(value)) {}
  explicit Value(Bytes value) : content_(std::move(value)) {}
  explicit Value(Timestamp value) : content_(value) {}
  explicit Value(List value) : content_(std::move(value)) {}
  explicit Value(Members value) : content_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(content_); }
  const Content& content() const { return content_; }
  // Member of a map; a null Value if it is absent or this is no map.
  const Value& operator[](std::string_view member) const;
  // Empty if this is no list, no map.
  const List& list() const;
  const Members& members() const;
  // Nothing if this is of another type.
  std::optional<std::string_view> text() const;
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
  std::optional<std::string> bytes() const;       // Bytes, or base64 text
  std::optional<std::int64_t> timestamp() const;  // milliseconds: Timestamp, or a number of seconds

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Content content_;
};

std::string encode(const Value& value, Wire wire);
// Bounded in depth; nothing may follow the value. Errors are of kind invalid_data.
Result<Value> decode(std::string_view body, Wire wire);
// The wire of a request or answer by content type and first byte; nothing if it is neither.
std::optional<Wire> wire_of(std::string_view content_type, std::string_view body);

}  // namespace kinesink::kinesis
