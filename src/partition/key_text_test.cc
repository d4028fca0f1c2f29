// Keys of columns whose layout or extension type stands between the column and its text.

#include "partition/key_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_data.h"

namespace kinesink::partition {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using testing::ElementsAre;

using KeyOf = KeyText (*)(const columnar::Column&, std::int64_t, KeyScratch&);

std::vector<std::string> keys_of(ArrowData column, bool (*can_be)(const columnar::Field&),
                                 KeyOf key_of) {
  const std::int64_t length = column.array().length;
  ArrowData batch = make_batch(length, std::move(column).named("k"));
  const auto schema = columnar::import_schema(batch.schema());
  columnar::Batch view;
  if (!schema || !view_batch(*schema, batch.array(), view)) return {"malformed"};
  if (!can_be(schema->fields[0])) return {"refused"};
  std::vector<std::string> keys;
  for (std::int64_t row = 0; row < length; ++row) {
    KeyScratch scratch;
    const KeyText key = key_of(view.columns[0], row, scratch);
    keys.emplace_back(key.fault == KeyFault::none ? key.text : "fault");
  }
  return keys;
}

std::vector<std::string> column_keys(ArrowData column) {
  return keys_of(std::move(column), can_be_partition_key, partition_key_of);
}

std::vector<std::string> hash_keys(ArrowData column) {
  return keys_of(std::move(column), can_be_hash_key, hash_key_of);
}

TEST(KeyText, is_the_value_of_a_run) {
  EXPECT_THAT(column_keys(ArrowData("+r", 4)
                              .with(make_values<std::int16_t>("s", {2, 5}).named("run_ends"))
                              .with(make_strings<std::int32_t>("u", {"a", "b"}).named("values"))
                              .sliced(1)),
              ElementsAre("a", "b", "b", "b"));
}

TEST(KeyText, is_the_text_of_intervals_and_small_decimals) {
  EXPECT_THAT(column_keys(make_values<std::int32_t>("tiM", {14, -1, 0})),
              ElementsAre("P1Y2M", "-P1M", "PT0S"));
  EXPECT_THAT(column_keys(ArrowData("tiD", 1).none().values<std::int32_t>({3, -4500})),
              ElementsAre("P3DT-4.5S"));
  EXPECT_THAT(column_keys(ArrowData("tin", 1).none().values<std::int64_t>({-1, 500'000'000})),
              ElementsAre("P-1M-1DT0.5S"));
  EXPECT_THAT(column_keys(make_values<std::int32_t>("d:5,2,32", {-12345})), ElementsAre("-123.45"));
  EXPECT_THAT(column_keys(make_values<std::int64_t>("d:18,0,64", {7})), ElementsAre("7"));
}

TEST(KeyText, is_the_text_of_extension_types) {
  const auto extension = [](ArrowData data, const char* name) {
    return std::move(data).metadata({{"ARROW:extension:name", name}});
  };
  const std::string uuid = "f81d4fae7dec11d0";
  const std::string text = "66383164-3466-6165-3764-656331316430";
  EXPECT_THAT(column_keys(extension(ArrowData("w:16", 1).none().text(uuid), "arrow.uuid")),
              ElementsAre(text));
  EXPECT_THAT(column_keys(extension(make_values<std::int8_t>("c", {0, 2}), "arrow.bool8")),
              ElementsAre("false", "true"));
  EXPECT_THAT(column_keys(extension(make_values<std::int8_t>("c", {0, 0})
                                        .with_dictionary(ArrowData("w:16", 1).none().text(uuid)),
                                    "arrow.uuid")),
              ElementsAre(text, text));
  EXPECT_THAT(column_keys(extension(ArrowData("w:2", 1).none().text("ab"), "some.other")),
              ElementsAre("6162"));
}

TEST(KeyText, is_taken_of_no_union_and_no_list_view) {
  EXPECT_THAT(column_keys(ArrowData("+us:", 0).values<std::int8_t>({})), ElementsAre("refused"));
  EXPECT_THAT(column_keys(ArrowData("+ud:", 0).none().none()), ElementsAre("refused"));
  EXPECT_THAT(column_keys(ArrowData("+vl", 0).none().none().none().with(
                  ArrowData("i", 0).none().none().named("item"))),
              ElementsAre("refused"));
  EXPECT_THAT(column_keys(ArrowData("+r", 0)
                              .with(make_values<std::int16_t>("s", {}).named("run_ends"))
                              .with(ArrowData("+us:", 0).none().named("values"))),
              ElementsAre("refused"));
}

TEST(KeyText, of_explicit_hash_keys_in_runs_and_small_decimals) {
  EXPECT_THAT(hash_keys(ArrowData("+r", 3)
                            .with(make_values<std::int32_t>("i", {1, 3}).named("run_ends"))
                            .with(make_values<std::int64_t>("l", {5, -1}).named("values"))),
              ElementsAre("5", "fault", "fault"));
  EXPECT_THAT(hash_keys(make_values<std::int32_t>("d:9,0,32", {7, -7})), ElementsAre("7", "fault"));
  EXPECT_THAT(hash_keys(make_values<std::int64_t>("d:18,0,64", {7, -7})),
              ElementsAre("7", "fault"));
  EXPECT_THAT(hash_keys(make_values<std::int64_t>("d:18,1,64", {7})), ElementsAre("refused"));
  EXPECT_THAT(hash_keys(make_values<std::int32_t>("tiM", {7})), ElementsAre("refused"));
}

}  // namespace
}  // namespace kinesink::partition
