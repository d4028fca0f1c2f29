// The bytes of each type, by RFC 8949 and its examples
// (https://www.rfc-editor.org/rfc/rfc8949#appendix-A).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/binary_payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;

using Texts = std::vector<std::string>;

Texts encoded(ArrowData column, const FormatOptions& options = {}) {
  return test_support::binary_values(Format::cbor, std::move(column), options);
}

FormatOptions fractions() {
  FormatOptions options;
  options.cbor_decimal = CborDecimal::decimal_fraction;
  return options;
}

std::string hex(std::string_view text) { return to_hex(text); }

TEST(Cbor, null_and_booleans) {
  EXPECT_EQ(encoded(ArrowData("n", 2)), (Texts{"f6", "f6"}));
  EXPECT_EQ(encoded(ArrowData("b", 3).bits({1, 1, 0}).bits({1, 0, 1})), (Texts{"f5", "f4", "f6"}));
}

TEST(Cbor, integers_take_the_shortest_form) {
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "l", {0, 23, 24, 255, 256, 65535, 65536, 4294967295, 1000000000000})),
            (Texts{"00", "17", "1818", "18ff", "190100", "19ffff", "1a00010000", "1affffffff",
                   "1b000000e8d4a51000"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "l", {-1, -24, -25, -256, -257, -65536, -65537, -4294967296, -4294967297,
                      std::numeric_limits<std::int64_t>::min()})),
            (Texts{"20", "37", "3818", "38ff", "390100", "39ffff", "3a00010000", "3affffffff",
                   "3b0000000100000000", "3b7fffffffffffffff"}));
  EXPECT_EQ(encoded(make_values<std::uint64_t>("L", {18446744073709551615U})),
            (Texts{"1bffffffffffffffff"}));
  EXPECT_EQ(encoded(make_values<std::int8_t>("c", {-128, 127})), (Texts{"387f", "187f"}));
}

TEST(Cbor, floats_keep_their_width) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(encoded(make_values<double>("g", {1.1, -inf, std::nan("")})),
            (Texts{"fb3ff199999999999a", "fbfff0000000000000", "fb7ff8000000000000"}));
  EXPECT_EQ(encoded(make_values<float>("f", {100000.0F})), (Texts{"fa47c35000"}));
  EXPECT_EQ(encoded(make_values<std::uint16_t>("e", {0x3e00, 0x7bff, 0x0001, 0x7c00})),
            (Texts{"f93e00", "f97bff", "f90001", "f97c00"}));
}

TEST(Cbor, text_and_bytes_of_each_length) {
  const std::string s23(23, 'a'), s24(24, 'a'), s255(255, 'b'), s256(256, 'c'), s65536(65536, 'e');
  EXPECT_EQ(encoded(make_strings<std::int32_t>("u", {"", "ü", s23, s24, s255, s256, s65536})),
            (Texts{"60", "62c3bc", "77" + hex(s23), "7818" + hex(s24), "78ff" + hex(s255),
                   "790100" + hex(s256), "7a00010000" + hex(s65536)}));
  EXPECT_EQ(encoded(make_views("vz", {"", "\x01\x02", s24})),
            (Texts{"40", "420102", "5818" + hex(s24)}));
  EXPECT_EQ(encoded(ArrowData("w:16", 1)
                        .none()
                        .text("0123456789abcdef")
                        .metadata({{"ARROW:extension:name", "arrow.uuid"}})),
            (Texts{"d82550" + hex("0123456789abcdef")}));
}

TEST(Cbor, decimals_are_text_or_decimal_fractions) {
  ArrowData data = ArrowData("d:38,2", 2).none().values<std::int64_t>({27315, 0, -1, -1});
  EXPECT_EQ(encoded(std::move(data)), (Texts{"66" + hex("273.15"), "65" + hex("-0.01")}));
  // 273.15 is the example of RFC 8949, section 3.4.4.
  const std::vector<std::int64_t> words = {27315, 0, -1, -1, 0, 1, -1, -2, -1, 0, 0, -1};
  EXPECT_EQ(encoded(ArrowData("d:38,2", 6).none().values(words), fractions()),
            (Texts{"c48221196ab3", "c4822120", "c48221c249010000000000000000",
                   "c48221c349010000000000000000", "c482211bffffffffffffffff",
                   "c482213bffffffffffffffff"}));
  EXPECT_EQ(encoded(ArrowData("d:3,-2", 1).none().values<std::int64_t>({5, 0}), fractions()),
            (Texts{"c4820205"}));
  EXPECT_EQ(
      encoded(ArrowData("d:76,30,256", 1).none().values<std::int64_t>({0, 0, 0, 1}), fractions()),
      (Texts{"c482381dc25819"
             "01" +
             std::string(48, '0')}));
}

TEST(Cbor, times) {
  EXPECT_EQ(encoded(make_values<std::int64_t>("tss:Europe/Paris", {1'363'896'240})),
            (Texts{"c074" + hex("2013-03-21T20:04:00Z")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsn:UTC", {1})),
            (Texts{"c0781e" + hex("1970-01-01T00:00:00.000000001Z")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsn:", {1})),
            (Texts{"781d" + hex("1970-01-01T00:00:00.000000001")}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tdD", {-10676})),
            (Texts{"d903ec6a" + hex("1940-10-09")}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tts", {3661})), (Texts{"68" + hex("01:01:01")}));
  FormatOptions millis;
  millis.timestamp_format = TimestampFormat::unix_millis;
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsu:UTC", {-1}), millis), (Texts{"20"}));
}

TEST(Cbor, nested_values) {
  EXPECT_EQ(
      encoded(
          ArrowData("+l", 2)
              .none()
              .values<std::int32_t>({0, 0, 25})
              .with(
                  make_values<std::int8_t>("c", std::vector<std::int8_t>(25, 1)).named("item")))[1],
      "9819" + [] {
        std::string items;
        for (int i = 0; i < 25; ++i) items += "01";
        return items;
      }());
  EXPECT_EQ(encoded(ArrowData("+s", 1).none().with(make_values<std::int32_t>("i", {1}).named("a"))),
            (Texts{"a1616101"}));
  EXPECT_EQ(encoded(ArrowData("+m", 1).none().values<std::int32_t>({0, 2}).with(
                ArrowData("+s", 2)
                    .required()
                    .none()
                    .named("entries")
                    .with(make_values<std::int32_t>("i", {1, 3}).named("key").required())
                    .with(make_values<std::int32_t>("i", {2, 4}).named("value")))),
            (Texts{"a201020304"}));
}

}  // namespace
}  // namespace kinesink::format
