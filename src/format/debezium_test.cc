// debezium_json: what a batch of changes becomes.
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::payloads;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

FormatOptions debezium() {
  FormatOptions options;
  options.format = Format::debezium_json;
  return options;
}

struct Row {
  char id;
  bool retracts;
  std::int32_t value;
};

ArrowData meta_of(const std::vector<Row>& rows, bool fixed = true) {
  std::vector<int> retracts;
  std::string ids;
  Strings texts;
  for (const Row& row : rows) {
    retracts.push_back(row.retracts ? 1 : 0);
    ids += row.id;
    texts.emplace_back(std::string(1, row.id));
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  return ArrowData("+s", count)
      .none()
      .named("_updating_meta")
      .required()
      .with(ArrowData("b", count).none().bits(retracts).named("is_retract"))
      .with(fixed ? ArrowData("w:1", count).none().text(ids).named("id")
                  : make_strings<std::int32_t>("z", texts).named("id"));
}

ArrowData changes(const std::vector<Row>& rows, bool fixed = true) {
  std::vector<std::int32_t> numbers;
  std::vector<std::int64_t> times;
  for (const Row& row : rows) {
    numbers.push_back(row.value);
    times.push_back(row.value * 1'000'000LL + 999'999);
  }
  return make_batch(static_cast<std::int64_t>(rows.size()), make_values("i", numbers).named("v"),
                    make_values("tsn:", times).named("_timestamp"), meta_of(rows, fixed));
}

constexpr bool kCreates = false;
constexpr bool kRetracts = true;

TEST(Debezium, rows_without_meta_are_creates) {
  EXPECT_EQ(payloads(make_batch(2, make_values<std::int32_t>("i", {1, 2}).named("v"),
                                make_values<std::int64_t>("tsn:", {1, 2}).named("_timestamp")),
                     debezium()),
            (Texts{R"({"before":null,"after":{"v":1},"op":"c"})",
                   R"({"before":null,"after":{"v":2},"op":"c"})"}));
}

TEST(Debezium, timestamps_and_decimals_have_the_defaults_of_the_format) {
  const auto batch = [] {
    return make_batch(1, make_values<std::int64_t>("tsn:", {1'700'000'000'002'999'999}).named("t"),
                      make_values<std::int32_t>("tdD", {1}).named("d"),
                      ArrowData("d:10,2", 1).none().values<std::uint64_t>({5, 0}).named("n"));
  };
  EXPECT_EQ(payloads(batch(), debezium()),
            (Texts{R"({"before":null,"after":{"t":1700000000002,"d":86400000,)"
                   R"("n":"AAAAAAAAAAAAAAAAAAAABQ=="},"op":"c"})"}));
  FormatOptions options = debezium();
  options.timestamp_format = TimestampFormat::rfc3339;
  options.decimal_encoding = DecimalEncoding::number;
  options.json.timestamp_digits = TimestampDigits::three;
  EXPECT_EQ(payloads(batch(), options),
            (Texts{R"({"before":null,"after":{"t":"2023-11-14T22:13:20.002","d":"1970-01-02",)"
                   R"("n":0.05},"op":"c"})"}));
}

TEST(Debezium, rows_of_one_id_are_one_change_in_order_of_first_appearance) {
  const std::vector<Row> rows = {
      {'u', kRetracts, 1},  // updated at the end
      {'c', kCreates, 2},   // created, changed
      {'n', kCreates, 3},   // comes to nothing
      {'d', kRetracts, 4},  // changed, removed
      {'u', kCreates, 5},  {'c', kRetracts, 2}, {'c', kCreates, 6},
      {'n', kRetracts, 3}, {'d', kCreates, 7},  {'d', kRetracts, 7},
      {'u', kRetracts, 5}, {'u', kCreates, 8},  {'x', kRetracts, 9},
  };
  const Texts expected = {R"({"before":{"v":1},"after":{"v":8},"op":"u"})",
                          R"({"before":null,"after":{"v":6},"op":"c"})",
                          "skipped",
                          R"({"before":{"v":4},"after":null,"op":"d"})",
                          "skipped",
                          "skipped",
                          "skipped",
                          "skipped",
                          "skipped",
                          "skipped",
                          "skipped",
                          "skipped",
                          R"({"before":{"v":9},"after":null,"op":"d"})"};
  EXPECT_EQ(payloads(changes(rows), debezium()), expected);
  EXPECT_EQ(payloads(changes(rows, false), debezium()), expected);
}

TEST(Debezium, ts_ms_is_the_latest_time_of_the_change) {
  FormatOptions options = debezium();
  options.debezium.ts_ms = true;
  EXPECT_EQ(
      payloads(changes({{'a', kRetracts, 30}, {'b', kCreates, -5}, {'a', kCreates, 10}}), options),
      (Texts{R"({"before":{"v":30},"after":{"v":10},"op":"u","ts_ms":30})",
             R"({"before":null,"after":{"v":-5},"op":"c","ts_ms":-5})", "skipped"}));
  const auto seconds = [&](std::int64_t value) {
    FormatOptions by_name = options;
    by_name.debezium.ts_ms_column = "at";
    return payloads(
        make_batch(2, make_values<std::int8_t>("c", {1, 1}).named("v"),
                   ArrowData("tss:", 2).bits({1, 0}).values<std::int64_t>({value, 1}).named("at")),
        by_name);
  };
  EXPECT_EQ(seconds(-1),
            (Texts{R"({"before":null,"after":{"v":1,"at":-1000},"op":"c","ts_ms":-1000})",
                   R"({"before":null,"after":{"v":1,"at":null},"op":"c","ts_ms":null})"}));
  EXPECT_EQ(seconds(std::numeric_limits<std::int64_t>::max())[0],
            "invalid_data: The value does not fit into 64 bits as milliseconds. (column at, row "
            "0)");
}

TEST(Debezium, ts_ms_needs_a_column_of_timestamps) {
  FormatOptions options = debezium();
  options.debezium.ts_ms = true;
  options.debezium.ts_ms_column = "v";
  EXPECT_EQ(payloads(changes({{'a', kCreates, 1}}), options),
            (Texts{"invalid_argument: debezium.ts_ms needs a column of timestamps: name one in "
                   "debezium.ts_ms_column, or set debezium.ts_ms = false. (column v)"}));
}

TEST(Debezium, source_is_what_the_option_says_on_one_line) {
  FormatOptions options = debezium();
  options.debezium.source = "{ \"db\" : \"x\",\n \"n\": 1 }";
  options.debezium.ts_ms = true;
  EXPECT_EQ(payloads(changes({{'a', kCreates, 7}}), options),
            (Texts{R"({"before":null,"after":{"v":7},"source":{"db":"x","n":1},"op":"c",)"
                   R"("ts_ms":7})"}));
}

TEST(Debezium, under_a_schema) {
  FormatOptions options = debezium();
  options.json.include_schema = true;
  options.debezium.ts_ms = true;
  const std::string state =
      R"({"type":"struct","fields":[{"type":"int32","optional":true,"field":"v"}],"optional":true,)"
      R"("name":"kinesink.Value","field":")";
  EXPECT_EQ(payloads(changes({{'a', kRetracts, 7}}), options),
            (Texts{R"({"schema":{"type":"struct","fields":[)" + state + "before\"}," + state +
                   "after\"}," +
                   R"({"type":"string","optional":false,"field":"op"},)"
                   R"({"type":"int64","optional":true,"field":"ts_ms"}],"optional":false,)"
                   R"("name":"kinesink.Envelope"},)"
                   R"("payload":{"before":{"v":7},"after":null,"op":"d","ts_ms":7}})"}));
}

TEST(Debezium, an_error_names_the_row_that_holds_the_value) {
  FormatOptions options = debezium();
  options.timestamp_format = TimestampFormat::rfc3339;
  const std::vector<Row> rows = {{'a', kRetracts, 0}, {'b', kCreates, 0}, {'a', kCreates, 0}};
  EXPECT_EQ(payloads(make_batch(3, make_values<std::int32_t>("tdD", {1, 2, 2'932'897}).named("day"),
                                meta_of(rows)),
                     options),
            (Texts{"invalid_data: The value lies outside the years 0000 to 9999 (or, for a time, "
                   "outside the day), which its text cannot express. (column day, row 2)",
                   R"({"before":null,"after":{"day":"1970-01-03"},"op":"c"})", "skipped"}));
}

TEST(Debezium, rows_without_an_id_are_errors) {
  ArrowData meta = ArrowData("+s", 3)
                       .bits({1, 0, 1})
                       .named("_updating_meta")
                       .with(ArrowData("b", 3).bits({1, 1, 0}).bits({0, 0, 0}).named("is_retract"))
                       .with(make_strings<std::int32_t>("z", {std::nullopt, "x", "y"}).named("id"));
  const std::string message =
      "invalid_data: The column, or is_retract or id in it, is null: it is not known which row "
      "changes, and how. (column _updating_meta, row ";
  EXPECT_EQ(
      payloads(make_batch(3, make_values<std::int32_t>("i", {1, 2, 3}).named("v"), std::move(meta)),
               debezium()),
      (Texts{message + "0)", message + "1)", message + "2)"}));
}

TEST(Debezium, a_meta_column_of_another_shape_is_refused) {
  EXPECT_EQ(payloads(make_batch(1, make_values<std::int32_t>("i", {1}).named("v"),
                                make_values<std::int32_t>("i", {1}).named("_updating_meta")),
                     debezium()),
            (Texts{"invalid_argument: debezium_json reads changes from a struct with the members "
                   "is_retract (boolean) and id (fixed_size_binary, binary or text), which this "
                   "column is not. Rename it if it is something else. (column _updating_meta)"}));
}

}  // namespace
}  // namespace kinesink::format
