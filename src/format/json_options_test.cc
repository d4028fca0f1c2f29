// The texts that options choose. Expected ones were made with Python (datetime, base64, struct)
// where they are not plain.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "format/json_names.h"
#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using test_support::payloads;
using test_support::values;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

template <typename Change>
FormatOptions with(Change change) {
  FormatOptions options;
  change(options);
  return options;
}

FormatOptions timestamps_as(TimestampFormat format) {
  return with([&](FormatOptions& o) { o.timestamp_format = format; });
}

std::string does_not_fit(const std::string& unit, int row) {
  return "invalid_data: The value does not fit into 64 bits as " + unit + ". (column c, row " +
         std::to_string(row) + ")";
}

TEST(JsonOptions, timestamps_count_in_every_unit_rounded_down) {
  const auto column = [](const char* format) {
    return make_values<std::int64_t>(format, {0, -1, 1'700'000'000'123'456'789, kMax, kMin});
  };
  EXPECT_EQ(values(column("tsn:"), timestamps_as(TimestampFormat::unix_seconds)),
            (Texts{"0", "-1", "1700000000", "9223372036", "-9223372037"}));
  EXPECT_EQ(values(column("tsn:UTC"), timestamps_as(TimestampFormat::unix_millis)),
            (Texts{"0", "-1", "1700000000123", "9223372036854", "-9223372036855"}));
  EXPECT_EQ(values(column("tsn:"), timestamps_as(TimestampFormat::unix_micros)),
            (Texts{"0", "-1", "1700000000123456", "9223372036854775", "-9223372036854776"}));
  EXPECT_EQ(
      values(column("tsn:"), timestamps_as(TimestampFormat::unix_nanos)),
      (Texts{"0", "-1", "1700000000123456789", "9223372036854775807", "-9223372036854775808"}));
  EXPECT_EQ(values(column("tsm:"), timestamps_as(TimestampFormat::unix_seconds)),
            (Texts{"0", "-1", "1700000000123456", "9223372036854775", "-9223372036854776"}));
}

