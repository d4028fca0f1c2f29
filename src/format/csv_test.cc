#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;

using Texts = std::vector<std::string>;

FormatOptions csv() {
  FormatOptions options;
  options.format = Format::csv;
  return options;
}

// The cells of one column.
Texts cells(ArrowData column, const FormatOptions& options = csv()) {
  const std::int64_t length = column.array().length;
  return test_support::payloads(make_batch(length, std::move(column).named("c")), options);
}

FormatOptions with_null(const std::string& text) {
  FormatOptions options = csv();
  options.csv_null = text;
  return options;
}

TEST(Csv, a_row_is_a_line_without_its_end) {
  ArrowData data = make_batch(2, make_values<std::int64_t>("l", {1, -2}).named("a"),
                              make_strings<std::int32_t>("u", {"x", std::nullopt}).named("b"),
                              make_values<std::int64_t>("tsn:", {0, 1}).named("_timestamp"),
                              make_values<double>("g", {0.5, 1}).named("a"),
                              ArrowData("b", 2).none().bits({1, 0}).named("d"));
  EXPECT_EQ(test_support::payloads(std::move(data), csv()),
            (Texts{"1,x,0.5,true", "-2,,1.0,false"}));
}

TEST(Csv, text_is_quoted_where_it_must_be) {
  for (const char* format : {"u", "vu"}) {
    const std::vector<std::optional<std::string>> texts = {
        "plain",
        "",
        "a,b",
        "\"",
        "say \"hi\", twice\"",
        "line\nline",
        "\r",
        " spaced ",
        "é;|",
        "\x01",
        std::string(40, 'x') + "," + std::string(70, 'y'),
        std::string(100, 'z'),
        std::nullopt};
    ArrowData data =
        *format == 'u' ? make_strings<std::int32_t>("u", texts) : make_views("vu", texts);
    EXPECT_EQ(cells(std::move(data)),
              (Texts{"plain", "\"\"", "\"a,b\"", "\"\"\"\"", "\"say \"\"hi\"\", twice\"\"\"",
                     "\"line\nline\"", "\"\r\"", " spaced ", "é;|", "\"\x01\"",
                     "\"" + std::string(40, 'x') + "," + std::string(70, 'y') + "\"",
                     std::string(100, 'z'), ""}));
  }
}

TEST(Csv, an_empty_text_is_not_a_null) {
  const std::vector<std::optional<std::string>> texts = {"", std::nullopt, "NULL"};
  EXPECT_EQ(cells(make_strings<std::int32_t>("u", texts)), (Texts{"\"\"", "", "NULL"}));
  EXPECT_EQ(cells(make_strings<std::int64_t>("U", texts), with_null("NULL")),
            (Texts{"\"\"", "NULL", "\"NULL\""}));
  EXPECT_EQ(cells(make_strings<std::int32_t>("z", {"", std::nullopt})), (Texts{"\"\"", ""}));
  EXPECT_EQ(cells(ArrowData("i", 2).bits({1, 0}).values<std::int32_t>({0, 0}), with_null("0")),
            (Texts{"\"0\"", "0"}));
  EXPECT_EQ(cells(make_values<std::int32_t>("i", {1, 0})
                      .with_dictionary(make_strings<std::int32_t>("u", {"a", std::nullopt}))),
            (Texts{"", "a"}));
}

TEST(Csv, numbers_keep_what_json_has_no_text_for) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(cells(make_values<double>("g", {0.1, 1e10, -0.0, std::nan(""), inf, -inf})),
            (Texts{"0.1", "1.0e10", "-0.0", "NaN", "Infinity", "-Infinity"}));
  EXPECT_EQ(cells(make_values<float>("f", {0.1F, std::nanf("")})), (Texts{"0.1", "NaN"}));
  EXPECT_EQ(cells(make_values<std::uint16_t>("e", {0x3e00, 0xfc00})), (Texts{"1.5", "-Infinity"}));
  EXPECT_EQ(cells(make_values<std::uint64_t>("L", {18446744073709551615U})),
            (Texts{"18446744073709551615"}));
  EXPECT_EQ(cells(make_values<std::int8_t>("c", {-128})), (Texts{"-128"}));
  EXPECT_EQ(cells(ArrowData("d:5,2", 1).none().values<std::int64_t>({-5, -1})), (Texts{"-0.05"}));
}

