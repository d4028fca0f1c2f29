#include "kinesis/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"

namespace kinesink::kinesis {
namespace {

struct Vector {
  Value value;
  const char* cbor;  // by Python's cbor2
};

std::vector<Vector> vectors() {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  return {{Value(0), "00"},
          {Value(23), "17"},
          {Value(24), "1818"},
          {Value(255), "18ff"},
          {Value(256), "190100"},
          {Value(65535), "19ffff"},
          {Value(65536), "1a00010000"},
          {Value(4294967295), "1affffffff"},
          {Value(4294967296), "1b0000000100000000"},
          {Value(kMost), "1b7fffffffffffffff"},
          {Value(-1), "20"},
          {Value(-24), "37"},
          {Value(-25), "3818"},
          {Value(-256), "38ff"},
          {Value(-257), "390100"},
          {Value(kLeast), "3b7fffffffffffffff"},
          {Value(1.5), "fb3ff8000000000000"},
          {Value(-0.1), "fbbfb999999999999a"},
          {Value(true), "f5"},
          {Value(false), "f4"},
          {Value(), "f6"},
          {Value(""), "60"},
          {Value("\xc3\xa9"), "62c3a9"},
          {Value(std::string(24, 'a')), "7818616161616161616161616161616161616161616161616161"},
          {Value(Bytes{""}), "40"},
          {Value(Bytes{"\x01\x02"}), "420102"},
          {Value(Timestamp{1700000000123}), "c11b0000018bcfe5687b"},
          {Value(Value::List{Value(1), Value(Value::List{Value(2)})}), "82018102"},
          {Value(Value::Members{{"a", Value(Value::Members{{"b", Value(Value::List{Value()})}})}}),
           "a16161a1616281f6"}};
}

std::string bytes(const char* digits) { return *from_hex(digits); }

TEST(ValueCbor, is_what_an_independent_encoder_writes) {
  for (const Vector& vector : vectors())
    EXPECT_EQ(to_hex(encode(vector.value, Wire::cbor)), vector.cbor);
}

TEST(ValueCbor, reads_what_an_independent_encoder_wrote) {
  for (const Vector& vector : vectors()) {
    const auto value = decode(bytes(vector.cbor), Wire::cbor);
    ASSERT_TRUE(value) << vector.cbor;
    EXPECT_EQ(*value, vector.value) << vector.cbor;
  }
}

TEST(ValueCbor, refuses_every_truncation_and_anything_that_follows) {
  for (const Vector& vector : vectors()) {
    const std::string whole = bytes(vector.cbor);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode(whole.substr(0, size), Wire::cbor)) << vector.cbor << " cut to " << size;
    }
    EXPECT_FALSE(decode(whole + '\0', Wire::cbor)) << vector.cbor;
  }
}

// RFC 8949, section 3.2.
TEST(ValueCbor, reads_indefinite_lengths) {
  EXPECT_EQ(*decode(bytes("9f010203ff"), Wire::cbor),
            Value(Value::List{Value(1), Value(2), Value(3)}));
  EXPECT_EQ(*decode(bytes("bf6161016162f6ff"), Wire::cbor),
            Value(Value::Members{{"a", Value(1)}, {"b", Value()}}));
  EXPECT_EQ(*decode(bytes("7f616161626163ff"), Wire::cbor), Value("abc"));
  EXPECT_EQ(*decode(bytes("5f41014102ff"), Wire::cbor), Value(Bytes{"\x01\x02"}));
  for (const char* broken :
       {"9f01", "bf6161", "bf616101", "7f6161", "7f4101ff", "7f7f6161ffff", "ff", "1f"}) {
    EXPECT_FALSE(decode(bytes(broken), Wire::cbor)) << broken;
  }
}

TEST(ValueCbor, reads_half_and_single_floats) {
  EXPECT_EQ(*decode(bytes("f93e00"), Wire::cbor), Value(1.5));
  EXPECT_EQ(*decode(bytes("f9c400"), Wire::cbor), Value(-4.0));
  EXPECT_EQ(*decode(bytes("f90001"), Wire::cbor), Value(5.960464477539063e-8));
  EXPECT_EQ(*decode(bytes("fa47c35000"), Wire::cbor), Value(100000.0));
}

TEST(ValueCbor, reads_undefined_as_null) {
  EXPECT_TRUE(decode(bytes("f7"), Wire::cbor)->is_null());
  EXPECT_FALSE(decode(bytes("e0"), Wire::cbor));  // an unassigned simple value
}