TEST(JsonOptions, finer_units_that_overflow_are_errors_of_the_row) {
  EXPECT_EQ(
      values(make_values<std::int64_t>("tss:", {9'223'372'036, 9'223'372'037, -9'223'372'037}),
             timestamps_as(TimestampFormat::unix_nanos)),
      (Texts{"9223372036000000000", does_not_fit("nanoseconds", 1),
             does_not_fit("nanoseconds", 2)}));
  EXPECT_EQ(values(make_values<std::int64_t>("tsm:", {kMax / 1000, kMax / 1000 + 1}),
                   timestamps_as(TimestampFormat::unix_micros)),
            (Texts{"9223372036854775000", does_not_fit("microseconds", 1)}));
  // Days of any calendar: 2262-04-11 is the last whose nanoseconds fit.
  EXPECT_EQ(values(make_values<std::int32_t>("tdD", {106'751, 106'752, -106'752}),
                   timestamps_as(TimestampFormat::unix_nanos)),
            (Texts{"9223286400000000000", does_not_fit("nanoseconds", 1),
                   does_not_fit("nanoseconds", 2)}));
}

TEST(JsonOptions, dates_count_too) {
  const auto days = [] {
    return make_values<std::int32_t>("tdD", {20000, -1, 2'147'483'647, -2'147'483'647 - 1});
  };
  EXPECT_EQ(values(days(), timestamps_as(TimestampFormat::unix_seconds)),
            (Texts{"1728000000", "-86400", "185542587100800", "-185542587187200"}));
  EXPECT_EQ(values(days(), timestamps_as(TimestampFormat::unix_micros)),
            (Texts{"1728000000000000", "-86400000000", does_not_fit("microseconds", 2),
                   does_not_fit("microseconds", 3)}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {-86'400'000, -1, kMax}),
                   timestamps_as(TimestampFormat::unix_seconds)),
            (Texts{"-86400", "-1", "9223372036854775"}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {-86'400'000, kMax}),
                   timestamps_as(TimestampFormat::unix_nanos)),
            (Texts{"-86400000000000", does_not_fit("nanoseconds", 1)}));
}

TEST(JsonOptions, naive_timestamps_get_a_z_by_option) {
  const auto utc = with([](FormatOptions& o) { o.json.naive_timestamp = NaiveTimestamp::utc; });
  EXPECT_EQ(values(make_values<std::int64_t>("tsn:", {1'700'000'000'500'000'000, kMin}), utc),
            (Texts{"\"2023-11-14T22:13:20.500Z\"", "\"1677-09-21T00:12:43.145224192Z\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tss:+05:30", {1'700'000'000}), utc),
            (Texts{"\"2023-11-15T03:43:20+05:30\""}));
  EXPECT_EQ(values(make_values<std::int64_t>("tdm", {0}), utc), (Texts{"\"1970-01-01T00:00:00\""}));
}

TEST(JsonOptions, fixed_digits_cut_what_is_finer) {
  const auto digits = [](TimestampDigits count, const char* format, std::int64_t value,
                         NaiveTimestamp naive = NaiveTimestamp::as_is) {
    return values(make_values<std::int64_t>(format, {value}), with([&](FormatOptions& o) {
                    o.json.timestamp_digits = count;
                    o.json.naive_timestamp = naive;
                  }))[0];
  };
  constexpr std::int64_t kNanos = 1'700'000'000'123'456'789;
  EXPECT_EQ(digits(TimestampDigits::none, "tsn:", kNanos), "\"2023-11-14T22:13:20\"");
  EXPECT_EQ(digits(TimestampDigits::three, "tsn:", kNanos), "\"2023-11-14T22:13:20.123\"");
  EXPECT_EQ(digits(TimestampDigits::six, "tsn:UTC", kNanos), "\"2023-11-14T22:13:20.123456Z\"");
  EXPECT_EQ(digits(TimestampDigits::nine, "tsn:", kNanos, NaiveTimestamp::utc),
            "\"2023-11-14T22:13:20.123456789Z\"");
  EXPECT_EQ(digits(TimestampDigits::nine, "tss:", 0), "\"1970-01-01T00:00:00.000000000\"");
  EXPECT_EQ(digits(TimestampDigits::six, "tsm:-09:30", -1), "\"1969-12-31T14:29:59.999000-09:30\"");
  EXPECT_EQ(digits(TimestampDigits::none, "tsn:", -1), "\"1969-12-31T23:59:59\"");
  EXPECT_EQ(digits(TimestampDigits::three, "tdm", -1), "\"1969-12-31T23:59:59.999\"");
  EXPECT_EQ(digits(TimestampDigits::nine, "tsn:+05:30", kMax),
            "\"2262-04-12T05:17:16.854775807+05:30\"");
  EXPECT_EQ(digits(TimestampDigits::three, "tss:+05:30", kMax).substr(0, 12), "invalid_data");
  EXPECT_EQ(digits(TimestampDigits::three, "tss:", 253'402'300'800).substr(0, 12), "invalid_data");
}

TEST(JsonOptions, binaries_in_every_encoding_and_layout) {
  const Strings strings = {std::string("\xfb\xff\xfe\x00", 4), std::nullopt, "ab"};
  const auto written = [&](BinaryEncoding encoding) {
    const auto options = with([&](FormatOptions& o) { o.json.binary_encoding = encoding; });
    const Texts texts = values(make_strings<std::int32_t>("z", strings), options);
    EXPECT_EQ(values(make_strings<std::int64_t>("Z", strings), options), texts);
    EXPECT_EQ(values(make_views("vz", strings), options), texts);
    EXPECT_EQ(values(ArrowData("w:2", 1).none().text("ab"), options)[0],
              encoding == BinaryEncoding::automatic ? "\"6162\"" : texts[2]);
    return texts;
  };
  EXPECT_EQ(written(BinaryEncoding::automatic), (Texts{"\"+//+AA==\"", "null", "\"YWI=\""}));
  EXPECT_EQ(written(BinaryEncoding::base64), (Texts{"\"+//+AA==\"", "null", "\"YWI=\""}));
  EXPECT_EQ(written(BinaryEncoding::base64url), (Texts{"\"-__-AA==\"", "null", "\"YWI=\""}));
  EXPECT_EQ(written(BinaryEncoding::hex), (Texts{"\"fbfffe00\"", "null", "\"6162\""}));
}

TEST(JsonOptions, decimals_as_bytes_take_the_encoding_of_binaries) {
  const auto written = [](BinaryEncoding encoding) {
    return values(ArrowData("d:10,3", 1).none().values<std::uint64_t>({0xffffffffffffcfc7, ~0ULL}),
                  with([&](FormatOptions& o) {
                    o.decimal_encoding = DecimalEncoding::bytes;
                    o.json.binary_encoding = encoding;
                  }))[0];
  };
  EXPECT_EQ(written(BinaryEncoding::automatic), "\"///////////////////Pxw==\"");
  EXPECT_EQ(written(BinaryEncoding::base64url), "\"___________________Pxw==\"");
  EXPECT_EQ(written(BinaryEncoding::hex), "\"ffffffffffffffffffffffffffffcfc7\"");
}

TEST(JsonOptions, numbers_that_are_none_by_policy) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto written = [&](NonFinite policy) {
    const auto options = with([&](FormatOptions& o) { o.json.non_finite = policy; });
    Texts texts = values(make_values<double>("g", {std::nan(""), inf, -inf, 0.1, -0.0}), options);
    const auto single = static_cast<float>(inf);
    EXPECT_EQ(
        values(make_values<float>("f", {std::nanf(""), single, -single, 0.1F, -0.0F}), options),
        texts);
    EXPECT_EQ(values(make_values<std::uint16_t>("e", {0x7e00, 0x7c00, 0xfc00}), options),
              (Texts{texts[0], texts[1], texts[2]}));
    return texts;
  };
  EXPECT_EQ(written(NonFinite::null), (Texts{"null", "null", "null", "0.1", "-0.0"}));
  EXPECT_EQ(written(NonFinite::string),
            (Texts{"\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.1", "-0.0"}));
  const std::string error =
      "invalid_data: The number is NaN or infinite, which json.non_finite = error does not allow. "
      "(column c, row ";
  EXPECT_EQ(written(NonFinite::error),
            (Texts{error + "0)", error + "1)", error + "2)", "0.1", "-0.0"}));
}

TEST(JsonOptions, numbers_that_are_none_as_keys_of_maps) {
  ArrowData keys = make_values<double>("g", {std::nan(""), 1.5}).named("key").required();
  ArrowData map = ArrowData("+m", 1).none().values<std::int32_t>({0, 2}).with(
      ArrowData("+s", 2)
          .required()
          .none()
          .named("entries")
          .with(std::move(keys))
          .with(ArrowData("n", 2).named("value")));
  EXPECT_EQ(
      values(std::move(map), with([](FormatOptions& o) { o.json.non_finite = NonFinite::string; })),
      (Texts{R"({"NaN":null,"1.5":null})"}));
}

TEST(JsonOptions, nulls_are_left_out_of_objects_at_any_depth) {
  const auto omit = with([](FormatOptions& o) { o.json.nulls = Nulls::omit; });
  ArrowData batch =
      make_batch(3, ArrowData("i", 3).bits({1, 0, 0}).values<std::int32_t>({1, 2, 3}).named("a"),
                 ArrowData("+s", 3)
                     .bits({1, 1, 0})
                     .with(make_strings<std::int32_t>("u", {std::nullopt, "x", "y"}).named("b"))
                     .with(make_values<double>("g", {std::nan(""), 1.0, 2.0}).named("d"))
                     .named("s"),
                 make_values<std::int8_t>("c", {0, 1, 1})
                     .with_dictionary(make_strings<std::int32_t>("u", {"k", std::nullopt}))
                     .named("k"),
                 make_strings<std::int32_t>("u", {" null ", "[null]", std::nullopt})
                     .metadata({{"ARROW:extension:name", "arrow.json"}})
                     .named("j"),
                 ArrowData("n", 3).named("n"),
                 make_strings<std::int32_t>("u", {"long", std::nullopt, std::nullopt})
                     .named(std::string(40, 'n')));
  EXPECT_EQ(payloads(std::move(batch), omit),
            (Texts{R"({"a":1,"s":{},"k":"k",")" + std::string(40, 'n') + R"(":"long"})",
                   R"({"s":{"b":"x","d":1.0},"j":[null]})", "{}"}));
}

TEST(JsonOptions, nulls_of_lists_and_maps_stay) {
  const auto omit = with([](FormatOptions& o) { o.json.nulls = Nulls::omit; });
  EXPECT_EQ(values(ArrowData("+l", 1).none().values<std::int32_t>({0, 2}).with(
                       ArrowData("i", 2).bits({0, 1}).values<std::int32_t>({1, 2}).named("item")),
                   omit),
            (Texts{"[null,2]"}));
  EXPECT_EQ(values(ArrowData("+m", 1).none().values<std::int32_t>({0, 1}).with(
                       ArrowData("+s", 1)
                           .required()
                           .none()
                           .named("entries")
                           .with(make_strings<std::int32_t>("u", {"k"}).named("key").required())
                           .with(ArrowData("n", 1).named("value"))),
                   omit),
            (Texts{R"({"k":null})"}));
}

TEST(JsonOptions, names_become_snake_case_or_camel_case) {
  struct Case {
    const char* name;
    const char* snake;
    const char* camel;
  };
  for (const Case& one : {Case{"userId", "user_id", "userId"},
                          {"UserID", "user_id", "userId"},
                          {"HTTPServerName", "http_server_name", "httpServerName"},
                          {"user_id", "user_id", "userId"},
                          {"User-Id", "user_id", "userId"},
                          {"a.b c:d", "a_b_c_d", "aBCD"},
                          {"x2Y", "x2_y", "x2Y"},
                          {"v2beta", "v2beta", "v2beta"},
                          {"_id", "_id", "_id"},
                          {"__Some_Name_", "__some_name_", "__someName_"},
                          {"größeÄ", "größeÄ", "größeÄ"},
                          {"", "", ""},
                          {"__", "__", "__"},
                          {"--", "--", "--"},
                          {"A", "a", "a"},
                          {"two  words", "two_words", "twoWords"}}) {
    EXPECT_EQ(renamed(one.name, KeyNaming::snake_case), one.snake) << one.name;
    EXPECT_EQ(renamed(one.name, KeyNaming::camel_case), one.camel) << one.name;
    EXPECT_EQ(renamed(one.name, KeyNaming::as_is), one.name);
  }
}

TEST(JsonOptions, names_of_columns_and_members_change_but_not_the_keys_of_maps) {
  const auto snake = with([](FormatOptions& o) { o.json.key_naming = KeyNaming::snake_case; });
  ArrowData map = ArrowData("+m", 1).none().values<std::int32_t>({0, 1}).with(
      ArrowData("+s", 1)
          .required()
          .none()
          .named("entries")
          .with(make_strings<std::int32_t>("u", {"someKey"}).named("key").required())
          .with(ArrowData("+s", 1).none().named("value").with(
              make_values<std::int32_t>("i", {1}).named("innerMost"))));
  EXPECT_EQ(payloads(make_batch(1, std::move(map).named("theMap")), snake),
            (Texts{R"({"the_map":{"someKey":{"inner_most":1}}})"}));
}

TEST(JsonOptions, names_that_fall_together_are_refused_with_both) {
  const auto pair = [] {
    return make_batch(1, make_values<std::int32_t>("i", {1}).named("userId"),
                      make_values<std::int32_t>("i", {2}).named("user_id"));
  };
  const auto snake = with([](FormatOptions& o) { o.json.key_naming = KeyNaming::snake_case; });
  const std::string message =
      "invalid_argument: The names userId and user_id both become user_id by json.key_naming = "
      "snake_case. Rename one, or set json.key_naming = as_is.";
  EXPECT_EQ(payloads(pair(), snake), (Texts{message + " (column user_id)"}));
  EXPECT_EQ(values(pair(), snake), (Texts{message + " (column c.user_id)"}));
  EXPECT_EQ(payloads(pair()), (Texts{R"({"userId":1,"user_id":2})"}));
}

TEST(JsonOptions, what_is_not_json_in_a_json_column_by_policy) {
  const auto written = [](InvalidJson policy) {
    const Strings strings = {"{\"a\":", "", "{ }", "line\n\x01\"", std::nullopt};
    const auto options = with([&](FormatOptions& o) { o.json.invalid_json = policy; });
    const auto column = [](ArrowData data) {
      return std::move(data).metadata({{"ARROW:extension:name", "arroyo.json"}});
    };
    Texts texts = values(column(make_strings<std::int32_t>("u", strings)), options);
    EXPECT_EQ(values(column(make_strings<std::int64_t>("U", strings)), options), texts);
    EXPECT_EQ(values(column(make_views("vu", strings)), options), texts);
    return texts;
  };
  EXPECT_EQ(written(InvalidJson::null), (Texts{"null", "null", "{}", "null", "null"}));
  EXPECT_EQ(written(InvalidJson::string),
            (Texts{R"("{\"a\":")", "\"\"", "{}", R"("line\n\u0001\"")", "null"}));
  EXPECT_EQ(written(InvalidJson::error)[0].substr(0, 12), "invalid_data");
}

}  // namespace
}  // namespace kinesink::format
