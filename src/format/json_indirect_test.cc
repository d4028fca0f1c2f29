// Layouts that say where a value is (list views, unions, runs), and extension types, in JSON.
#include <gtest/gtest.h>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::values;
using Texts = std::vector<std::string>;
using Ids = std::vector<std::int8_t>;
using Shorts = std::vector<std::int16_t>;
using Ints = std::vector<std::int32_t>;

ArrowData named_extension(ArrowData data, const char* name) {
  return std::move(data).metadata({{"ARROW:extension:name", name}});
}

ArrowData make_runs(std::int64_t length, Shorts ends, ArrowData run_values) {
  return ArrowData("+r", length)
      .with(make_values<std::int16_t>("s", ends).named("run_ends").required())
      .with(std::move(run_values).named("values"));
}

ArrowData make_dense(Ids ids, Ints offsets, ArrowData first, ArrowData second) {
  return ArrowData("+ud:0,1", static_cast<std::int64_t>(ids.size()))
      .values(ids)
      .values(offsets)
      .with(std::move(first).named("a"))
      .with(std::move(second).named("b"));
}

ArrowData make_map(ArrowData keys, std::int32_t entries) {
  return ArrowData("+m", 1)
      .none()
      .values(Ints{0, entries})
      .with(ArrowData("+s", entries)
                .required()
                .none()
                .with(std::move(keys).named("key").required())
                .with(ArrowData("n", entries).named("value")));
}

TEST(JsonIndirect, list_views_are_arrays) {
  EXPECT_EQ(values(ArrowData("+vl", 4)
                       .bits({1, 1, 0, 1})
                       .values<std::int32_t>({2, 0, -1, 0})
                       .values<std::int32_t>({1, 3, 88, 0})
                       .with(make_strings<std::int32_t>("u", {"a", std::nullopt, "c"}).named("i"))),
            (Texts{R"(["c"])", R"(["a",null,"c"])", "null", "[]"}));
  EXPECT_EQ(
      values(
          ArrowData("+vL", 2).none().values<std::int64_t>({1, 0}).values<std::int64_t>({1, 2}).with(
              make_values<std::int32_t>("i", {1, 2}).named("i"))),
      (Texts{"[2]", "[1,2]"}));
}

TEST(JsonIndirect, unions_are_the_value_of_the_chosen_member) {
  EXPECT_EQ(values(make_dense({1, 0, 1}, {0, 1, 1}, make_values<std::int32_t>("i", {1, 2}),
                              make_strings<std::int32_t>("u", {"x", std::nullopt}))),
            (Texts{"\"x\"", "2", "null"}));
  EXPECT_EQ(values(ArrowData("+us:7,3", 2)
                       .values(Ids{3, 7})
                       .with(ArrowData("n", 2).named("same"))
                       .with(make_values<double>("g", {0.5, 2}).named("same"))),
            (Texts{"0.5", "null"}));
  EXPECT_EQ(values(ArrowData("+s", 2).bits({0, 1}).with(
                make_dense({9, 0}, {-1, 1}, make_values<std::int32_t>("i", {1, 2}),
                           make_strings<std::int32_t>("u", {}))
                    .named("u"))),
            (Texts{"null", R"({"u":2})"}));
}

TEST(JsonIndirect, runs_are_the_value_of_the_run) {
  const auto texts = [] { return make_strings<std::int32_t>("u", {"a", std::nullopt, "b"}); };
  EXPECT_EQ(values(make_runs(6, {1, 4, 6}, texts())),
            (Texts{"\"a\"", "null", "null", "null", "\"b\"", "\"b\""}));
  EXPECT_EQ(values(make_runs(3, {1, 4, 6}, texts()).sliced(3)), (Texts{"null", "\"b\"", "\"b\""}));
  EXPECT_EQ(values(ArrowData("+l", 2)
                       .none()
                       .values(Ints{0, 2, 6})
                       .with(make_runs(6, {1, 4, 6}, texts()).named("i"))),
            (Texts{R"(["a",null])", R"([null,null,"b","b"])"}));
  EXPECT_EQ(
      values(ArrowData("c", 3)
                 .none()
                 .values(Ids{1, 0, 1})
                 .with_dictionary(make_runs(2, {1, 2}, make_values<std::int32_t>("tiM", {1, 2})))),
      (Texts{"\"P2M\"", "\"P1M\"", "\"P2M\""}));
}

TEST(JsonIndirect, runs_longer_than_a_block_of_rows) {
  Texts expected(150, "\"" + std::string(100, 'x') + "\"");
  expected.insert(expected.end(), 50, "\"y\"");
  EXPECT_EQ(values(make_runs(200, {150, 200},
                             make_strings<std::int32_t>("u", {std::string(100, 'x'), "y"}))),
            expected);
}

TEST(JsonIndirect, rows_in_any_order_find_their_runs) {
  ArrowData batch =
      make_batch(6, make_runs(6, {1, 4, 6}, make_values<std::int8_t>("c", {1, 2, 3})).named("c"));
  const test_support::Bound bound = test_support::bind(batch);
  ASSERT_EQ(bound.error, "");
  for (const std::int64_t row : {5, 0, 3, 4, 1, 5, 5, 2, 0}) {
    const std::string value = row < 1 ? "1" : row < 4 ? "2" : "3";
    EXPECT_EQ(test_support::payload(bound, row), "{\"c\":" + value + "}");
  }
}

