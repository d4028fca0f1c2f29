// The text of every type. Expected texts are those of docs/formats/json.md, made with Python where
// they are not plain.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using test_support::values;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

FormatOptions unix_millis() {
  FormatOptions options;
  options.timestamp_format = TimestampFormat::unix_millis;
  return options;
}

FormatOptions decimals_as(DecimalEncoding encoding) {
  FormatOptions options;
  options.decimal_encoding = encoding;
  return options;
}

// From words of 64 bits, little endian.
ArrowData decimals(const char* format, std::int64_t length, std::vector<std::uint64_t> words) {
  return ArrowData(format, length).none().values(words);
}

constexpr std::uint64_t kMinus = ~std::uint64_t{0};  // upper word of a small negative number

TEST(JsonTypes, null_and_booleans) {
  EXPECT_EQ(values(ArrowData("n", 2)), (Texts{"null", "null"}));
  EXPECT_EQ(values(ArrowData("b", 3).bits({1, 1, 0}).bits({1, 0, 1})),
            (Texts{"true", "false", "null"}));
}

TEST(JsonTypes, integers) {
  EXPECT_EQ(values(make_values<std::int8_t>("c", {-128, 0, 127})), (Texts{"-128", "0", "127"}));
  EXPECT_EQ(values(make_values<std::uint8_t>("C", {0, 255})), (Texts{"0", "255"}));
  EXPECT_EQ(values(make_values<std::int16_t>("s", {-32768, 32767})), (Texts{"-32768", "32767"}));
  EXPECT_EQ(values(make_values<std::uint16_t>("S", {65535})), (Texts{"65535"}));
  EXPECT_EQ(values(make_values<std::int32_t>("i", {-2147483647 - 1, 2147483647})),
            (Texts{"-2147483648", "2147483647"}));
  EXPECT_EQ(values(make_values<std::uint32_t>("I", {4294967295U})), (Texts{"4294967295"}));
  EXPECT_EQ(values(make_values<std::int64_t>("l", {std::numeric_limits<std::int64_t>::min(), 10})),
            (Texts{"-9223372036854775808", "10"}));
  EXPECT_EQ(values(make_values<std::uint64_t>("L", {18446744073709551615U})),
            (Texts{"18446744073709551615"}));
  EXPECT_EQ(values(ArrowData("i", 2).bits({0, 1}).values<std::int32_t>({7, 8})),
            (Texts{"null", "8"}));
}

TEST(JsonTypes, floating_point_numbers) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(values(make_values<double>(
                "g", {0.1, 1.0, -0.0, 1e9, 1e10, 1.5e-6, 123.45, 5e-324, 1.7976931348623157e308})),
            (Texts{"0.1", "1.0", "-0.0", "1000000000.0", "1.0e10", "1.5e-6", "123.45", "5.0e-324",
                   "1.7976931348623157e308"}));
  EXPECT_EQ(values(make_values<double>("g", {inf, -inf, std::nan("")})),
            (Texts{"null", "null", "null"}));
  EXPECT_EQ(values(make_values<float>("f", {0.1F, 16777216.0F, std::nanf("")})),
            (Texts{"0.1", "16777216.0", "null"}));
  EXPECT_EQ(values(make_values<std::uint16_t>("e", {0x3c00, 0x3555, 0x7bff, 0x0001, 0x7c00})),
            (Texts{"1.0", "0.33325195", "65504.0", "5.9604645e-8", "null"}));
}

TEST(JsonTypes, strings_of_every_layout) {
  const Strings strings = {"a", std::nullopt, "", "größer \"so\"", std::string(40, 'x') + "\n"};
  const Texts texts = {"\"a\"", "null", "\"\"", "\"größer \\\"so\\\"\"",
                       "\"" + std::string(40, 'x') + "\\n\""};
  EXPECT_EQ(values(make_strings<std::int32_t>("u", strings)), texts);
  EXPECT_EQ(values(make_strings<std::int64_t>("U", strings)), texts);
  EXPECT_EQ(values(make_views("vu", strings)), texts);
}

