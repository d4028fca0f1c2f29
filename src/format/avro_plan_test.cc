// Envelopes, the end of the room, and rows that are written alone.
#include "format/avro_plan.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "tests/support/avro_payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;

ArrowData example() {
  return make_batch(1, make_values<std::int64_t>("l", {300}).named("id").required(),
                    make_strings<std::int32_t>("u", {"Ada"}).named("name"));
}

std::string first_payload(AvroEncoding encoding) {
  ArrowData data = example();
  FormatOptions options;
  options.format = Format::avro;
  options.avro_encoding = encoding;
  if (encoding == AvroEncoding::confluent) options.schema_id = 0x01020304;
  const auto bound = test_support::bind(data, options);
  return bound.error.empty() ? test_support::payload(bound, 0) : bound.error;
}

// docs/formats/avro.md shows these.
TEST(AvroPlan, puts_the_datum_into_its_envelope) {
  const std::string datum = "d8040206416461";
  EXPECT_EQ(to_hex(first_payload(AvroEncoding::datum)), datum);
  EXPECT_EQ(to_hex(first_payload(AvroEncoding::confluent)), "0001020304" + datum);
  EXPECT_EQ(to_hex(first_payload(AvroEncoding::single_object)),
            "c301"
            "75dfdcea1624b57a" +
                datum);
  const std::string file = to_hex(first_payload(AvroEncoding::container));
  EXPECT_TRUE(
      file.starts_with("4f626a0104"
                       "16" +
                       to_hex("avro.schema")));
  const std::string marker = file.substr(file.size() - 32);
  EXPECT_TRUE(file.ends_with(to_hex("avro.codec") + "08" + to_hex("null") + "00" + marker + "020e" +
                             datum + marker));
}

TEST(AvroPlan, needs_an_id_for_confluent_and_takes_none_elsewhere) {
  ArrowData data = example();
  FormatOptions options;
  options.format = Format::avro;
  options.avro_encoding = AvroEncoding::confluent;
  EXPECT_EQ(test_support::bind(data, options).error,
            "invalid_argument: avro.encoding = confluent needs schema_id, the number of the schema "
            "in the registry.");
  options.avro_encoding = AvroEncoding::datum;
  options.schema_id = 1;
  EXPECT_EQ(test_support::bind(data, options).error,
            "invalid_argument: schema_id is set, but avro.encoding is not confluent.");
}

TEST(AvroPlan, refuses_names_that_avro_does_not_allow) {
  for (const auto& [record, space] : std::vector<std::pair<const char*, const char*>>{
           {"", ""}, {"1", ""}, {"a b", ""}, {"a.b", ""}, {"a", "."}, {"a", "b."}, {"a", "b..c"}}) {
    ArrowData data = example();
    FormatOptions options;
    options.format = Format::avro;
    options.avro_record_name = record;
    options.avro_namespace = space;
    EXPECT_NE(test_support::bind(data, options).error, "") << record << " " << space;
  }
}

// Rows too large for a block are written by themselves, and so are those near the limit.
TEST(AvroPlan, writes_large_and_small_rows_in_any_order) {
  std::vector<std::optional<std::string>> texts;
  for (std::size_t row = 0; row < 200; ++row) {
    texts.emplace_back(std::string(row % 67 == 0 ? 100'000 : row * 7 % 50, 'x'));
  }
  ArrowData data = make_batch(200, make_strings<std::int32_t>("u", texts).named("c").required());
  FormatOptions options;
  options.format = Format::avro;
  for (const AvroEncoding encoding : {AvroEncoding::datum, AvroEncoding::container}) {
    options.avro_encoding = encoding;
    const auto bound = test_support::bind(data, options);
    ASSERT_EQ(bound.error, "");
    for (std::size_t i = 0; i < 200; ++i) {
      const std::size_t row = i * 37 % 200;
      const auto [status, text] = bound.write(static_cast<std::int64_t>(row), 1 << 18);
      ASSERT_EQ(status, RowStatus::written);
      const std::string& value = *texts[row];
      EXPECT_NE(text.find(value), std::string::npos);
      EXPECT_EQ(bound.write(static_cast<std::int64_t>(row), text.size()).text, text);
      EXPECT_EQ(bound.write(static_cast<std::int64_t>(row), text.size() - 1).status,
                RowStatus::no_room);
    }
  }
}

TEST(AvroPlan, an_invalid_row_leaves_its_neighbours_alone) {
  std::vector<std::uint64_t> numbers(100, 7);
  numbers[3] = numbers[64] = UINT64_MAX;
  ArrowData data = make_batch(100, make_values<std::uint64_t>("L", numbers).named("n"),
                              make_values<std::uint64_t>("L", numbers).named("m"));
  FormatOptions options;
  options.format = Format::avro;
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "");
  for (std::int64_t row = 0; row < 100; ++row) {
    const auto [status, text] = bound.write(row, 1'000);
    if (row == 3 || row == 64) {
      EXPECT_EQ(status, RowStatus::invalid);
      EXPECT_TRUE(text.ends_with("(column n, row " + std::to_string(row) + ")")) << text;
    } else {
      EXPECT_EQ(to_hex(text), "020e020e");
    }
  }
}

}  // namespace
}  // namespace kinesink::format
