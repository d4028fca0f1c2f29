// The bytes of each type, by the specification
// (https://github.com/msgpack/msgpack/blob/master/spec.md).
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
  return test_support::binary_values(Format::msgpack, std::move(column), options);
}

FormatOptions timestamps(TimestampFormat format, MsgpackTimestamp zoned) {
  FormatOptions options;
  options.timestamp_format = format;
  options.msgpack_timestamp = zoned;
  return options;
}
const FormatOptions kMillis = timestamps(TimestampFormat::unix_millis, MsgpackTimestamp::extension);
const FormatOptions kText = timestamps(TimestampFormat::rfc3339, MsgpackTimestamp::text);

// `text` as hexadecimal, for what is not a number.
std::string hex(std::string_view text) { return to_hex(text); }

TEST(Msgpack, null_and_booleans) {
  EXPECT_EQ(encoded(ArrowData("n", 2)), (Texts{"c0", "c0"}));
  EXPECT_EQ(encoded(ArrowData("b", 3).bits({1, 1, 0}).bits({1, 0, 1})), (Texts{"c3", "c2", "c0"}));
}

TEST(Msgpack, integers_take_the_shortest_form) {
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "l", {0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296})),
            (Texts{"00", "7f", "cc80", "ccff", "cd0100", "cdffff", "ce00010000", "ceffffffff",
                   "cf0000000100000000"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "l", {-1, -32, -33, -128, -129, -32768, -32769, -2147483648LL, -2147483649LL,
                      std::numeric_limits<std::int64_t>::min()})),
            (Texts{"ff", "e0", "d0df", "d080", "d1ff7f", "d18000", "d2ffff7fff", "d280000000",
                   "d3ffffffff7fffffff", "d38000000000000000"}));
  EXPECT_EQ(encoded(make_values<std::uint64_t>("L", {18446744073709551615U})),
            (Texts{"cfffffffffffffffff"}));
  EXPECT_EQ(encoded(make_values<std::int8_t>("c", {-128, 127})), (Texts{"d080", "7f"}));
  EXPECT_EQ(encoded(make_values<std::uint8_t>("C", {255})), (Texts{"ccff"}));
  EXPECT_EQ(encoded(make_values<std::int16_t>("s", {-32768})), (Texts{"d18000"}));
  EXPECT_EQ(encoded(make_values<std::uint16_t>("S", {65535})), (Texts{"cdffff"}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("i", {-2147483647 - 1})), (Texts{"d280000000"}));
  EXPECT_EQ(encoded(make_values<std::uint32_t>("I", {4294967295U})), (Texts{"ceffffffff"}));
}

TEST(Msgpack, floats_keep_their_width_and_halves_are_widened) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(encoded(make_values<double>("g", {1.5, -0.0, inf, std::nan("")})),
            (Texts{"cb3ff8000000000000", "cb8000000000000000", "cb7ff0000000000000",
                   "cb7ff8000000000000"}));
  EXPECT_EQ(encoded(make_values<float>("f", {1.5F, -1.0F})), (Texts{"ca3fc00000", "cabf800000"}));
  EXPECT_EQ(encoded(make_values<std::uint16_t>("e", {0x3e00, 0xfc00, 0x7e00})),
            (Texts{"ca3fc00000", "caff800000", "ca7fc00000"}));
}

TEST(Msgpack, text_of_each_length) {
  const std::string s31(31, 'a'), s32(32, 'a'), s255(255, 'b'), s256(256, 'c'), s65535(65535, 'd'),
      s65536(65536, 'e');
  for (const char* format : {"u", "vu"}) {
    const auto made = [&](const std::vector<std::optional<std::string>>& texts) {
      return *format == 'u' ? make_strings<std::int32_t>("u", texts) : make_views("vu", texts);
    };
    EXPECT_EQ(encoded(made({"", "é", s31, s32, s255, s256, std::nullopt})),
              (Texts{"a0", "a2c3a9", "bf" + hex(s31), "d920" + hex(s32), "d9ff" + hex(s255),
                     "da0100" + hex(s256), "c0"}));
    EXPECT_EQ(encoded(made({s65535, s65536})),
              (Texts{"daffff" + hex(s65535), "db00010000" + hex(s65536)}));
  }
  EXPECT_EQ(encoded(make_strings<std::int64_t>("U", {"ab"})), (Texts{"a26162"}));
}

