// Random nested batches: every payload is valid JSON (simdjson is the judge) and holds the values
// that went in, with room to spare and with just enough.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/payloads.h"
#include "tests/support/random_rows.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::build;
using test_support::Kind;
using test_support::Random;
using test_support::Type;
using test_support::Value;

// By the digits of the numbers as std::to_string() has them.
std::string text_of_interval(const columnar::Interval& interval) {
  const auto [months, days, nanoseconds] = interval;
  std::string text;
  const auto add = [&](std::int64_t number, const char* designator) {
    if (number != 0) text += std::to_string(number) + designator;
  };
  add(months / 12, "Y");
  add(months % 12, "M");
  add(days, "D");
  if (nanoseconds != 0 || text.empty()) {
    const std::int64_t rest = nanoseconds % 1'000'000'000;
    text += nanoseconds < 0 ? "T-" : "T";
    text += std::to_string(std::abs(nanoseconds / 1'000'000'000));
    if (rest != 0) {
      std::string fraction = std::to_string(1'000'000'000 + std::abs(rest));
      fraction[0] = '.';
      while (fraction.back() == '0') fraction.pop_back();
      text += fraction;
    }
    text += "S";
  }
  const bool has_minus = text.find('-') != std::string::npos;
  if (!has_minus || months > 0 || days > 0 || nanoseconds > 0) return "P" + text;
  std::erase(text, '-');
  return "-P" + text;
}

std::string text_of_uuid(const Value& value) {
  const std::pair halves(value.integer, value.number);
  std::string text;
  for (std::size_t i = 0; i < sizeof(halves); ++i) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x",
                  static_cast<unsigned>(reinterpret_cast<const unsigned char*>(&halves)[i]));
    text += digits;
    if (i == 3 || i == 5 || i == 7 || i == 9) text += "-";
  }
  return text;
}

std::string text_of_decimal(std::int64_t unscaled, std::size_t scale) {
  std::string digits = std::to_string(std::abs(unscaled));
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return (unscaled < 0 ? "-" : "") + digits;
}

// True if the text of the value is `null`.
bool is_none(const Type& type, const Value& value) {
  if (value.is_null) return true;
  if (type.kind == Kind::runs) return is_none(type.children[0], value);
  return test_support::is_union(type) &&
         is_none(type.children[static_cast<std::size_t>(value.integer)], value.items[0]);
}

bool same(const Type& type, const Value& value, simdjson::dom::element found, Nulls nulls);

// `nulls`: what becomes of members that are null.
bool same_members(const Type& type, const Value& value, simdjson::dom::object object, Nulls nulls) {
  std::size_t i = 0;
  const bool is_map = type.kind == Kind::map;
  const auto skip_omitted = [&] {
    while (!is_map && nulls == Nulls::omit && i < value.items.size() &&
           is_none(type.children[i], value.items[i]))
      ++i;
  };
  for (const auto member : object) {
    skip_omitted();
    if (i == value.items.size()) return false;
    const std::string key = is_map ? value.keys[i] : "m" + std::to_string(i);
    if (member.key != key) return false;
    if (!same(type.children[is_map ? 0 : i], value.items[i], member.value, nulls)) return false;
    ++i;
  }
  skip_omitted();
  return i == value.items.size();
}

bool same(const Type& type, const Value& value, simdjson::dom::element found, Nulls nulls) {
  if (type.kind == Kind::runs) return same(type.children[0], value, found, nulls);
  if (value.is_null) return found.is_null();
  const auto is_text = [&](const std::string& text) {
    return found.is_string() && found.get_string().value_unsafe() == text;
  };
  switch (type.kind) {
    case Kind::sparse:
    case Kind::dense:
      return same(type.children[static_cast<std::size_t>(value.integer)], value.items[0], found,
                  nulls);
    case Kind::bool8:
      return found.is_bool() && found.get_bool().value_unsafe() == ((value.integer & 0xff) != 0);
    case Kind::uuid:
      return is_text(text_of_uuid(value));
    case Kind::interval:
      return is_text(text_of_interval(value.interval));
    case Kind::decimal32:
      return is_text(text_of_decimal(value.integer % 1'000'000'000, 0));
    case Kind::decimal64:
      return is_text(text_of_decimal(value.integer % 1'000'000'000'000'000'000, 3));
    case Kind::boolean:
      return found.is_bool() && found.get_bool().value_unsafe() == (value.integer != 0);
    case Kind::integer:
      return found.is_int64() && found.get_int64().value_unsafe() == value.integer;
    case Kind::number:
      return found.is_double() && found.get_double().value_unsafe() == value.number;
    case Kind::list:
    case Kind::list_view:
    case Kind::large_list_view: {
      simdjson::dom::array array;
      if (found.get(array) != simdjson::SUCCESS || array.size() != value.items.size()) return false;
      std::size_t i = 0;
      for (const auto item : array) {
        if (!same(type.children[0], value.items[i++], item, nulls)) return false;
      }
      return true;
    }
    case Kind::object:
    case Kind::map: {
      simdjson::dom::object object;
      return found.get(object) == simdjson::SUCCESS && same_members(type, value, object, nulls);
    }
    default:
      return is_text(value.text);
  }
}

void check_batch(std::uint64_t seed) {
  Random random(seed);
  Type type{Kind::object, {}};
  for (std::size_t i = 1 + random.below(4); i > 0; --i) type.children.push_back(random.type(6));
  std::vector<Value> rows;
  for (std::size_t i = random.below(40); i > 0; --i) {
    rows.push_back(random.value(type));
    while (rows.back().is_null) rows.back() = random.value(type);
  }
  ArrowData data = build(type, rows);
  data.array().null_count = 0;
  const std::size_t first = random.below(3) == 0 ? random.below(rows.size() + 1) : 0;
  data.array().offset = static_cast<std::int64_t>(first);
  data.array().length -= data.array().offset;
  FormatOptions options;
  options.decimal_encoding = DecimalEncoding::string;
  if (seed % 3 == 1) options.json.nulls = Nulls::omit;
  if (seed % 5 == 1) options.format = Format::debezium_json;
  options.kernel = seed % 2 == 0 ? Kernel::automatic : Kernel::portable;
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "") << "seed " << seed;
  simdjson::dom::parser parser;
  for (std::size_t row = 0; row + first < rows.size(); ++row) {
    const std::string text = test_support::payload(bound, static_cast<std::int64_t>(row));
    simdjson::dom::element found;
    ASSERT_EQ(parser.parse(text).get(found), simdjson::SUCCESS) << "seed " << seed << ": " << text;
    if (options.format == Format::debezium_json) {
      ASSERT_EQ(std::string_view(found["op"]), "c");
      found = found["after"];
    }
    ASSERT_TRUE(same(type, rows[first + row], found, options.json.nulls))
        << "seed " << seed << ": " << text;
    ASSERT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(JsonRandom, nested_batches_come_back_as_they_went_in) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    check_batch(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace kinesink::format
