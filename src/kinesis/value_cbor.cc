// Value in CBOR: definite lengths out, definite or indefinite in. value_json.cc is the other half.
#include <cmath>
#include <cstring>
#include <limits>

#include "kinesis/cbor_reader.h"
#include "kinesis/value_codecs.h"

namespace kinesink::kinesis {
namespace {

constexpr std::uint64_t kEpochTag = 1;  // here: integer milliseconds

void put_head(CborMajor major, std::uint64_t argument, std::string& out) {
  const auto top = static_cast<unsigned>(major) << 5;
  if (argument < 24) {
    out += static_cast<char>(top | argument);
    return;
  }
  const int width = argument <= 0xff ? 0 : argument <= 0xffff ? 1 : argument <= 0xffff'ffff ? 2 : 3;
  out += static_cast<char>(top | static_cast<unsigned>(24 + width));
  for (int shift = (8 << width) - 8; shift >= 0; shift -= 8)
    out += static_cast<char>(argument >> shift);
}

void put_integer(std::int64_t value, std::string& out) {
  if (value >= 0)
    return put_head(CborMajor::unsigned_integer, static_cast<std::uint64_t>(value), out);
  put_head(CborMajor::negative_integer, static_cast<std::uint64_t>(-(value + 1)), out);
}

struct CborWriter {
  std::string& out;

  void operator()(std::monostate) const { out += '\xf6'; }
  void operator()(bool value) const { out += value ? '\xf5' : '\xf4'; }
  void operator()(std::int64_t value) const { put_integer(value, out); }
  void operator()(double value) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    out += '\xfb';
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift);
  }
  void operator()(const std::string& text) const {
    put_head(CborMajor::text, text.size(), out);
    out += text;
  }
  void operator()(const Bytes& bytes) const {
    put_head(CborMajor::bytes, bytes.data.size(), out);
    out += bytes.data;
  }
  void operator()(const Timestamp& timestamp) const {
    put_head(CborMajor::tag, kEpochTag, out);
    put_integer(timestamp.milliseconds, out);
  }
  void operator()(const Value::List& list) const {
    put_head(CborMajor::array, list.size(), out);
    for (const Value& item : list) std::visit(*this, item.content());
  }
  void operator()(const Value::Members& members) const {
    put_head(CborMajor::map, members.size(), out);
    for (const auto& [name, value] : members) {
      (*this)(name);
      std::visit(*this, value.content());
    }
  }
};

double half_to_double(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = static_cast<double>(bits & 1023);
  double value = 0;
  if (exponent == 0) {
    value = fraction * 0x1p-24;
  } else if (exponent == 31) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  } else {
    value = (fraction + 1024) * std::exp2(exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

class CborDecoder {
 public:
  explicit CborDecoder(std::string_view body) : reader_(body) {}

  std::optional<Value> whole() {
    std::optional<Value> value = item(CborReader::kMaxDepth);
    return reader_.at_end() ? std::move(value) : std::nullopt;
  }

 private:
  std::optional<Value> item(int depth) {
    CborHead head;
    if (depth <= 0 || !reader_.read_head(head)) return std::nullopt;
    switch (head.major) {
      case CborMajor::unsigned_integer:
        if (head.argument > kLargest) return std::nullopt;
        return Value(static_cast<std::int64_t>(head.argument));
      case CborMajor::negative_integer:
        if (head.argument > kLargest) return std::nullopt;
        return Value(-static_cast<std::int64_t>(head.argument) - 1);
      case CborMajor::bytes:
      case CborMajor::text:
        return string(head);
      case CborMajor::array:
        return list(head, depth);
      case CborMajor::map:
        return map(head, depth);
      case CborMajor::tag:
        return tagged(head, depth);
      case CborMajor::simple:
        return simple(head);
    }
    return std::nullopt;
  }

  std::optional<Value> string(const CborHead& head) {
    std::string scratch;
    const std::optional<std::string_view> content = reader_.read_string(head, scratch);
    if (!content) return std::nullopt;
    if (head.major == CborMajor::text) return Value(*content);
    return Value(Bytes{std::string(*content)});
  }

  std::optional<Value> list(const CborHead& head, int depth) {
    Value::List items;
    std::uint64_t remaining = CborReader::begin_items(head);
    bool malformed = false;
    while (reader_.next_item(remaining, malformed)) {
      std::optional<Value> one = item(depth - 1);
      if (!one) return std::nullopt;
      items.push_back(*std::move(one));
    }
    return malformed ? std::nullopt : std::optional(Value(std::move(items)));
  }

  std::optional<Value> map(const CborHead& head, int depth) {
    Value::Members members;
    std::uint64_t remaining = CborReader::begin_items(head);
    bool malformed = false;
    while (reader_.next_item(remaining, malformed)) {
      CborHead key;
      std::string scratch;
      if (!reader_.read_head(key) || key.major != CborMajor::text) return std::nullopt;
      const std::optional<std::string_view> name = reader_.read_string(key, scratch);
      if (!name) return std::nullopt;
      std::string kept(*name);
      std::optional<Value> value = item(depth - 1);
      if (!value) return std::nullopt;
      members.emplace_back(std::move(kept), *std::move(value));
    }
    return malformed ? std::nullopt : std::optional(Value(std::move(members)));
  }

  std::optional<Value> tagged(const CborHead& head, int depth) {
    std::optional<Value> value = item(depth - 1);
    if (!value || head.argument != kEpochTag) return value;
    if (const auto milliseconds = value->integer()) return Value(Timestamp{*milliseconds});
    return value;
  }

  static std::optional<Value> simple(const CborHead& head) {
    switch (head.info) {
      case 20:
        return Value(false);
      case 21:
        return Value(true);
      case 22:
      case 23:
        return Value();  // null, undefined
      case 25:
        return Value(half_to_double(head.argument));
      case 26: {
        const auto bits = static_cast<std::uint32_t>(head.argument);
        float value = 0;
        std::memcpy(&value, &bits, sizeof(value));
        return Value(static_cast<double>(value));
      }
      case 27: {
        double value = 0;
        std::memcpy(&value, &head.argument, sizeof(value));
        return Value(value);
      }
      default:
        return std::nullopt;
    }
  }

  static constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  CborReader reader_;
};

}  // namespace

void encode_cbor(const Value& value, std::string& out) {
  std::visit(CborWriter{out}, value.content());
}

Result<Value> decode_cbor(std::string_view body) {
  std::optional<Value> value = CborDecoder(body).whole();
  if (!value) return make_error(ErrorKind::invalid_data, "not a well-formed CBOR value");
  return *std::move(value);
}

}  // namespace kinesink::kinesis
