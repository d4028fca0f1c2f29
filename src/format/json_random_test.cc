// Random nested batches: every payload is valid JSON (simdjson is the judge) and holds the values
// that went in, with room to spare and with just enough.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstring>
#include <random>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_strings;
using test_support::make_views;

enum class Kind { boolean, integer, number, text, large_text, text_view, list, object, map, coded };

struct Type {
  Kind kind;
  std::vector<Type> children;
};

struct Value {
  bool is_null = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<Value> items;       // of a list, an object or a map
  std::vector<std::string> keys;  // of a map
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  Type type(int depth) {
    Type made{static_cast<Kind>(below(depth > 0 ? 10 : 6)), {}};
    const std::size_t children = made.kind == Kind::object                           ? below(4)
                                 : made.kind == Kind::list || made.kind == Kind::map ? 1
                                                                                     : 0;
    for (std::size_t i = 0; i < children; ++i) made.children.push_back(type(depth - 1));
    return made;
  }
  std::string text() {
    static constexpr const char* kPieces[] = {"a", "\"", "\\", "\n", "\x01",
                                              "é", "€",  "𝄞",  "/",  "some longer run of text "};
    std::string made;
    for (std::size_t i = below(12); i > 0; --i) made += kPieces[below(10)];
    return made;
  }
  Value value(const Type& type) {
    Value made;
    made.is_null = below(5) == 0;
    if (made.is_null) return made;
    made.integer =
        static_cast<std::int64_t>(engine_() >> (1 + below(63))) * (below(2) == 0 ? 1 : -1);
    if (type.kind == Kind::boolean) made.integer = static_cast<std::int64_t>(below(2));
    do {
      const std::uint64_t bits = engine_();
      std::memcpy(&made.number, &bits, 8);
    } while (!(made.number - made.number == 0));
    made.text = text();
    const std::size_t count = type.kind == Kind::object ? type.children.size() : below(4);
    for (std::size_t i = 0; i < count && !type.children.empty(); ++i) {
      made.items.push_back(value(type.children[type.kind == Kind::object ? i : 0]));
      made.keys.push_back(text() + std::to_string(i));
    }
    return made;
  }

 private:
  std::mt19937_64 engine_;
};

ArrowData build(const Type& type, const std::vector<Value>& values);

ArrowData build_object(const Type& type, ArrowData data, const std::vector<Value>& values) {
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    std::vector<Value> members;
    for (const Value& value : values) {
      members.push_back(value.is_null ? value : value.items[i]);
    }
    data = std::move(data).with(build(type.children[i], members).named("m" + std::to_string(i)));
  }
  return data;
}

ArrowData build_list(const Type& type, ArrowData data, const std::vector<Value>& values) {
  std::vector<std::int32_t> offsets = {0};
  std::vector<Value> items;
  std::vector<std::optional<std::string>> keys;
  for (const Value& value : values) {
    items.insert(items.end(), value.items.begin(), value.items.end());
    keys.insert(keys.end(), value.keys.begin(), value.keys.end());
    offsets.push_back(static_cast<std::int32_t>(items.size()));
  }
  data = std::move(data).values(offsets);
  ArrowData item = build(type.children[0], items);
  if (type.kind == Kind::list) return std::move(data).with(std::move(item).named("item"));
  const auto count = static_cast<std::int64_t>(items.size());
  return std::move(data).with(
      ArrowData("+s", count)
          .required()
          .none()
          .named("entries")
          .with(make_strings<std::int32_t>("u", keys).named("key").required())
          .with(std::move(item).named("value")));
}

ArrowData build(const Type& type, const std::vector<Value>& values) {
  std::vector<int> valid, bits;
  std::vector<std::int64_t> integers;
  std::vector<double> numbers;
  std::vector<std::optional<std::string>> texts;
  std::vector<std::int32_t> codes;
  for (const Value& value : values) {
    valid.push_back(value.is_null ? 0 : 1);
    bits.push_back(static_cast<int>(value.integer & 1));
    integers.push_back(value.integer);
    numbers.push_back(value.number);
    texts.push_back(value.is_null ? std::nullopt : std::optional(value.text));
    codes.push_back(static_cast<std::int32_t>(values.size() - 1 - codes.size()));
  }
  const auto start = [&](const char* format) {
    return ArrowData(format, static_cast<std::int64_t>(values.size())).bits(valid);
  };
  switch (type.kind) {
    case Kind::boolean:
      return start("b").bits(bits);
    case Kind::integer:
      return start("l").values(integers);
    case Kind::number:
      return start("g").values(numbers);
    case Kind::text:
      return make_strings<std::int32_t>("u", texts);
    case Kind::large_text:
      return make_strings<std::int64_t>("U", texts);
    case Kind::text_view:
      return make_views("vu", texts);
    case Kind::object:
      return build_object(type, start("+s"), values);
    case Kind::coded: {
      std::reverse(texts.begin(), texts.end());
      return start("i").values(codes).with_dictionary(make_views("vu", texts));
    }
    default:
      return build_list(type, start(type.kind == Kind::list ? "+l" : "+m"), values);
  }
}

bool same(const Type& type, const Value& value, simdjson::dom::element found) {
  if (value.is_null) return found.is_null();
  switch (type.kind) {
    case Kind::boolean:
      return found.is_bool() && found.get_bool().value_unsafe() == (value.integer != 0);
    case Kind::integer:
      return found.is_int64() && found.get_int64().value_unsafe() == value.integer;
    case Kind::number:
      return found.is_double() && found.get_double().value_unsafe() == value.number;
    case Kind::list: {
      simdjson::dom::array array;
      if (found.get(array) != simdjson::SUCCESS || array.size() != value.items.size()) return false;
      std::size_t i = 0;
      for (const auto item : array) {
        if (!same(type.children[0], value.items[i++], item)) return false;
      }
      return true;
    }
    case Kind::object:
    case Kind::map: {
      simdjson::dom::object object;
      if (found.get(object) != simdjson::SUCCESS) return false;
      std::size_t i = 0;
      for (const auto member : object) {
        if (i == value.items.size()) return false;
        const bool is_map = type.kind == Kind::map;
        const std::string key = is_map ? value.keys[i] : "m" + std::to_string(i);
        if (member.key != key) return false;
        if (!same(type.children[is_map ? 0 : i], value.items[i], member.value)) return false;
        ++i;
      }
      return i == value.items.size();
    }
    default:
      return found.is_string() && found.get_string().value_unsafe() == value.text;
  }
}

void check_batch(std::uint64_t seed) {
  Random random(seed);
  Type type{Kind::object, {}};
  for (std::size_t i = 1 + random.below(4); i > 0; --i) type.children.push_back(random.type(4));
  std::vector<Value> rows;
  for (std::size_t i = random.below(40); i > 0; --i) {
    rows.push_back(random.value(type));
    while (rows.back().is_null) rows.back() = random.value(type);
  }
  ArrowData data = build(type, rows);
  data.array().null_count = 0;
  FormatOptions options;
  options.kernel = seed % 2 == 0 ? Kernel::automatic : Kernel::portable;
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "") << "seed " << seed;
  simdjson::dom::parser parser;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::string text = test_support::payload(bound, static_cast<std::int64_t>(row));
    simdjson::dom::element found;
    ASSERT_EQ(parser.parse(text).get(found), simdjson::SUCCESS) << "seed " << seed << ": " << text;
    ASSERT_TRUE(same(type, rows[row], found)) << "seed " << seed << ": " << text;
    ASSERT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(JsonRandom, nested_batches_come_back_as_they_went_in) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    check_batch(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace kinesink::format
