// Rows under a Kafka Connect schema, bare values, and options that contradict each other.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using test_support::payloads;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

template <typename Change>
FormatOptions with(Change change) {
  FormatOptions options;
  change(options);
  return options;
}

FormatOptions with_schema() {
  return with([](FormatOptions& o) { o.json.include_schema = true; });
}

// The schema of the one column `c` and the payloads of its rows, without what stands around them.
Texts under_schema(ArrowData column, const FormatOptions& options = with_schema()) {
  constexpr std::string_view kBegin = R"({"schema":{"type":"struct","fields":[)";
  constexpr std::string_view kMiddle =
      R"(],"optional":false,"name":"kinesink.Row"},"payload":{"c":)";
  const std::int64_t length = column.array().length;
  Texts found;
  for (const std::string& text :
       payloads(make_batch(length, std::move(column).named("c")), options)) {
    const std::size_t middle = text.find(kMiddle);
    if (!text.starts_with(kBegin) || middle == std::string::npos || !text.ends_with("}}")) {
      found.push_back(text);
      continue;
    }
    if (found.empty()) found.push_back(text.substr(kBegin.size(), middle - kBegin.size()));
    const std::size_t at = middle + kMiddle.size();
    found.push_back(text.substr(at, text.size() - at - 2));
  }
  return found;
}

std::string type(const std::string& name, const std::string& rest = "", bool optional = true) {
  return "{\"type\":\"" + name + "\",\"optional\":" + (optional ? "true" : "false") + rest +
         ",\"field\":\"c\"}";
}

std::string logical(const std::string& name) {
  return ",\"name\":\"org.apache.kafka.connect.data." + name + "\",\"version\":1";
}

TEST(JsonSchema, of_plain_types) {
  EXPECT_EQ(under_schema(ArrowData("b", 1).none().bits({1})), (Texts{type("boolean"), "true"}));
  EXPECT_EQ(under_schema(make_values<std::int8_t>("c", {-1})), (Texts{type("int8"), "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int16_t>("s", {-1})), (Texts{type("int16"), "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int32_t>("i", {-1})), (Texts{type("int32"), "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("l", {-1})), (Texts{type("int64"), "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("l", {-1}).required()),
            (Texts{type("int64", "", false), "-1"}));
  EXPECT_EQ(under_schema(make_values<float>("f", {1})), (Texts{type("float"), "1.0"}));
  EXPECT_EQ(under_schema(make_values<std::uint16_t>("e", {0x3c00})), (Texts{type("float"), "1.0"}));
  EXPECT_EQ(under_schema(make_strings<std::int32_t>("u", {"a", std::nullopt})),
            (Texts{type("string"), "\"a\"", "null"}));
  EXPECT_EQ(under_schema(make_views("vz", {"a"})), (Texts{type("bytes"), "\"YQ==\""}));
  EXPECT_EQ(under_schema(ArrowData("w:1", 1).none().text("a")), (Texts{type("bytes"), "\"YQ==\""}));
  EXPECT_EQ(under_schema(ArrowData("n", 1)), (Texts{type("string"), "null"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("tDs", {1})),
            (Texts{type("string"), "\"PT1S\""}));
}

TEST(JsonSchema, unsigned_numbers_take_the_next_larger_type) {
  EXPECT_EQ(under_schema(make_values<std::uint8_t>("C", {255})), (Texts{type("int16"), "255"}));
  EXPECT_EQ(under_schema(make_values<std::uint16_t>("S", {65535})),
            (Texts{type("int32"), "65535"}));
  EXPECT_EQ(under_schema(make_values<std::uint32_t>("I", {4294967295U})),
            (Texts{type("int64"), "4294967295"}));
  EXPECT_EQ(
      under_schema(make_values<std::uint64_t>("L", {9223372036854775807U, 9223372036854775808U})),
      (Texts{type("int64"), "9223372036854775807",
             "invalid_data: The number does not fit into 64 bits with a sign, which its "
             "schema declares. Cast the column to decimal128(20, 0). (column c, row 1)"}));
}

TEST(JsonSchema, numbers_that_may_be_written_as_null_are_optional) {
  auto options = with_schema();
  const auto column = [] { return make_values<double>("g", {std::nan("")}).required(); };
  EXPECT_EQ(under_schema(column(), options), (Texts{type("double"), "null"}));
  options.json.non_finite = NonFinite::error;
  EXPECT_EQ(under_schema(make_values<double>("g", {0.5}).required(), options),
            (Texts{type("double", "", false), "0.5"}));
}

TEST(JsonSchema, decimals_have_their_scale_as_a_parameter_and_no_byte_too_many) {
  const auto decimal = [](const std::string& scale, const std::string& precision) {
    return type("bytes").substr(0, 31) + logical("Decimal") + R"(,"parameters":{"scale":")" +
           scale + R"(","connect.decimal.precision":")" + precision + R"("},"field":"c"})";
  };
  constexpr std::uint64_t kMinus = ~std::uint64_t{0};
  EXPECT_EQ(
      under_schema(ArrowData("d:10,3", 8)
                       .none()
                       .values<std::uint64_t>({0, 0, 127, 0, 128, 0, kMinus, kMinus, kMinus - 127,
                                               kMinus, kMinus - 128, kMinus, 32767, 0, 32768, 0})),
      (Texts{decimal("3", "10"), "\"AA==\"", "\"fw==\"", "\"AIA=\"", "\"/w==\"", "\"gA==\"",
             "\"/38=\"", "\"f/8=\"", "\"AIAA\""}));
  EXPECT_EQ(under_schema(ArrowData("d:40,-2,256", 1).none().values<std::uint64_t>({255, 0, 0, 0})),
            (Texts{decimal("-2", "40"), "\"AP8=\""}));
}

