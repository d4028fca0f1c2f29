// Nested types, keys, and columns that hold JSON.
#include <gtest/gtest.h>

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

ArrowData make_map(ArrowData keys, ArrowData items, std::vector<std::int32_t> offsets) {
  const std::int64_t entries = keys.array().length;
  return ArrowData("+m", static_cast<std::int64_t>(offsets.size()) - 1)
      .none()
      .values(offsets)
      .with(ArrowData("+s", entries)
                .required()
                .none()
                .named("entries")
                .with(std::move(keys).named("key").required())
                .with(std::move(items).named("value")));
}

TEST(JsonNested, lists_of_every_layout) {
  EXPECT_EQ(values(ArrowData("+l", 4)
                       .bits({1, 0, 1, 1})
                       .values<std::int32_t>({0, 2, 2, 2, 4})
                       .with(ArrowData("i", 4)
                                 .bits({1, 0, 1, 1})
                                 .values<std::int32_t>({1, 2, 3, 4})
                                 .named("item"))),
            (Texts{"[1,null]", "null", "[]", "[3,4]"}));
  EXPECT_EQ(values(ArrowData("+L", 2).none().values<std::int64_t>({0, 2, 3}).with(
                make_strings<std::int32_t>("u", {"a", "\"", std::nullopt}).named("item"))),
            (Texts{"[\"a\",\"\\\"\"]", "[null]"}));
  EXPECT_EQ(values(ArrowData("+w:2", 2).bits({1, 0}).with(
                make_views("vu", {"a", std::string(20, 'b'), "c", "d"}).named("item"))),
            (Texts{"[\"a\",\"" + std::string(20, 'b') + "\"]", "null"}));
  EXPECT_EQ(values(ArrowData("+w:0", 1).none().with(ArrowData("n", 0).named("item"))),
            (Texts{"[]"}));
}

TEST(JsonNested, structs_have_explicit_nulls) {
  EXPECT_EQ(values(ArrowData("+s", 2)
                       .bits({1, 0})
                       .with(make_values<std::int32_t>("i", {1, 2}).named("a"))
                       .with(make_strings<std::int32_t>("u", {std::nullopt, "x"}).named("b\n"))
                       .with(ArrowData("+s", 2).none().named("empty"))),
            (Texts{R"({"a":1,"b\n":null,"empty":{}})", "null"}));
}