TEST(JsonTypes, binaries_of_every_layout_as_base64) {
  std::string sevens;
  for (int i = 0; i < 256; i += 7) sevens += static_cast<char>(i);
  const Strings strings = {"", "f", "fo", "foo", std::nullopt, sevens};
  const Texts texts = {"\"\"",     "\"Zg==\"",
                       "\"Zm8=\"", "\"Zm9v\"",
                       "null",     "\"AAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71/A==\""};
  EXPECT_EQ(values(make_strings<std::int32_t>("z", strings)), texts);
  EXPECT_EQ(values(make_strings<std::int64_t>("Z", strings)), texts);
  EXPECT_EQ(values(make_views("vz", strings)), texts);
  const std::string big(1000, 'f');  // several pieces of the checked path
  const Texts long_text = values(make_strings<std::int32_t>("z", {big}));
  EXPECT_EQ(long_text[0].size(), 2U + 1336U);
}

TEST(JsonTypes, fixed_size_binary_as_hex) {
  EXPECT_EQ(values(ArrowData("w:3", 2).bits({1, 0}).text(std::string("\x00\xab\xff...", 6))),
            (Texts{"\"00abff\"", "null"}));
  EXPECT_EQ(values(ArrowData("w:300", 1).none().text(std::string(300, '\x5a')))[0].size(), 602U);
}

TEST(JsonTypes, decimals_in_every_encoding) {
  const auto column = [](const char* format) {
    return decimals(format, 2, {kMinus - 12344, kMinus, 10, 0});
  };
  EXPECT_EQ(values(column("d:10,3")), (Texts{"-12.345", "0.010"}));
  EXPECT_EQ(values(column("d:10,-2")), (Texts{"-1234500", "1000"}));
  EXPECT_EQ(values(column("d:10,3"), decimals_as(DecimalEncoding::string)),
            (Texts{"\"-12.345\"", "\"0.010\""}));
  EXPECT_EQ(values(column("d:10,3"), decimals_as(DecimalEncoding::bytes)),
            (Texts{"\"///////////////////Pxw==\"", "\"AAAAAAAAAAAAAAAAAAAACg==\""}));
}

TEST(JsonTypes, decimals_of_256_bits) {
  const auto column = [](const char* format) {  // 10^40 + 7
    return decimals(format, 1, {0xb9f5610000000007U, 0x6329f1c35ca4bfabU, 0x1dU, 0});
  };
  EXPECT_EQ(values(column("d:41,0,256")), (Texts{"10000000000000000000000000000000000000007"}));
  EXPECT_EQ(values(column("d:41,0,256"), decimals_as(DecimalEncoding::bytes)),
            (Texts{"\"AAAAAAAAAAAAAAAAAAAAHWMp8cNcpL+rufVhAAAAAAc=\""}));
  EXPECT_EQ(values(column("d:40,0,256")),
            (Texts{"invalid_data: The decimal has more digits than the 40 that its type declares. "
                   "(column c, row 0)"}));
}

TEST(JsonTypes, many_wide_decimals_stay_within_the_limit) {
  ArrowData row = ArrowData("+s", 1).none();
  std::string expected = "{";
  for (int i = 0; i < 8; ++i) {
    const std::string name = "m" + std::to_string(i);
    row = std::move(row).with(
        decimals("d:38,-127", 1, {0x98a223fffffffffU, 0x4b3b4ca85a86c47aU}).named(name));
    expected +=
        (i == 0 ? "\"" : ",\"") + name + "\":" + std::string(38, '9') + std::string(127, '0');
  }
  EXPECT_EQ(values(std::move(row)), (Texts{expected + "}"}));
}

TEST(JsonTypes, decimals_beyond_their_precision_are_refused) {
  const std::string error =
      "invalid_data: The decimal has more digits than the 3 that its type declares. (column c, "
      "row ";
  EXPECT_EQ(
      values(decimals("d:3,1", 4, {999, 0, 1000, 0, kMinus - 998, kMinus, kMinus - 999, kMinus})),
      (Texts{"99.9", error + "1)", "-99.9", error + "3)"}));
  // 10^38, and the least number of all.
  EXPECT_EQ(values(decimals("d:38,0", 2,
                            {0x098a223fffffffffU, 0x4b3b4ca85a86c47aU, 0x098a224000000000U,
                             0x4b3b4ca85a86c47aU})),
            (Texts{"99999999999999999999999999999999999999",
                   "invalid_data: The decimal has more digits than the 38 that its type declares. "
                   "(column c, row 1)"}));
  EXPECT_EQ(values(decimals("d:38,0", 1, {0, 0x8000000000000000U}))[0].substr(0, 12),
            "invalid_data");
}