TEST(JsonSchema, dates_times_and_timestamps_count_as_connect_does) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(under_schema(make_values<std::int32_t>("tdD", {20000, -1})),
            (Texts{type("int32", logical("Date")), "20000", "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("tdm", {-1, 86'400'000, kMax})),
            (Texts{type("int32", logical("Date")), "-1", "1",
                   "invalid_data: The date does not fit into 32 bits as days, which its schema "
                   "declares. (column c, row 2)"}));
  EXPECT_EQ(under_schema(make_values<std::int32_t>("tts", {86'399})),
            (Texts{type("int32", logical("Time")), "86399000"}));
  EXPECT_EQ(under_schema(make_values<std::int32_t>("ttm", {5})),
            (Texts{type("int32", logical("Time")), "5"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("ttu", {1'999})),
            (Texts{type("int32", logical("Time")), "1"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("ttn", {86'399'999'999'999, -1}))[1],
            "86399999");
  EXPECT_EQ(
      under_schema(make_values<std::int64_t>("ttn", {86'399'999'999'999, -1}))[2].substr(0, 12),
      "invalid_data");
  EXPECT_EQ(under_schema(make_values<std::int64_t>("tsm:", {-1})),
            (Texts{type("int64", logical("Timestamp")), "-1"}));
  EXPECT_EQ(under_schema(make_values<std::int64_t>("tsn:Europe/Paris", {-1, 1'999'999})),
            (Texts{type("int64", logical("Timestamp")), "-1", "1"}));
}

TEST(JsonSchema, of_nested_types) {
  EXPECT_EQ(under_schema(ArrowData("+l", 1).none().values<std::int32_t>({0, 2}).with(
                make_values<std::int8_t>("c", {1, 2}).named("item").required())),
            (Texts{R"({"type":"array","items":{"type":"int8","optional":false},"optional":true,)"
                   R"("field":"c"})",
                   "[1,2]"}));
  EXPECT_EQ(under_schema(ArrowData("+s", 1).none().required().with(
                make_strings<std::int32_t>("u", {"x"}).named("b\""))),
            (Texts{R"({"type":"struct","fields":[{"type":"string","optional":true,)"
                   R"("field":"b\""}],"optional":false,"field":"c"})",
                   R"({"b\"":"x"})"}));
  EXPECT_EQ(under_schema(make_values<std::int8_t>("c", {0}).required().with_dictionary(
                make_strings<std::int32_t>("u", {"x"}))),
            (Texts{type("string"), "\"x\""}));
  EXPECT_EQ(under_schema(make_strings<std::int32_t>("u", {"{ \"a\" : 1 }"})
                             .metadata({{"ARROW:extension:name", "arrow.json"}})),
            (Texts{type("string", ",\"name\":\"io.debezium.data.Json\""), R"("{ \"a\" : 1 }")"}));
}

TEST(JsonSchema, of_types_that_are_text_or_stand_for_another) {
  EXPECT_EQ(under_schema(ArrowData("w:16", 1)
                             .none()
                             .text("0123456789abcdef")
                             .metadata({{"ARROW:extension:name", "arrow.uuid"}})),
            (Texts{type("string", ",\"name\":\"io.debezium.data.Uuid\""),
                   "\"30313233-3435-3637-3839-616263646566\""}));
  EXPECT_EQ(under_schema(make_values<std::int8_t>("c", {2}).metadata(
                {{"ARROW:extension:name", "arrow.bool8"}})),
            (Texts{type("boolean"), "true"}));
  EXPECT_EQ(under_schema(make_values<std::int32_t>("tiM", {14})),
            (Texts{type("string"), "\"P1Y2M\""}));
  EXPECT_EQ(
      under_schema(ArrowData("+r", 3)
                       .with(make_values<std::int32_t>("i", {2, 3}).named("run_ends").required())
                       .with(make_values<std::uint8_t>("C", {7, 8}).named("values"))),
      (Texts{type("int16"), "7", "7", "8"}));
  EXPECT_EQ(under_schema(make_values<std::int8_t>("c", {0})
                             .with_dictionary(make_strings<std::int32_t>("u", {"[ ]"}))
                             .metadata({{"ARROW:extension:name", "arrow.json"}})),
            (Texts{type("string", ",\"name\":\"io.debezium.data.Json\""), "\"[ ]\""}));
  EXPECT_EQ(under_schema(ArrowData("+us:0", 1)
                             .values<std::int8_t>({0})
                             .with(make_values<std::int32_t>("i", {1}).named("a"))),
            (Texts{"invalid_argument: Kafka Connect has no type for sparse_union. Leave the column "
                   "out (exclude_columns), change its type, or set json.include_schema = false. "
                   "(column c)"}));
}

ArrowData map_of(ArrowData keys) {
  const std::int64_t entries = keys.array().length;
  std::vector<std::int32_t> offsets = {0, static_cast<std::int32_t>(entries)};
  std::vector<std::int8_t> numbers(static_cast<std::size_t>(entries), 7);
  return ArrowData("+m", 1).none().values(offsets).with(
      ArrowData("+s", entries)
          .required()
          .none()
          .named("entries")
          .with(std::move(keys).named("key").required())
          .with(make_values<std::int8_t>("c", numbers).named("value")));
}

TEST(JsonSchema, maps_are_objects_or_pairs_as_connect_has_them) {
  const std::string rest =
      R"(},"values":{"type":"int8","optional":true},"optional":true,"field":"c"})";
  EXPECT_EQ(
      under_schema(map_of(make_strings<std::int32_t>("u", {"k"}))),
      (Texts{R"({"type":"map","keys":{"type":"string","optional":false)" + rest, R"({"k":7})"}));
  EXPECT_EQ(
      under_schema(map_of(make_values<std::int32_t>("i", {1, -2}))),
      (Texts{R"({"type":"map","keys":{"type":"int32","optional":false)" + rest, "[[1,7],[-2,7]]"}));
}

TEST(JsonSchema, names_follow_key_naming_and_nulls_may_be_left_out) {
  auto options = with_schema();
  options.json.key_naming = KeyNaming::snake_case;
  options.json.nulls = Nulls::omit;
  EXPECT_EQ(
      payloads(make_batch(1, ArrowData("i", 1).bits({0}).values<std::int32_t>({1}).named("aB")),
               options),
      (Texts{R"({"schema":{"type":"struct","fields":[{"type":"int32","optional":true,)"
             R"("field":"a_b"}],"optional":false,"name":"kinesink.Row"},"payload":{}})"}));
}

TEST(JsonSchema, says_what_is_rounded) {
  ArrowData batch = make_batch(1, make_values<std::int64_t>("tsn:", {1}).named("at"),
                               make_values<std::int64_t>("tsm:", {1}).named("exact"));
  const auto bound = test_support::bind(batch, with_schema());
  ASSERT_EQ(bound.error, "");
  ASSERT_EQ(bound.serializer->notes().size(), 1U);
  EXPECT_EQ(bound.serializer->notes()[0],
            "Column at is finer than the milliseconds of Kafka Connect's types and is rounded down "
            "to them.");
}

ArrowData json_column(Strings strings) {
  return make_strings<std::int32_t>("u", std::move(strings))
      .metadata({{"ARROW:extension:name", "arroyo.json"}});
}

TEST(JsonValue, unstructured_is_the_bare_value) {
  auto options = with([](FormatOptions& o) { o.json.unstructured = true; });
  EXPECT_EQ(
      payloads(
          make_batch(4,
                     json_column({"{ \"a\" : [1, 2] }", "7", std::nullopt, "\"x\""}).named("value"),
                     make_values<std::int64_t>("tsn:", {1, 2, 3, 4}).named("_timestamp")),
          options),
      (Texts{R"({"a":[1,2]})", "7", "null", "\"x\""}));
  EXPECT_EQ(payloads(make_batch(2, make_values<std::int8_t>("c", {1, 0})
                                       .with_dictionary(make_views("vu", {"{}", "[ ]"}))
                                       .metadata({{"ARROW:extension:name", "arrow.json"}})
                                       .named("value")),
                     options),
            (Texts{"[]", "{}"}));
  EXPECT_EQ(payloads(make_batch(1, json_column({"{"}).named("value")), options)[0],
            "invalid_data: The value of a JSON column is not valid JSON, or nests deeper than 512 "
            "levels. (column value, row 0)");
  options.json.invalid_json = InvalidJson::string;
  EXPECT_EQ(payloads(make_batch(1, json_column({"{"}).named("value")), options)[0], "\"{\"");
}

TEST(JsonValue, unstructured_needs_one_column_of_json) {
  const auto options = with([](FormatOptions& o) { o.json.unstructured = true; });
  const std::string message =
      "invalid_argument: json.unstructured = true writes one column, `value`, whose extension type "
      "is arroyo.json or arrow.json; ";
  EXPECT_EQ(
      payloads(make_batch(1, make_strings<std::int32_t>("u", {"{}"}).named("value")), options),
      (Texts{message + "its type is utf8 without it. For text as it is, set format = "
                       "raw_string. (column value)"}));
  const std::string others =
      message +
      "there are others, or it is missing. Choose it with include_columns. (column value)";
  EXPECT_EQ(payloads(make_batch(1, json_column({"{}"}).named("v")), options), (Texts{others}));
  EXPECT_EQ(payloads(make_batch(1, json_column({"{}"}).named("value"),
                                make_values<std::int8_t>("c", {1}).named("other")),
                     options),
            (Texts{others}));
}

TEST(JsonOptions, that_contradict_each_other_are_refused) {
  const auto problem = [](auto change) {
    const Result<void> checked = ArrowSerializer::check(with(change));
    return checked ? std::string() : checked.error().message.substr(0, 40);
  };
  EXPECT_EQ(problem([](FormatOptions&) {}), "");
  for (const auto& change : std::vector<void (*)(FormatOptions&)>{
           [](FormatOptions& o) { o.timestamp_format = TimestampFormat::rfc3339; },
           [](FormatOptions& o) { o.decimal_encoding = DecimalEncoding::number; },
           [](FormatOptions& o) { o.json.binary_encoding = BinaryEncoding::hex; },
           [](FormatOptions& o) { o.json.non_finite = NonFinite::string; },
           [](FormatOptions& o) { o.json.invalid_json = InvalidJson::null; }}) {
    EXPECT_EQ(problem([&](FormatOptions& o) {
                o.json.include_schema = true;
                change(o);
              }),
              "json.include_schema = true writes the ty");
    EXPECT_EQ(problem(change), "");
  }
  for (const auto& change : std::vector<void (*)(FormatOptions&)>{
           [](FormatOptions& o) { o.json.include_schema = true; },
           [](FormatOptions& o) { o.format = Format::debezium_json; },
           [](FormatOptions& o) { o.json.nulls = Nulls::omit; },
           [](FormatOptions& o) { o.json.key_naming = KeyNaming::camel_case; }}) {
    EXPECT_EQ(problem([&](FormatOptions& o) {
                o.json.unstructured = true;
                change(o);
              }),
              "json.unstructured = true writes the bare");
  }
  EXPECT_EQ(problem([](FormatOptions& o) {
              o.timestamp_format = TimestampFormat::unix_nanos;
              o.json.timestamp_digits = TimestampDigits::three;
            }),
            "json.timestamp_digits is about timestamp");
  EXPECT_EQ(problem([](FormatOptions& o) {
              o.json.include_schema = true;
              o.json.naive_timestamp = NaiveTimestamp::utc;
            }),
            "json.naive_timestamp is about timestamps");
  EXPECT_EQ(problem([](FormatOptions& o) { o.debezium.ts_ms = true; }),
            "debezium.ts_ms and debezium.source need ");
  EXPECT_EQ(problem([](FormatOptions& o) {
              o.format = Format::debezium_json;
              o.debezium.source = "{";
            }),
            "debezium.source is not valid JSON.");
}

}  // namespace
}  // namespace kinesink::format