TEST(ValueCbor, refuses_what_is_nested_too_deep_or_too_large) {
  EXPECT_TRUE(decode(std::string(31, '\x81') + '\x01', Wire::cbor));
  EXPECT_FALSE(decode(std::string(32, '\x81') + '\x01', Wire::cbor));
  const std::string map_of("\xa1\x61\x61", 3);
  std::string maps;
  std::string tags;
  for (int level = 1; level <= 32; ++level) {
    maps += map_of;
    tags += '\xc1';
    EXPECT_EQ(decode(maps + '\x01', Wire::cbor).has_value(), level < 32) << level;
    EXPECT_EQ(decode(tags + '\x01', Wire::cbor).has_value(), level < 32) << level;
  }
  EXPECT_FALSE(decode(bytes("1bffffffffffffffff"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("1b8000000000000000"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("3b8000000000000000"), Wire::cbor));
  EXPECT_EQ(*decode(bytes("1b7fffffffffffffff"), Wire::cbor),
            Value(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(*decode(bytes("3b7fffffffffffffff"), Wire::cbor),
            Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_FALSE(decode(bytes("5bffffffffffffffff"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("9bffffffffffffffff01"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("9bffffffffffffffff01ff"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("bbffffffffffffffff6161f6ff"), Wire::cbor));
  EXPECT_FALSE(decode(bytes("a10101"), Wire::cbor));  // a key that is no text
}

TEST(ValueJson, writes_members_in_order_and_escapes_text) {
  const Value value(
      Value::Members{{"n", Value()},
                     {"t", Value("a\"b\\c\n\x01")},
                     {"b", Value(Bytes{"one"})},
                     {"at", Value(Timestamp{1700000000500})},
                     {"l", Value(Value::List{Value(-1), Value(true), Value(Value::Members{})})},
                     {"e", Value(Value::List{})}});
  EXPECT_EQ(
      encode(value, Wire::json),
      R"({"n":null,"t":"a\"b\\c\n\u0001","b":"b25l","at":1700000000.5,"l":[-1,true,{}],"e":[]})");
}

TEST(ValueJson, writes_times_as_seconds_without_an_exponent) {
  const std::pair<std::int64_t, const char*> times[] = {
      {0, "0"},
      {1, "0.001"},
      {-1, "-0.001"},
      {1'700'000'000'000, "1700000000"},
      {1'700'000'000'001, "1700000000.001"},
      {9'000'000'000'000'000, "9000000000000"},
  };
  for (const auto& [milliseconds, text] : times) {
    EXPECT_EQ(encode(Value(Timestamp{milliseconds}), Wire::json), text);
    EXPECT_EQ(decode(text, Wire::json)->timestamp(), milliseconds);
  }
}

TEST(ValueJson, reads_what_readers_ask_for) {
  const auto value = decode(
      R"({"Data":"b25l","At":1.7000000005e9,"Count":3,"Text":"\u00e9","Yes":true})", Wire::json);
  ASSERT_TRUE(value);
  EXPECT_EQ((*value)["Data"].bytes(), "one");
  EXPECT_EQ((*value)["At"].timestamp(), 1700000000500);
  EXPECT_EQ((*value)["Count"].integer(), 3);
  EXPECT_EQ((*value)["Text"].text(), "\xc3\xa9");
  EXPECT_EQ((*value)["Yes"].boolean(), true);
  EXPECT_TRUE((*value)["Missing"]["deeper"].is_null());
  EXPECT_EQ((*value)["Count"].text(), std::nullopt);
}

TEST(ValueJson, writes_null_for_numbers_that_json_has_not) {
  EXPECT_EQ(encode(Value(std::numeric_limits<double>::infinity()), Wire::json), "null");
  EXPECT_EQ(encode(Value(std::numeric_limits<double>::quiet_NaN()), Wire::json), "null");
}

TEST(ValueJson, escapes_every_control_character) {
  for (char character = 0; character < 0x21; ++character) {
    const std::string text(1, character);
    const auto read = decode(encode(Value(text), Wire::json), Wire::json);
    ASSERT_TRUE(read) << static_cast<int>(character);
    EXPECT_EQ(read->text(), text);
  }
}

TEST(ValueJson, a_time_beyond_what_milliseconds_can_count_is_none) {
  EXPECT_EQ(decode("9e12", Wire::json)->timestamp(), 9'000'000'000'000'000);
  EXPECT_EQ(decode("-9e12", Wire::json)->timestamp(), -9'000'000'000'000'000);
  EXPECT_EQ(decode("9.001e12", Wire::json)->timestamp(), std::nullopt);
  EXPECT_EQ(decode("1e300", Wire::json)->timestamp(), std::nullopt);
  EXPECT_EQ(decode("\"1\"", Wire::json)->timestamp(), std::nullopt);
}

TEST(ValueJson, refuses_what_is_not_json) {
  for (const char* broken : {"", "{", "{\"a\":}", "<html>", "{} x", "nul"}) {
    const auto value = decode(broken, Wire::json);
    ASSERT_FALSE(value) << broken;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid_data);
  }
}

TEST(WireOf, goes_by_content_type_and_first_byte) {
  EXPECT_EQ(wire_of("application/x-amz-cbor-1.1", "\xa1"), Wire::cbor);
  EXPECT_EQ(wire_of("application/x-amz-cbor-1.1", "{}"), Wire::json);
  EXPECT_EQ(wire_of("application/x-amz-cbor-1.1", "[]"), Wire::json);
  EXPECT_EQ(wire_of("application/x-amz-cbor-1.1", ""), Wire::cbor);
  EXPECT_EQ(wire_of("application/x-amz-json-1.1", "{}"), Wire::json);
  EXPECT_EQ(wire_of("application/x-amz-json-1.1", "\xbf"), Wire::cbor);
  EXPECT_EQ(wire_of("text/html", "<html>"), std::nullopt);
  EXPECT_EQ(wire_of("", ""), std::nullopt);
}

}  // namespace
}  // namespace kinesink::kinesis