TEST(Csv, times_have_no_quotes) {
  EXPECT_EQ(cells(make_values<std::int64_t>("tsm:", {1'700'000'000'500})),
            (Texts{"2023-11-14T22:13:20.500"}));
  EXPECT_EQ(cells(make_values<std::int64_t>("tss:+05:30", {0})),
            (Texts{"1970-01-01T05:30:00+05:30"}));
  EXPECT_EQ(cells(make_values<std::int32_t>("tdD", {20000})), (Texts{"2024-10-04"}));
  EXPECT_EQ(cells(make_values<std::int64_t>("ttn", {1})), (Texts{"00:00:00.000000001"}));
  EXPECT_EQ(cells(make_values<std::int64_t>("tDm", {1500})), (Texts{"PT1.5S"}));
  FormatOptions millis = csv();
  millis.timestamp_format = TimestampFormat::unix_millis;
  EXPECT_EQ(cells(make_values<std::int64_t>("tss:UTC", {2}), millis), (Texts{"2000"}));
  for (const char* format : {"tss:", "tss:UTC"}) {
    EXPECT_EQ(cells(make_values<std::int64_t>(format, {253'402'300'800})),
              (Texts{"invalid_data: The value lies outside the years 0000 to 9999 (or, for a time, "
                     "outside the day), which its text cannot express. (column c, row 0)"}));
  }
}

TEST(Csv, bytes_are_base64_or_hexadecimal) {
  const std::string many(1000, '\xff');
  EXPECT_EQ(cells(make_strings<std::int32_t>("z", {"\xff\xfe", many})),
            (Texts{"//4=", to_base64(many)}));
  EXPECT_EQ(cells(ArrowData("w:2", 1).none().text("\x01\xff")), (Texts{"01ff"}));
}

TEST(Csv, nested_values_are_json_in_quotes) {
  EXPECT_EQ(cells(ArrowData("+l", 3)
                      .bits({1, 1, 0})
                      .values<std::int32_t>({0, 2, 2, 2})
                      .with(make_strings<std::int32_t>("u", {"a\"b", std::nullopt}).named("item"))),
            (Texts{"\"[\"\"a\\\"\"b\"\",null]\"", "\"[]\"", ""}));
  EXPECT_EQ(cells(ArrowData("+s", 1).none().with(make_values<std::int32_t>("i", {1}).named("x"))),
            (Texts{"\"{\"\"x\"\":1}\""}));
  EXPECT_EQ(cells(make_strings<std::int32_t>("u", {"{ \"a\" : [] }", "5"})
                      .metadata({{"ARROW:extension:name", "arrow.json"}})),
            (Texts{"\"{\"\"a\"\":[]}\"", "\"5\""}));
}

TEST(Csv, options) {
  FormatOptions options = csv();
  options.csv_delimiter = "tab";
  options.csv_quote_all = true;
  ArrowData data = make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                              make_strings<std::int32_t>("u", {std::nullopt}).named("b"),
                              make_strings<std::int32_t>("u", {"x,y"}).named("c"),
                              make_strings<std::int32_t>("z", {""}).named("d"),
                              make_values<std::int32_t>("tdD", {0}).named("e"));
  EXPECT_EQ(test_support::payloads(std::move(data), options),
            (Texts{"\"1\"\t\t\"x,y\"\t\"\"\t\"1970-01-01\""}));
  options = csv();
  options.csv_delimiter = ";";
  EXPECT_EQ(cells(make_strings<std::int32_t>("u", {"a,b", "a;b"}), options),
            (Texts{"a,b", "\"a;b\""}));
}

TEST(Csv, refuses_delimiters_and_nulls_that_other_cells_hold) {
  for (const char* delimiter : {"", "ab", "\"", "\n", ".", "5", "-", "e", "=", "é"}) {
    FormatOptions options = csv();
    options.csv_delimiter = delimiter;
    const Texts refused = cells(make_values<std::int32_t>("i", {1}), options);
    EXPECT_TRUE(refused[0].starts_with("invalid_argument: csv.delimiter must be")) << delimiter;
  }
  for (const std::string& null :
       {std::string("a,b"), std::string("\""), std::string("\n"), std::string(65, 'n')}) {
    const Texts refused = cells(make_values<std::int32_t>("i", {1}), with_null(null));
    EXPECT_TRUE(refused[0].starts_with("invalid_argument: csv.null must")) << null;
  }
  EXPECT_EQ(cells(ArrowData("n", 1), with_null(std::string(64, 'n'))),
            (Texts{std::string(64, 'n')}));
}

template <typename Change>
FormatOptions with(Change change) {
  FormatOptions options = csv();
  change(options);
  return options;
}

TEST(Csv, cells_follow_the_options_of_json) {
  const std::string bytes(1'000, '\xff');
  std::string base64url = to_base64(bytes);
  std::replace(base64url.begin(), base64url.end(), '/', '_');
  const auto encoding = [](BinaryEncoding chosen) {
    return with([&](FormatOptions& o) { o.json.binary_encoding = chosen; });
  };
  EXPECT_EQ(cells(make_strings<std::int32_t>("z", {bytes, "", "\xfb\xff\xfe"}),
                  encoding(BinaryEncoding::base64url)),
            (Texts{base64url, "\"\"", "-__-"}));
  EXPECT_EQ(cells(ArrowData("w:2", 1).none().text("\x01\xff"), encoding(BinaryEncoding::base64)),
            (Texts{"Af8="}));
  EXPECT_EQ(cells(make_values<std::int64_t>("tsm:", {1'500}), with([](FormatOptions& o) {
                    o.json.timestamp_digits = TimestampDigits::six;
                    o.json.naive_timestamp = NaiveTimestamp::utc;
                  })),
            (Texts{"1970-01-01T00:00:01.500000Z"}));
  EXPECT_EQ(cells(make_values<std::int64_t>("tsm:UTC", {1'500}),
                  with([](FormatOptions& o) { o.timestamp_format = TimestampFormat::unix_nanos; })),
            (Texts{"1500000000"}));
  EXPECT_EQ(cells(make_strings<std::int32_t>("u", {"{", "1"})
                      .metadata({{"ARROW:extension:name", "arrow.json"}}),
                  with([](FormatOptions& o) { o.json.invalid_json = InvalidJson::string; })),
            (Texts{"\"\"\"{\"\"\"", "\"1\""}));
}

TEST(Csv, numbers_that_are_not_finite_are_words_or_errors) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto column = [&] { return make_values<double>("g", {-infinity, std::nan(""), 2}); };
  const auto policy = [](NonFinite chosen) {
    return with([&](FormatOptions& o) { o.json.non_finite = chosen; });
  };
  EXPECT_EQ(cells(column(), policy(NonFinite::null)), (Texts{"-Infinity", "NaN", "2.0"}));
  EXPECT_EQ(cells(column(), policy(NonFinite::string)), (Texts{"-Infinity", "NaN", "2.0"}));
  const Texts errors = cells(column(), policy(NonFinite::error));
  EXPECT_TRUE(errors[0].starts_with("invalid_data: The number is NaN or infinite")) << errors[0];
  EXPECT_EQ(errors[2], "2.0");
}

TEST(Csv, nulls_are_left_out_of_objects_but_never_a_cell) {
  ArrowData data =
      make_batch(2, make_values<std::int32_t>("i", {1, 2}).named("a"), ArrowData("n", 2).named("b"),
                 ArrowData("+s", 2)
                     .none()
                     .with(make_strings<std::int32_t>("u", {std::nullopt, "t"}).named("myName"))
                     .with(make_values<std::int32_t>("i", {5, 6}).named("y"))
                     .named("c"));
  EXPECT_EQ(test_support::payloads(std::move(data), with([](FormatOptions& o) {
                                     o.json.nulls = Nulls::omit;
                                     o.json.key_naming = KeyNaming::snake_case;
                                   })),
            (Texts{"1,,\"{\"\"y\"\":5}\"", "2,,\"{\"\"my_name\"\":\"\"t\"\",\"\"y\"\":6}\""}));
}

TEST(Csv, options_that_contradict_each_other_are_refused_whatever_the_schema) {
  const auto problem = [](auto change) {
    const Result<void> checked = ArrowSerializer::check(with(change));
    return checked ? std::string("accepted") : checked.error().message;
  };
  EXPECT_EQ(problem([](FormatOptions&) {}), "accepted");
  EXPECT_EQ(problem([](FormatOptions& o) { o.csv_delimiter = "_"; }), "accepted");
  EXPECT_NE(problem([](FormatOptions& o) {
              o.csv_delimiter = "_";
              o.json.binary_encoding = BinaryEncoding::base64url;
            }).find("base64url"),
            std::string::npos);
  EXPECT_NE(problem([](FormatOptions& o) { o.csv_delimiter = "ab"; }).find("csv.delimiter"),
            std::string::npos);
  EXPECT_NE(problem([](FormatOptions& o) { o.csv_null = "\n"; }).find("csv.null"),
            std::string::npos);
  EXPECT_NE(problem([](FormatOptions& o) { o.json.include_schema = true; }).find("include_schema"),
            std::string::npos);
  EXPECT_NE(problem([](FormatOptions& o) { o.json.unstructured = true; }).find("unstructured"),
            std::string::npos);
  EXPECT_NE(problem([](FormatOptions& o) {
              o.timestamp_format = TimestampFormat::unix_millis;
              o.json.timestamp_digits = TimestampDigits::three;
            }).find("json.timestamp_digits"),
            std::string::npos);
}

}  // namespace
}  // namespace kinesink::format