TEST(Msgpack, bytes_of_each_length) {
  const std::string b255(255, '\xff'), b256(256, '\0');
  EXPECT_EQ(encoded(make_strings<std::int32_t>("z", {"", "\x01\xff", b255, b256})),
            (Texts{"c400", "c40201ff", "c4ff" + hex(b255), "c50100" + hex(b256)}));
  EXPECT_EQ(encoded(make_strings<std::int64_t>("Z", {std::string(65536, 'x')})),
            (Texts{"c600010000" + hex(std::string(65536, 'x'))}));
  EXPECT_EQ(encoded(make_views("vz", {"ab"})), (Texts{"c4026162"}));
  EXPECT_EQ(encoded(ArrowData("w:3", 1).none().text("abc")), (Texts{"c403616263"}));
  EXPECT_EQ(encoded(ArrowData("w:16", 1)
                        .none()
                        .text("0123456789abcdef")
                        .metadata({{"ARROW:extension:name", "arrow.uuid"}})),
            (Texts{"c410" + hex("0123456789abcdef")}));
}

TEST(Msgpack, text_of_the_json_extension_is_text) {
  EXPECT_EQ(encoded(make_strings<std::int32_t>("u", {"{ }"})
                        .metadata({{"ARROW:extension:name", "arrow.json"}})),
            (Texts{"a37b207d"}));
}

TEST(Msgpack, decimals_are_text) {
  EXPECT_EQ(encoded(ArrowData("d:5,2", 2).none().values<std::int64_t>({1234, 0, -5, -1})),
            (Texts{"a5" + hex("12.34"), "a5" + hex("-0.05")}));
  EXPECT_EQ(encoded(ArrowData("d:2,0", 1).none().values<std::int64_t>({100, 0})),
            (Texts{"invalid_data: The decimal has more digits than the 2 that its "
                   "type declares. (column c, row 0)"}));
}

TEST(Msgpack, timestamps_with_a_zone_are_the_extension_type) {
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "tss:UTC", {0, 4294967295, 4294967296, 17179869183, 17179869184, -1})),
            (Texts{"d6ff00000000", "d6ffffffffff", "d7ff0000000100000000", "d7ff00000003ffffffff",
                   "c70cff000000000000000400000000", "c70cff00000000ffffffffffffffff"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>(
                "tsn:Europe/Paris",
                {1, 1'700'000'000'123'456'789, -1, std::numeric_limits<std::int64_t>::min()})),
            (Texts{"d7ff0000000400000000", "d7ff1d6f34546553f100", "c70cff3b9ac9ffffffffffffffffff",
                   "c70cff08a7f200fffffffdda3e82fb"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsm:UTC", {1001})), (Texts{"d7ff003d090000000001"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsu:UTC", {1'000'001})),
            (Texts{"d7ff00000fa000000001"}));
}

