#include "sink/row_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/column.h"
#include "tests/support/arrow_data.h"
#include "tests/support/rows.h"

namespace kinesink::sink {
namespace {

class Keeping {
 public:
  Keeping(const tests::Rows& rows, format::FormatOptions options,
          partition::PartitionOptions keys = {})
      : Keeping(*rows.view().schema, *rows.view().array, std::move(options), std::move(keys)) {}
  Keeping(const ArrowSchema& schema, const ArrowArray& array, format::FormatOptions options,
          partition::PartitionOptions keys = {})
      : keeper_(options) {
    schema_ = *columnar::import_schema(schema);
    EXPECT_TRUE(columnar::view_batch(schema_, array, batch_));
    serializer_.emplace(*format::ArrowSerializer::make(schema_, options));
    partitioner_.emplace(*partition::Partitioner::make(schema_, keys, 1));
    EXPECT_TRUE(serializer_->bind(batch_));
    EXPECT_TRUE(partitioner_->bind(batch_));
  }
  Result<delivery::Keepsake> keep(std::int64_t row) {
    return keeper_.keep(*serializer_, *partitioner_, schema_, batch_, row);
  }

 private:
  RowKeeper keeper_;
  columnar::Schema schema_;
  columnar::Batch batch_;
  std::optional<format::ArrowSerializer> serializer_;
  std::optional<partition::Partitioner> partitioner_;
};

TEST(RowKeeper, keeps_the_payload_of_a_row_that_is_too_large_for_the_stream) {
  const tests::Rows rows({{1, std::string(3'000'000, 'x')}});
  const auto kept = Keeping(rows, {}).keep(0);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->payload, "{\"id\":1,\"text\":\"" + std::string(3'000'000, 'x') + "\"}");
  EXPECT_EQ(kept->columns, "");
  EXPECT_NE(kept->partition_key, "");
}

TEST(RowKeeper, keeps_the_payload_of_a_row_whose_key_is_bad) {
  const tests::Rows rows({{1, std::nullopt}});
  partition::PartitionOptions keys;
  keys.source = PartitionKey::column;
  keys.column = "text";
  const auto kept = Keeping(rows, {}, keys).keep(0);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->payload, "{\"id\":1,\"text\":null}");
  EXPECT_EQ(kept->partition_key, "");
}

TEST(RowKeeper, keeps_the_columns_of_a_row_that_the_format_cannot_express) {
  const tests::Rows rows({{1, "a"}, {2, std::nullopt}}, {"id", "value"});
  format::FormatOptions raw;
  raw.format = Format::raw_string;
  raw.null_value = NullValue::error;
  Keeping keeping(rows, raw);
  const auto kept = keeping.keep(1);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->payload, "");
  EXPECT_EQ(kept->columns, "{\"id\":2,\"value\":null}");
  EXPECT_EQ(keeping.keep(0)->payload, "a");
}

TEST(RowKeeper, keeps_columns_of_every_layout_and_leaves_out_what_json_cannot_have) {
  using test_support::ArrowData;
  using test_support::make_strings;
  using test_support::make_values;
  const auto named_extension = [](ArrowData data, const char* name) {
    return std::move(data).metadata({{"ARROW:extension:name", name}});
  };
  ArrowData keys = ArrowData("+us:0", 1)
                       .values<std::int8_t>({0})
                       .with(make_values<std::int8_t>("c", {1}).named("m"))
                       .named("key")
                       .required();
  ArrowData map = ArrowData("+m", 1).none().values<std::int32_t>({0, 1}).with(
      ArrowData("+s", 1)
          .required()
          .none()
          .with(std::move(keys))
          .with(ArrowData("n", 1).named("value")));
  ArrowData batch = test_support::make_batch(
      1, make_strings<std::int32_t>("u", {std::nullopt}).named("value"),
      ArrowData("+ud:7", 1)
          .values<std::int8_t>({7})
          .values<std::int32_t>({0})
          .with(make_values<std::int32_t>("tiM", {14}).named("m"))
          .named("union"),
      ArrowData("+r", 1)
          .with(make_values<std::int32_t>("i", {5}).named("run_ends"))
          .with(make_values<double>("g", {0.5}).named("values"))
          .named("run"),
      named_extension(ArrowData("w:16", 1).none().text(std::string(16, '\x11')), "arrow.uuid")
          .named("uuid"),
      named_extension(make_strings<std::int32_t>("z", {"f"}), "arrow.opaque").named("opaque"),
      named_extension(make_strings<std::int32_t>("u", {"{"}), "arrow.json").named("json"),
      std::move(map).named("map"));
  format::FormatOptions raw;
  raw.format = Format::raw_string;
  raw.null_value = NullValue::error;
  const auto kept = Keeping(batch.schema(), batch.array(), raw).keep(0);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->columns,
            R"({"value":null,"union":"P1Y2M","run":0.5,)"
            R"("uuid":"11111111-1111-1111-1111-111111111111","opaque":"Zg==","json":"{"})");
}

}  // namespace
}  // namespace kinesink::sink