TEST(JsonNested, maps_are_objects_with_text_keys) {
  EXPECT_EQ(values(make_map(make_strings<std::int32_t>("u", {"k", "\"l\"", "k"}),
                            ArrowData("i", 3).bits({1, 0, 1}).values<std::int32_t>({7, 8, 9}),
                            {0, 2, 2, 3})),
            (Texts{R"({"k":7,"\"l\"":null})", "{}", R"({"k":9})"}));
  const auto keyed = [](ArrowData keys) {
    return values(make_map(std::move(keys), ArrowData("n", 1), {0, 1}))[0];
  };
  EXPECT_EQ(keyed(make_strings<std::int64_t>("U", {"k"})), R"({"k":null})");
  EXPECT_EQ(keyed(make_views("vu", {"k"})), R"({"k":null})");
  EXPECT_EQ(keyed(make_values<std::int64_t>("l", {-5})), R"({"-5":null})");
  EXPECT_EQ(keyed(make_values<double>("g", {2.0})), R"({"2.0":null})");
  EXPECT_EQ(keyed(ArrowData("b", 1).none().bits({1})), R"({"true":null})");
  EXPECT_EQ(keyed(make_values<std::int32_t>("tdD", {0})), R"({"1970-01-01":null})");
  EXPECT_EQ(keyed(make_strings<std::int32_t>("z", {"f"})), R"({"Zg==":null})");
  EXPECT_EQ(keyed(ArrowData("d:5,1", 1).none().values<std::int64_t>({15, 0})), R"({"1.5":null})");
  EXPECT_EQ(keyed(make_values<std::int8_t>("c", {0}).with_dictionary(
                make_values<std::int16_t>("s", {300}))),
            R"({"300":null})");
}

TEST(JsonNested, keys_that_json_cannot_have_are_refused_at_start) {
  EXPECT_EQ(values(make_map(ArrowData("+s", 1).none(), ArrowData("n", 1), {0, 1})),
            (Texts{"invalid_argument: JSON cannot have keys of type struct. Leave the column out "
                   "(exclude_columns), or change its type. (column c.key)"}));
}

TEST(JsonNested, a_null_among_the_values_of_a_dictionary_of_keys_is_refused) {
  EXPECT_EQ(values(make_map(make_values<std::int8_t>("c", {1}).with_dictionary(
                                make_strings<std::int32_t>("u", {"a", std::nullopt})),
                            ArrowData("n", 1), {0, 1})),
            (Texts{"invalid_data: A key of a map is null. (column c.key, row 0)"}));
}

TEST(JsonNested, dictionaries_are_decoded_and_nulls_of_their_values_seen) {
  EXPECT_EQ(values(ArrowData("c", 4)
                       .bits({1, 1, 0, 1})
                       .values<std::int8_t>({1, 0, 99, 2})
                       .with_dictionary(make_strings<std::int32_t>("u", {"a", std::nullopt, "c"}))),
            (Texts{"null", "\"a\"", "null", "\"c\""}));
  EXPECT_EQ(values(make_values<std::uint16_t>("S", {0, 0})
                       .with_dictionary(make_values<std::int64_t>("tss:UTC", {1'700'000'000}))),
            (Texts{"\"2023-11-14T22:13:20Z\"", "\"2023-11-14T22:13:20Z\""}));
}

TEST(JsonNested, json_columns_are_written_inline_on_one_line) {
  const auto json = [](ArrowData data, const char* name = "arroyo.json") {
    return values(std::move(data).metadata({{"ARROW:extension:name", name}}));
  };
  const Strings strings = {"{ \"a\" :\n[ 1 , 2.50e+3 ] }", std::nullopt, " \"x y\" "};
  const Texts texts = {R"({"a":[1,2.50e+3]})", "null", "\"x y\""};
  EXPECT_EQ(json(make_strings<std::int32_t>("u", strings)), texts);
  EXPECT_EQ(json(make_strings<std::int64_t>("U", strings)), texts);
  EXPECT_EQ(json(make_views("vu", strings), "arrow.json"), texts);
  EXPECT_EQ(json(make_values<std::int8_t>("c", {0, 1, 2})
                     .with_dictionary(make_strings<std::int32_t>("u", strings))),
            texts);
  EXPECT_EQ(values(ArrowData("+l", 1).none().values<std::int32_t>({0, 3}).with(
                make_strings<std::int32_t>("u", strings)
                    .named("item")
                    .metadata({{"ARROW:extension:name", "arrow.json"}}))),
            (Texts{R"([{"a":[1,2.50e+3]},null,"x y"])"}));
}

TEST(JsonNested, broken_json_is_refused_and_the_next_row_is_whole) {
  const std::string error =
      "invalid_data: The value of a JSON column is not valid JSON, or nests deeper than 512 "
      "levels. (column c, row ";
  EXPECT_EQ(values(make_strings<std::int32_t>("u", {"{\"a\":", "", "{}", "1 2"})
                       .metadata({{"ARROW:extension:name", "arroyo.json"}})),
            (Texts{error + "0)", error + "1)", "{}", error + "3)"}));
}

TEST(JsonNested, errors_name_the_path_and_the_row_of_the_batch) {
  EXPECT_EQ(values(ArrowData("+l", 2).none().values<std::int32_t>({0, 1, 3}).with(
                ArrowData("+s", 3).none().named("item").with(
                    make_values<std::int32_t>("tdD", {1, 2, 2'932'897}).named("day"))))[1],
            "invalid_data: The value lies outside the years 0000 to 9999 (or, for a time, outside "
            "the day), which its text cannot express. (column c.item.day, row 1)");
}

TEST(JsonNested, duplicate_names_are_refused_at_start) {
  const auto pair = [] {
    return make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                      make_values<std::int32_t>("i", {2}).named("a"));
  };
  const std::string message =
      "invalid_argument: Two columns have this name, which a JSON object cannot express. Rename "
      "one.";
  EXPECT_EQ(payloads(pair()), (Texts{message + " (column a)"}));
  EXPECT_EQ(values(pair()), (Texts{message + " (column c.a)"}));
}

TEST(JsonNested, long_and_odd_names) {
  for (const std::size_t size : {26U, 27U, 28U, 29U, 30U, 64U, 300U}) {
    const std::string name(size, 'n');
    EXPECT_EQ(payloads(make_batch(1, make_values<std::int32_t>("i", {1}).named(name),
                                  make_values<std::int32_t>("i", {2}).named("\"" + name))),
              (Texts{"{\"" + name + "\":1,\"\\\"" + name + "\":2}"}));
  }
  EXPECT_EQ(payloads(make_batch(1, make_values<std::int32_t>("i", {1}).named(""))),
            (Texts{"{\"\":1}"}));
}

TEST(JsonNested, long_strings_are_exact_near_the_limit) {
  for (const std::size_t size : {500U, 3'000U, 100'000U}) {
    std::string text;
    while (text.size() < size) text += "some text, and \"some\" more \x01 ";
    const Texts plain = values(make_strings<std::int32_t>("u", {std::string(size, 'x')}));
    EXPECT_EQ(plain, (Texts{'"' + std::string(size, 'x') + '"'}));
    const Texts escaped = values(make_strings<std::int32_t>("u", {text}));
    EXPECT_EQ(escaped[0].size(), text.size() + text.size() / 29 * 7 + 2);
  }
}

TEST(JsonNested, slices_and_odd_addresses) {
  ArrowData batch = make_batch(4,
                               ArrowData("l", 4)
                                   .unaligned()
                                   .bits({1, 1, 0, 1})
                                   .values<std::int64_t>({1, 2, 3, 4})
                                   .named("a"),
                               ArrowData("u", 3)
                                   .unaligned()
                                   .none()
                                   .values<std::int32_t>({0, 1, 2, 3, 4, 5})
                                   .text("vwxyz")
                                   .sliced(1)
                                   .named("b"));
  batch.array().offset = 1;
  batch.array().length = 2;
  EXPECT_EQ(payloads(std::move(batch)), (Texts{R"({"a":2,"b":"x"})", R"({"a":null,"b":"y"})"}));
}

}  // namespace
}  // namespace kinesink::format
