// A value of the AWS JSON protocol as a tree, in JSON or CBOR: for all calls that are not on the
// hot path.
//
// CBOR as the service speaks it: text keys, byte strings for blobs, definite or indefinite lengths;
// a timestamp is tag 1 with integer epoch milliseconds (not seconds). In JSON a timestamp is epoch
// seconds with a fraction and a blob is base64 text, so readers of a tree ask for what they expect:
// bytes_of() and timestamp_of() work for both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  std::int64_t milliseconds;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

class Value {
 public:
  using List = std::vector<Value>;
  using Members = std::vector<std::pair<std::string, Value>>;  // in order of appearance

  Value() = default;  // null
  template <typename T>
  Value(T value);  // NOLINT: bool, integers, double, text, Bytes, Timestamp, List, Members

  bool is_null() const;
  // Member of a map; a null Value if absent or not a map.
  const Value& operator[](std::string_view member) const;
  std::optional<std::string_view> text() const;
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
  const List& list() const;                       // empty if not a list
  std::optional<std::string> bytes() const;       // Bytes, or base64 text
  std::optional<std::int64_t> timestamp() const;  // milliseconds: Timestamp, or a number of seconds
  // ... the implementer completes it
};

std::string encode(const Value& value, Wire wire);
// Bounded depth and size; errors of kind invalid_data.
Result<Value> decode(std::string_view body, Wire wire);
// The wire of an answer or request by content type and first byte; nothing if it is neither.
std::optional<Wire> wire_of(std::string_view content_type, std::string_view body);

}  // namespace kinesink::kinesis
