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
      : keeper_(options) {
    schema_ = *columnar::import_schema(*rows.view().schema);
    EXPECT_TRUE(columnar::view_batch(schema_, *rows.view().array, batch_));
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

}  // namespace
}  // namespace kinesink::sink