TEST(JsonTypes, dates) {
  EXPECT_EQ(values(make_values<std::int32_t>("tdD", {0, 20000, -1, -719528, 2932896})),
            (Texts{"\"1970-01-01\"", "\"2024-10-04\"", "\"1969-12-31\"", "\"0000-01-01\"",
                   "\"9999-12-31\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {-86'400'000, 1'500})),
            (Texts{"\"1969-12-31T00:00:00\"", "\"1970-01-01T00:00:01.500\""}));
  EXPECT_EQ(values(make_values<std::int32_t>("tdD", {20000, -1}), unix_millis()),
            (Texts{"1728000000000", "-86400000"}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {-86'400'000}), unix_millis()),
            (Texts{"-86400000"}));
}

TEST(JsonTypes, times_of_day) {
  EXPECT_EQ(values(make_values<std::int32_t>("tts", {0, 86'399})),
            (Texts{"\"00:00:00\"", "\"23:59:59\""}));
  EXPECT_EQ(values(make_values<std::int32_t>("ttm", {3'723'004})), (Texts{"\"01:02:03.004\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("ttu", {3'723'000'004})),
            (Texts{"\"01:02:03.000004\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("ttn", {3'723'000'000'004})),
            (Texts{"\"01:02:03.000000004\""}));
}

TEST(JsonTypes, timestamps_without_zone) {
  EXPECT_EQ(values(make_values<std::int64_t>("tss:", {0, -1})),
            (Texts{"\"1970-01-01T00:00:00\"", "\"1969-12-31T23:59:59\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsm:", {1'700'000'000'500, -1})),
            (Texts{"\"2023-11-14T22:13:20.500\"", "\"1969-12-31T23:59:59.999\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsu:", {1'700'000'000'123'456})),
            (Texts{"\"2023-11-14T22:13:20.123456\""}));
  EXPECT_EQ(values(make_values<std::int64_t>(
                "tsn:", {1'700'000'000'123'456'789, std::numeric_limits<std::int64_t>::max()})),
            (Texts{"\"2023-11-14T22:13:20.123456789\"", "\"2262-04-11T23:47:16.854775807\""}));
}

TEST(JsonTypes, timestamps_in_a_zone) {
  EXPECT_EQ(values(make_values<std::int64_t>("tsm:UTC", {1'700'000'000'500})),
            (Texts{"\"2023-11-14T22:13:20.500Z\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:+05:30", {1'700'000'000})),
            (Texts{"\"2023-11-15T03:43:20+05:30\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:-0330", {1'700'000'000})),
            (Texts{"\"2023-11-14T18:43:20-03:30\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:Europe/Paris",
                                             {1'711'846'799, 1'711'846'800, 1'700'000'000})),
            (Texts{"\"2024-03-31T01:59:59+01:00\"", "\"2024-03-31T03:00:00+02:00\"",
                   "\"2023-11-14T23:13:20+01:00\""}));
  // The local time does not fit into 64 bits of nanoseconds.
  EXPECT_EQ(
      values(make_values<std::int64_t>("tsn:+05:30", {std::numeric_limits<std::int64_t>::max()})),
      (Texts{"\"2262-04-12T05:17:16.854775807+05:30\""}));
  EXPECT_EQ(
      values(make_values<std::int64_t>("tsn:-05:30", {std::numeric_limits<std::int64_t>::min()})),
      (Texts{"\"1677-09-20T18:42:43.145224192-05:30\""}));
}

TEST(JsonTypes, timestamps_as_milliseconds_are_floored_exactly) {
  // Through a double the first would be ...001.
  EXPECT_EQ(values(make_values<std::int64_t>("tsn:", {1'700'000'000'002'000'000, -1, -1'000'000}),
                   unix_millis()),
            (Texts{"1700000000002", "-1", "-1"}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsu:Mars/Olympus", {-1, 1'999}), unix_millis()),
            (Texts{"-1", "1"}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsm:", {-5}), unix_millis()), (Texts{"-5"}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:", {-5, 9'300'000'000'000'000}), unix_millis()),
            (Texts{"-5000",
                   "invalid_data: The value does not fit into 64 bits as milliseconds. "
                   "(column c, row 1)"}));
}

TEST(JsonTypes, what_no_calendar_text_can_express_is_refused) {
  const std::string error =
      "invalid_data: The value lies outside the years 0000 to 9999 (or, for a time, outside the "
      "day), which its text cannot express. (column c, row 0)";
  EXPECT_EQ(values(make_values<std::int32_t>("tdD", {2932897})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int32_t>("tdD", {-719529})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {253'402'300'800'000})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:", {253'402'300'800})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:UTC", {253'402'300'800})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:+00:01", {253'402'300'799})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:Europe/Paris",
                                             {std::numeric_limits<std::int64_t>::max()})),
            (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsm:Europe/Paris",
                                             {std::numeric_limits<std::int64_t>::min()})),
            (Texts{error}));
  EXPECT_EQ(values(make_values<std::int32_t>("tts", {86'400})), (Texts{error}));
  EXPECT_EQ(values(make_values<std::int64_t>("ttn", {-1})), (Texts{error}));
}

TEST(JsonTypes, durations) {
  EXPECT_EQ(values(make_values<std::int64_t>("tDs", {0, -90})), (Texts{"\"PT0S\"", "\"-PT90S\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tDm", {1500, -1})),
            (Texts{"\"PT1.5S\"", "\"-PT0.001S\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tDn", {1})), (Texts{"\"PT0.000000001S\""}));
}

TEST(JsonTypes, intervals) {
  EXPECT_EQ(values(ArrowData("tiM", 4).bits({1, 1, 0, 1}).values<std::int32_t>({14, -14, 5, 0})),
            (Texts{"\"P1Y2M\"", "\"-P1Y2M\"", "null", "\"PT0S\""}));
  EXPECT_EQ(values(ArrowData("tiD", 3).none().values<std::int32_t>({3, 4500, -3, -4500, -3, 4500})),
            (Texts{"\"P3DT4.5S\"", "\"-P3DT4.5S\"", "\"P-3DT4.5S\""}));
  EXPECT_EQ(values(ArrowData("tin", 2).unaligned().none().values(std::vector<columnar::Interval>{
                {25, -1, 1}, {-2147483647, 2147483647, -9'223'372'036'854'775'807}})),
            (Texts{"\"P2Y1M-1DT0.000000001S\"",
                   "\"P-178956970Y-7M2147483647DT-9223372036.854775807S\""}));
}

TEST(JsonTypes, decimals_of_32_and_64_bits) {
  const auto small = [] { return make_values<std::int32_t>("d:5,3,32", {-12345, 10}); };
  const auto wide = [] { return make_values<std::int64_t>("d:18,-2,64", {-5, 0}); };
  EXPECT_EQ(values(small()), (Texts{"-12.345", "0.010"}));
  EXPECT_EQ(values(wide()), (Texts{"-500", "0"}));
  EXPECT_EQ(values(small(), decimals_as(DecimalEncoding::string)),
            (Texts{"\"-12.345\"", "\"0.010\""}));
  EXPECT_EQ(values(small(), decimals_as(DecimalEncoding::bytes)),
            (Texts{"\"///Pxw==\"", "\"AAAACg==\""}));
  EXPECT_EQ(values(wide(), decimals_as(DecimalEncoding::bytes)),
            (Texts{"\"//////////s=\"", "\"AAAAAAAAAAA=\""}));
  const std::string error =
      "invalid_data: The decimal has more digits than the 2 that its type declares. (column c, "
      "row 1)";
  EXPECT_EQ(values(make_values<std::int32_t>("d:2,0,32", {-99, -100})), (Texts{"-99", error}));
  EXPECT_EQ(values(make_values<std::int64_t>("d:2,0,64", {99, 100})), (Texts{"99", error}));
}

TEST(JsonTypes, uuids_and_eight_bit_booleans) {
  const auto extension = [](ArrowData data, const char* name) {
    return std::move(data).metadata({{"ARROW:extension:name", name}});
  };
  const std::string bytes("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  EXPECT_EQ(values(extension(ArrowData("w:16", 2).bits({1, 0}).text(bytes + bytes), "arrow.uuid")),
            (Texts{"\"00112233-4455-6677-8899-aabbccddeeff\"", "null"}));
  EXPECT_EQ(values(extension(ArrowData("w:2", 1).none().text("ab"), "arrow.uuid")),
            (Texts{"\"6162\""}));
  EXPECT_EQ(
      values(extension(ArrowData("c", 4).bits({1, 1, 1, 0}).values<std::int8_t>({0, 1, -7, 1}),
                       "arrow.bool8")),
      (Texts{"false", "true", "true", "null"}));
}

TEST(JsonTypes, an_unknown_zone_is_refused_at_start) {
  EXPECT_EQ(values(make_values<std::int64_t>("tss:Mars/Olympus", {0})),
            (Texts{"invalid_argument: The time zone Mars/Olympus is not in /usr/share/zoneinfo. "
                   "Install tzdata, or cast the column to another time zone. (column c)"}));
}

}  // namespace
}  // namespace kinesink::format