TEST(Msgpack, other_times_are_text) {
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsm:", {1'700'000'000'500})),
            (Texts{"b7" + hex("2023-11-14T22:13:20.500")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsn:Asia/Kathmandu", {1}), kText),
            (Texts{"be" + hex("1970-01-01T00:00:00.000000001Z")}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tdD", {20000})), (Texts{"aa" + hex("2024-10-04")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tdm", {0})),
            (Texts{"b3" + hex("1970-01-01T00:00:00")}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tts", {3661})), (Texts{"a8" + hex("01:01:01")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("ttn", {1})),
            (Texts{"b2" + hex("00:00:00.000000001")}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tDm", {-1500})), (Texts{"a7" + hex("-PT1.5S")}));
  const std::string out_of_range =
      "invalid_data: The value lies outside the years 0000 to 9999 (or, for a "
      "time, outside the day), which its text cannot express. (column c, row 0)";
  EXPECT_EQ(encoded(make_values<std::int32_t>("tdD", {2'932'897})), (Texts{out_of_range}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tss:", {253'402'300'800})), (Texts{out_of_range}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tts", {86'400})), (Texts{out_of_range}));
}

TEST(Msgpack, unix_millis_are_numbers) {
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsn:UTC", {-1, 1'999'999}), kMillis),
            (Texts{"ff", "01"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tsm:", {300}), kMillis), (Texts{"cd012c"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tss:", {2}), kMillis), (Texts{"cd07d0"}));
  EXPECT_EQ(encoded(make_values<std::int32_t>("tdD", {1}), kMillis), (Texts{"ce05265c00"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tdm", {5}), kMillis), (Texts{"05"}));
  EXPECT_EQ(encoded(make_values<std::int64_t>("tss:", {std::int64_t{1} << 60}), kMillis),
            (Texts{"invalid_data: The value does not fit into 64 bits as milliseconds. (column c, "
                   "row 0)"}));
}

TEST(Msgpack, times_count_in_every_unit_rounded_down) {
  const auto in = [](TimestampFormat format, ArrowData column) {
    FormatOptions options = kMillis;
    options.timestamp_format = format;
    return encoded(std::move(column), options);
  };
  const auto nanos = [] { return make_values<std::int64_t>("tsn:UTC", {-1, 1'999'999'999}); };
  EXPECT_EQ(in(TimestampFormat::unix_seconds, nanos()), (Texts{"ff", "01"}));
  EXPECT_EQ(in(TimestampFormat::unix_micros, nanos()), (Texts{"ff", "ce001e847f"}));
  EXPECT_EQ(in(TimestampFormat::unix_nanos, nanos()), (Texts{"ff", "ce773593ff"}));
  EXPECT_EQ(in(TimestampFormat::unix_seconds, make_values<std::int32_t>("tdD", {1, -1})),
            (Texts{"ce00015180", "d2fffeae80"}));
  EXPECT_EQ(in(TimestampFormat::unix_nanos, make_values<std::int32_t>("tdD", {1})),
            (Texts{"cf00004e94914f0000"}));
  EXPECT_EQ(in(TimestampFormat::unix_nanos, make_values<std::int32_t>("tdD", {200'000})),
            (Texts{"invalid_data: The value does not fit into 64 bits as nanoseconds. (column c, "
                   "row 0)"}));
  EXPECT_EQ(in(TimestampFormat::unix_seconds, make_values<std::int64_t>("tdm", {-1})),
            (Texts{"ff"}));
}

TEST(Msgpack, nested_values) {
  std::vector<std::int32_t> many(20);
  EXPECT_EQ(encoded(ArrowData("+l", 4)
                        .bits({1, 1, 0, 1})
                        .values<std::int32_t>({0, 2, 2, 2, 18})
                        .with(make_values<std::int32_t>("i", many).named("item"))),
            (Texts{"920000", "90", "c0", "dc0010" + std::string(32, '0')}));
  EXPECT_EQ(encoded(ArrowData("+s", 1).none().with(make_values<std::int32_t>("i", {1}).named("x"))),
            (Texts{"81a17801"}));
  EXPECT_EQ(encoded(ArrowData("+s", 1).none()), (Texts{"80"}));
  EXPECT_EQ(encoded(ArrowData("+m", 1).none().values<std::int32_t>({0, 2}).with(
                ArrowData("+s", 2)
                    .required()
                    .none()
                    .named("entries")
                    .with(make_values<std::int32_t>("i", {1, 300}).named("key").required())
                    .with(make_values<double>("g", {0, 0}).named("value")))),
            (Texts{"8201cb0000000000000000cd012ccb0000000000000000"}));
  EXPECT_EQ(encoded(make_values<std::int8_t>("c", {1, 0})
                        .with_dictionary(make_strings<std::int32_t>("u", {"a", std::nullopt}))),
            (Texts{"c0", "a161"}));
}

TEST(Msgpack, a_row_is_a_map_of_all_columns) {
  const std::string name(40, 'n');
  FormatOptions options;
  options.format = Format::msgpack;
  ArrowData data = make_batch(1, make_values<std::int32_t>("i", {1}).named(name),
                              make_values<std::int64_t>("tsn:", {1}).named("_timestamp"),
                              make_strings<std::int32_t>("u", {"x"}).named(""));
  EXPECT_EQ(test_support::payloads(std::move(data), options),
            (Texts{"\x82\xd9\x28" + name + "\x01\xa0\xa1x"}));
}

TEST(Msgpack, refuses_what_a_map_cannot_say) {
  FormatOptions options;
  options.format = Format::msgpack;
  EXPECT_EQ(test_support::payloads(make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                                              make_values<std::int32_t>("i", {1}).named("a")),
                                   options),
            (Texts{"invalid_argument: Two columns have this name, which a map cannot "
                   "express. Rename one. (column a)"}));
  ArrowData keys = ArrowData("+s", 0).required().none().named("key");
  EXPECT_EQ(encoded(ArrowData("+m", 1).none().values<std::int32_t>({0, 0}).with(
                ArrowData("+s", 0)
                    .required()
                    .none()
                    .named("entries")
                    .with(std::move(keys))
                    .with(make_values<std::int32_t>("i", {}).named("value")))),
            (Texts{"invalid_argument: A map's key may not be a list, a struct, a map or a union, "
                   "which most readers do not take. Leave the column out (exclude_columns), or "
                   "change its type. (column c.key)"}));
}

}  // namespace
}  // namespace kinesink::format
