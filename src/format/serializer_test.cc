#include "format/serializer.h"

#include <gtest/gtest.h>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;

TEST(ArrowSerializer, writes_rows_in_any_order) {
  std::vector<std::optional<std::string>> texts;
  for (std::size_t row = 0; row < 100; ++row) texts.emplace_back(std::string(row * 7 % 50, 'x'));
  ArrowData data = make_batch(100, make_strings<std::int32_t>("u", texts).named("c"));
  const auto bound = test_support::bind(data);
  ASSERT_EQ(bound.error, "");
  for (std::size_t i = 0; i < 100; ++i) {
    const std::size_t row = i * 37 % 100;
    EXPECT_EQ(test_support::payload(bound, static_cast<std::int64_t>(row)),
              "{\"c\":\"" + *texts[row] + "\"}");
  }
}

TEST(ArrowSerializer, has_no_room_where_the_limit_lies_before_the_beginning) {
  for (const Format format : {Format::json, Format::raw_string}) {
    FormatOptions options;
    options.format = format;
    ArrowData data = make_batch(1, make_strings<std::int32_t>("u", {""}).named("value"));
    const auto bound = test_support::bind(data, options);
    ASSERT_EQ(bound.error, "");
    std::uint8_t block[64] = {};
    bound.serializer->visit([&](auto& plan) {
      EXPECT_EQ(plan.write_row(0, block + 40, block + 39).status, RowStatus::no_room);
    });
  }
}

TEST(ArrowSerializer, serves_one_batch_after_another) {
  ArrowData first = make_batch(1, make_values<std::int32_t>("i", {1}).named("c"));
  ArrowData second =
      make_batch(40, make_values<std::int32_t>("i", std::vector<std::int32_t>(40, 2)).named("c"));
  auto bound = test_support::bind(first);
  ASSERT_EQ(bound.error, "");
  EXPECT_EQ(test_support::payload(bound, 0), "{\"c\":1}");
  ArrowSerializer moved = std::move(*bound.serializer);
  ASSERT_TRUE(columnar::view_batch(*bound.schema, second.array(), *bound.batch));
  ASSERT_TRUE(moved.bind(*bound.batch));
  *bound.serializer = std::move(moved);
  EXPECT_EQ(test_support::payload(bound, 39), "{\"c\":2}");
}

TEST(ArrowSerializer, refuses_a_batch_of_another_shape) {
  ArrowData data = make_batch(1, make_values<std::int32_t>("i", {1}).named("c"));
  ArrowData other = make_batch(1, make_values<std::int64_t>("l", {1}).named("c"));
  ArrowData wider = make_batch(1, make_values<std::int32_t>("i", {1}).named("c"),
                               make_values<std::int32_t>("i", {1}).named("d"));
  const auto bound = test_support::bind(data);
  ASSERT_EQ(bound.error, "");
  for (ArrowData* wrong : {&other, &wider}) {
    const auto schema = columnar::import_schema(wrong->schema());
    columnar::Batch batch;
    ASSERT_TRUE(columnar::view_batch(*schema, wrong->array(), batch));
    const auto done = bound.serializer->bind(batch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::internal);
  }
}

TEST(ArrowSerializer, notes_that_the_timestamp_is_left_out) {
  ArrowData data = make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                              make_values<std::int64_t>("tsn:", {1}).named("_timestamp"));
  const auto bound = test_support::bind(data);
  ASSERT_EQ(bound.error, "");
  EXPECT_EQ(test_support::payload(bound, 0), "{\"a\":1}");
  ASSERT_EQ(bound.serializer->notes().size(), 1U);
  EXPECT_EQ(bound.serializer->notes()[0],
            "Column _timestamp is left out by default; name it in include_columns, or set "
            "exclude_columns, to keep it.");
}

}  // namespace
}  // namespace kinesink::format