TEST(JsonIndirect, keys_of_maps_may_be_runs_but_no_unions_or_intervals) {
  const auto refused = [](const char* type) {
    return Texts{"invalid_argument: JSON cannot have keys of type " + std::string(type) +
                 ". Leave the column out (exclude_columns), or change its type. (column c.key)"};
  };
  EXPECT_EQ(values(make_map(make_runs(3, {1, 3}, make_values<std::int8_t>("c", {5, 6})), 3)),
            (Texts{R"({"5":null,"6":null,"6":null})"}));
  EXPECT_EQ(values(make_map(make_runs(1, {1}, make_strings<std::int32_t>("u", {std::nullopt})), 1)),
            (Texts{"invalid_data: A key of a map is null. (column c.key, row 0)"}));
  EXPECT_EQ(values(make_map(ArrowData("+us:0", 1).values(Ids{0}).with(ArrowData("n", 1)), 1)),
            refused("sparse_union"));
  EXPECT_EQ(values(make_map(make_dense({0}, {0}, ArrowData("n", 1), ArrowData("n", 0)), 1)),
            refused("dense_union"));
  EXPECT_EQ(values(make_map(make_values<std::int32_t>("tiM", {1}), 1)), refused("interval_months"));
  EXPECT_EQ(values(make_map(make_runs(1, {1}, make_values<std::int32_t>("tiM", {1})), 1)),
            refused("interval_months"));
  EXPECT_EQ(values(make_map(named_extension(make_values<std::int8_t>("c", {1}), "arrow.bool8"), 1)),
            (Texts{R"({"true":null})"}));
}

ArrowData json(std::int64_t rows) {
  std::vector<std::optional<std::string>> texts;
  for (std::int64_t i = 0; i < rows; ++i)
    texts.emplace_back("{ \"a\": " + std::to_string(i) + " }");
  return named_extension(make_strings<std::int32_t>("u", texts), "arroyo.json");
}

TEST(JsonExtensions, of_json_are_seen_at_any_depth) {
  EXPECT_EQ(values(ArrowData("+l", 1).none().values(Ints{0, 2}).with(json(2).named("item"))),
            (Texts{R"([{"a":0},{"a":1}])"}));
  EXPECT_EQ(values(ArrowData("+w:1", 1).none().with(json(1).named("item"))),
            (Texts{R"([{"a":0}])"}));
  EXPECT_EQ(values(ArrowData("+vl", 1).none().values(Ints{0}).values(Ints{1}).with(
                json(1).named("item"))),
            (Texts{R"([{"a":0}])"}));
  EXPECT_EQ(values(ArrowData("+s", 1).none().with(json(1).named("s"))),
            (Texts{R"({"s":{"a":0}})"}));
  EXPECT_EQ(values(make_dense({1}, {0}, ArrowData("n", 0), json(1))), (Texts{R"({"a":0})"}));
  EXPECT_EQ(values(make_runs(1, {1}, json(1))), (Texts{R"({"a":0})"}));
  EXPECT_EQ(values(named_extension(make_runs(1, {1}, make_strings<std::int32_t>("u", {"[ ]"})),
                                   "arrow.json")),
            (Texts{"[]"}));
  EXPECT_EQ(values(named_extension(make_values<std::int8_t>("c", {0}).with_dictionary(
                                       make_runs(1, {1}, make_strings<std::int32_t>("u", {"[ ]"}))),
                                   "arrow.json")),
            (Texts{"[]"}));
}

TEST(JsonExtensions, that_mean_nothing_to_a_reader_are_refused_at_start) {
  EXPECT_EQ(values(named_extension(make_strings<std::int32_t>("z", {"x"}), "arrow.opaque")),
            (Texts{"invalid_argument: The extension type arrow.opaque holds values that only their "
                   "producer understands. Cast them to a plain type, or leave the column out "
                   "(exclude_columns). (column c)"}));
  EXPECT_EQ(values(ArrowData("+l", 1)
                       .none()
                       .values(Ints{0, 1})
                       .with(named_extension(make_strings<std::int32_t>("z", {"x"}),
                                             "daft.super_extension")
                                 .named("item"))),
            (Texts{"invalid_argument: The extension type daft.super_extension holds Python objects "
                   "that only Python reads. Convert them to a plain type, or leave the column out "
                   "(exclude_columns). (column c.item)"}));
}

TEST(JsonExtensions, of_columns_left_out_are_not_looked_at) {
  FormatOptions options;
  options.exclude_columns = {"c"};
  EXPECT_EQ(
      test_support::payloads(
          make_batch(
              1, named_extension(make_strings<std::int32_t>("z", {"x"}), "arrow.opaque").named("c"),
              ArrowData("n", 1).named("d")),
          options),
      (Texts{R"({"d":null})"}));
}

TEST(JsonExtensions, not_known_are_written_as_their_storage_and_noted) {
  ArrowData batch = make_batch(
      1,
      ArrowData("+s", 1)
          .none()
          .with(named_extension(make_strings<std::int32_t>("z", {"f"}), "geoarrow.wkb").named("g"))
          .named("c"));
  const test_support::Bound bound = test_support::bind(batch);
  ASSERT_EQ(bound.error, "");
  EXPECT_EQ(test_support::payload(bound, 0), R"({"c":{"g":"Zg=="}})");
  const auto notes = bound.serializer->notes();
  EXPECT_EQ(Texts(notes.begin(), notes.end()),
            (Texts{"Column c.g has the extension type geoarrow.wkb, which is not known here: what "
                   "is written is its storage, binary."}));
}

}  // namespace
}  // namespace kinesink::format
