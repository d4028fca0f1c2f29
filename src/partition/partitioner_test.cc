#include "partition/partitioner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "kinesis/hash_key.h"
#include "tests/support/arrow_data.h"

namespace kinesink::partition {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr std::uint64_t kSeed = 11;

// A partitioner bound to a batch of one column `k`.
class Keys {
 public:
  explicit Keys(PartitionOptions options) : Keys(std::move(options), make_batch(0)) {}
  Keys(PartitionOptions options, ArrowData batch)
      : batch_(std::move(batch)),
        schema_(columnar::import_schema(batch_.schema())),
        partitioner_(Partitioner::make(*schema_, options, kSeed)) {
    if (!partitioner_) return;
    EXPECT_TRUE(view_batch(*schema_, batch_.array(), view_));
    EXPECT_TRUE(partitioner_->bind(view_));
  }

  Partitioner& operator*() { return *partitioner_; }
  bool ok() const { return partitioner_.has_value(); }
  std::string refusal() const { return partitioner_.error().to_string(); }
  // The key, or why there is none.
  std::string key(std::int64_t row) {
    const RowKey key = partitioner_->key(row);
    return key.ok ? std::string(key.partition_key) : partitioner_->error().to_string();
  }
  std::string hash_key(std::int64_t row) {
    const RowKey key = partitioner_->key(row);
    return key.ok ? std::string(key.explicit_hash_key) : partitioner_->error().to_string();
  }
  std::vector<std::string> all() {
    std::vector<std::string> keys;
    for (std::int64_t row = 0; row < view_.length; ++row) keys.push_back(key(row));
    return keys;
  }
  std::vector<std::string> all_hash_keys() {
    std::vector<std::string> keys;
    for (std::int64_t row = 0; row < view_.length; ++row) keys.push_back(hash_key(row));
    return keys;
  }

 private:
  ArrowData batch_;
  Result<columnar::Schema> schema_;
  columnar::Batch view_;
  Result<Partitioner> partitioner_;
};

PartitionOptions from_source(KeySource source) {
  PartitionOptions options;
  options.source = source;
  return options;
}
PartitionOptions constant(std::string key) {
  PartitionOptions options = from_source(KeySource::constant);
  options.constant = std::move(key);
  return options;
}

Keys keys_of(ArrowData column, OnBadKey on_bad_key = OnBadKey::reject) {
  PartitionOptions options = from_source(KeySource::column);
  options.column = "k";
  options.on_bad_key = on_bad_key;
  const std::int64_t length = column.array().length;
  return {options, make_batch(length, std::move(column).named("k"))};
}

Keys hash_keys_of(ArrowData column) {
  PartitionOptions options;
  options.explicit_hash_key_column = "h";
  const std::int64_t length = column.array().length;
  return {options, make_batch(length, std::move(column).named("h"))};
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(RandomKey, is_short_and_different_over_a_million_rows) {
  Keys keys(from_source(KeySource::random));
  EXPECT_THAT(keys.key(0), MatchesRegex("[-.A-Za-z0-9]{8}"));
  EXPECT_EQ((*keys).max_size(), 8U);
  constexpr std::size_t kRows = 1'000'000;
  std::vector<std::uint64_t> seen(kRows);
  for (std::uint64_t& key : seen) {
    const RowKey row = (*keys).key(0);
    ASSERT_EQ(row.partition_key.size(), sizeof(key));
    std::memcpy(&key, row.partition_key.data(), sizeof(key));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(RandomKey, spreads_evenly_over_shards) {
  constexpr int kShards = 16;
  constexpr int kRows = 160'000;
  Keys keys(from_source(KeySource::random));
  std::vector<int> rows(kShards);
  for (int i = 0; i < kRows; ++i) {
    const kinesis::HashKey hash = kinesis::hash_of((*keys).key(0).partition_key);
    ++rows[static_cast<std::size_t>(hash >> 124)];
  }
  // Chi-square with 15 degrees of freedom: 37.7 is passed once in a thousand; the seed is fixed.
  double chi_square = 0;
  for (const int count : rows) {
    const double off = count - double{kRows} / kShards;
    chi_square += off * off * kShards / kRows;
  }
  EXPECT_LT(chi_square, 37.7);
}

TEST(RandomKey, follows_from_the_seed) {
  Keys first(from_source(KeySource::random));
  Keys second(from_source(KeySource::random));
  EXPECT_EQ(first.key(0), second.key(0));
  EXPECT_NE(first.key(0), first.key(0));
}

TEST(UuidKey, is_a_version_4_uuid) {
  Keys keys(from_source(KeySource::uuid));
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(keys.key(0), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                          "[0-9a-f]{12}"));
  }
  EXPECT_EQ((*keys).max_size(), 36U);
}

TEST(ConstantKey, is_the_same_for_every_row) {
  Keys keys(constant("same"));
  EXPECT_EQ(keys.key(0), "same");
  EXPECT_EQ(keys.key(7), "same");
  EXPECT_EQ((*keys).max_size(), 4U);
}

TEST(ConstantKey, has_1_to_256_characters) {
  EXPECT_THAT(Keys(constant("")).refusal(), HasSubstr("has 0 characters; allowed are 1 to 256"));
  EXPECT_TRUE(Keys(constant("x")).ok());
  EXPECT_TRUE(Keys(constant(repeated("ü", 255))).ok());
  EXPECT_TRUE(Keys(constant(repeated("😀", 256))).ok());
  EXPECT_THAT(Keys(constant(repeated("x", 257))).refusal(), HasSubstr("has 257 characters"));
  EXPECT_THAT(Keys(constant("\xff")).refusal(), HasSubstr("not UTF-8"));
}

TEST(ColumnKey, is_the_text_of_integers_and_booleans) {
  EXPECT_THAT(keys_of(make_values<std::int8_t>("c", {-128, 5})).all(), ElementsAre("-128", "5"));
  EXPECT_THAT(keys_of(make_values<std::uint8_t>("C", {255})).all(), ElementsAre("255"));
  EXPECT_THAT(keys_of(make_values<std::int16_t>("s", {-300})).all(), ElementsAre("-300"));
  EXPECT_THAT(keys_of(make_values<std::uint16_t>("S", {65535})).all(), ElementsAre("65535"));
  EXPECT_THAT(keys_of(make_values<std::int32_t>("i", {-70000})).all(), ElementsAre("-70000"));
  EXPECT_THAT(keys_of(make_values<std::uint32_t>("I", {4294967295})).all(),
              ElementsAre("4294967295"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("l", {0})).all(), ElementsAre("0"));
  EXPECT_THAT(keys_of(make_values<std::uint64_t>("L", {~0ULL})).all(),
              ElementsAre("18446744073709551615"));
  EXPECT_THAT(keys_of(ArrowData("b", 2).none().bits({1, 0})).all(), ElementsAre("true", "false"));
}

TEST(ColumnKey, is_the_text_of_floats_and_decimals) {
  EXPECT_THAT(keys_of(make_values<double>("g", {1, 0.1, 1e10})).all(),
              ElementsAre("1.0", "0.1", "1.0e10"));
  EXPECT_THAT(keys_of(make_values<float>("f", {0.1F})).all(), ElementsAre("0.1"));
  EXPECT_THAT(keys_of(make_values<std::uint16_t>("e", {0x3e00})).all(), ElementsAre("1.5"));
  EXPECT_THAT(keys_of(ArrowData("d:5,3", 1).none().values<std::int64_t>({10, 0})).all(),
              ElementsAre("0.010"));
  EXPECT_THAT(
      keys_of(ArrowData("d:5,-2,256", 1).none().values<std::int64_t>({-7, -1, -1, -1})).all(),
      ElementsAre("-700"));
}

TEST(ColumnKey, is_the_text_of_dates_and_times) {
  EXPECT_THAT(keys_of(make_values<std::int32_t>("tdD", {19782})).all(), ElementsAre("2024-02-29"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("tdm", {1700000000002})).all(),
              ElementsAre("2023-11-14T22:13:20.002"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("tsm:", {-1})).all(),
              ElementsAre("1969-12-31T23:59:59.999"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("tss:Europe/Paris", {0})).all(),
              ElementsAre("1970-01-01T00:00:00Z"));
  EXPECT_THAT(keys_of(make_values<std::int32_t>("tts", {45296})).all(), ElementsAre("12:34:56"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("ttu", {1})).all(), ElementsAre("00:00:00.000001"));
  EXPECT_THAT(keys_of(make_values<std::int64_t>("tDm", {-1})).all(), ElementsAre("-PT0.001S"));
}

TEST(ColumnKey, is_the_text_of_strings_and_the_hex_of_binaries) {
  const std::vector<std::optional<std::string>> strings = {"a", "longer than twelve bytes"};
  const auto expected = ElementsAre("a", "longer than twelve bytes");
  EXPECT_THAT(keys_of(make_strings<std::int32_t>("u", strings)).all(), expected);
  EXPECT_THAT(keys_of(make_strings<std::int64_t>("U", strings)).all(), expected);
  EXPECT_THAT(keys_of(make_views("vu", strings)).all(), expected);
  EXPECT_THAT(keys_of(make_strings<std::int32_t>("z", {"\xff\x01"})).all(), ElementsAre("ff01"));
  EXPECT_THAT(keys_of(make_strings<std::int64_t>("Z", {"\xff\x01"})).all(), ElementsAre("ff01"));
  EXPECT_THAT(keys_of(make_views("vz", {"\xff\x01"})).all(), ElementsAre("ff01"));
  EXPECT_THAT(keys_of(ArrowData("w:3", 1).none().text("abc")).all(), ElementsAre("616263"));
}

TEST(ColumnKey, is_the_value_that_a_dictionary_stands_for) {
  Keys keys =
      keys_of(make_values<std::int8_t>("c", {1, 0, 2})
                  .with_dictionary(make_strings<std::int32_t>("u", {"zero", "one", std::nullopt})));
  EXPECT_THAT(
      keys.all(),
      ElementsAre("one", "zero", "invalid_data: The partition key is null. (column k, row 2)"));
}

TEST(ColumnKey, may_have_256_characters_of_any_width) {
  const auto fits = [](const std::string& key) {
    return keys_of(make_strings<std::int32_t>("u", {key})).key(0) == key;
  };
  EXPECT_TRUE(fits(repeated("x", 255)));
  EXPECT_TRUE(fits(repeated("x", 256)));
  EXPECT_FALSE(fits(repeated("x", 257)));
  EXPECT_TRUE(fits(repeated("😀", 255)));
  EXPECT_TRUE(fits(repeated("😀", 256)));
  EXPECT_FALSE(fits(repeated("😀", 257)));
  EXPECT_EQ((*keys_of(make_strings<std::int32_t>("u", {"x"}))).max_size(), 1024U);
  const auto binary = [](int size) {
    return keys_of(make_strings<std::int32_t>("z", {repeated("\xab", size)})).key(0);
  };
  EXPECT_EQ(binary(128), repeated("ab", 128));
  EXPECT_THAT(binary(129), HasSubstr("more than 256 characters"));
}

TEST(BadKey, rejects_the_row_with_its_reason) {
  EXPECT_EQ(keys_of(make_strings<std::int32_t>("u", {"a", std::nullopt})).key(1),
            "invalid_data: The partition key is null. (column k, row 1)");
  EXPECT_EQ(keys_of(make_strings<std::int32_t>("u", {"a", ""})).key(1),
            "invalid_data: The partition key is empty. (column k, row 1)");
  EXPECT_EQ(keys_of(make_strings<std::int32_t>("z", {""})).key(0),
            "invalid_data: The partition key is empty. (column k, row 0)");
  EXPECT_EQ(keys_of(make_values<double>("g", {std::numeric_limits<double>::infinity()})).key(0),
            "invalid_data: The partition key is not a finite number. (column k, row 0)");
  EXPECT_THAT(keys_of(make_values<std::int32_t>("tdD", {2932897})).key(0),
              HasSubstr("outside the years 0000 to 9999"));
}

TEST(BadKey, can_be_replaced_by_a_random_one) {
  Keys keys =
      keys_of(make_strings<std::int32_t>("u", {"a", std::nullopt, "", repeated("x", 257), "b"}),
              OnBadKey::random);
  const auto random = MatchesRegex("[-.A-Za-z0-9]{8}");
  EXPECT_THAT(keys.all(), ElementsAre("a", random, random, random, "b"));
}

TEST(KeyColumn, must_exist_and_be_a_scalar) {
  PartitionOptions options = from_source(KeySource::column);
  options.column = "absent";
  EXPECT_EQ(Keys(options).refusal(),
            "invalid_argument: There is no such column to take the partition key from. (column "
            "absent)");
  EXPECT_EQ(keys_of(ArrowData("+s", 0).none()).refusal(),
            "invalid_argument: A column of type struct cannot be the partition key. (column k)");
  EXPECT_FALSE(keys_of(ArrowData("n", 0)).ok());
  EXPECT_FALSE(
      keys_of(make_values<std::int8_t>("c", {}).with_dictionary(ArrowData("+s", 0).none())).ok());
}

TEST(KeyColumn, follows_the_bound_batch) {
  ArrowData first = make_batch(1, make_values<std::int8_t>("c", {1}).named("k"));
  ArrowData second = make_batch(1, make_values<std::int8_t>("c", {2}).named("k"));
  const Result<columnar::Schema> schema = columnar::import_schema(first.schema());
  PartitionOptions options = from_source(KeySource::column);
  options.column = "k";
  Result<Partitioner> partitioner = Partitioner::make(*schema, options, kSeed);
  columnar::Batch view;
  ASSERT_TRUE(view_batch(*schema, first.array(), view));
  ASSERT_TRUE(partitioner->bind(view));
  EXPECT_EQ(partitioner->key(0).partition_key, "1");
  ASSERT_TRUE(view_batch(*schema, second.array(), view));
  ASSERT_TRUE(partitioner->bind(view));
  EXPECT_EQ(partitioner->key(0).partition_key, "2");
  columnar::Batch narrow;
  const Result<void> bound = partitioner->bind(narrow);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::internal);
}

const std::string kMaxHash = "340282366920938463463374607431768211455";  // 2^128 - 1
const std::string kBeyond = "340282366920938463463374607431768211456";

TEST(ExplicitHashKey, is_taken_from_decimal_text) {
  Keys keys = hash_keys_of(make_strings<std::int32_t>("u", {"0", "42", kMaxHash, kBeyond}));
  EXPECT_EQ(keys.hash_key(0), "0");
  EXPECT_EQ(keys.hash_key(1), "42");
  EXPECT_EQ(keys.hash_key(2), kMaxHash);
  EXPECT_THAT(keys.hash_key(3), HasSubstr("not a decimal number of 0 to 2^128 - 1"));
  EXPECT_EQ((*keys).max_size(), 8U + 39U);
  for (const char* bad : {"", "007", "-1", "+1", "1.0", "x", " 1"}) {
    EXPECT_THAT(hash_keys_of(make_views("vu", {bad})).hash_key(0), HasSubstr("column h, row 0"));
  }
}

TEST(ExplicitHashKey, is_taken_from_16_bytes_big_endian) {
  const std::string one = std::string(15, '\0') + '\1';
  const auto expected = ElementsAre("1", kMaxHash, "5233100606242806050955395731361296");
  const std::string counting = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16};
  const std::vector<std::optional<std::string>> values = {one, std::string(16, '\xff'), counting};
  EXPECT_THAT(hash_keys_of(make_strings<std::int32_t>("z", values)).all_hash_keys(), expected);
  EXPECT_THAT(
      hash_keys_of(ArrowData("w:16", 3).none().text(one + *values[1] + counting)).all_hash_keys(),
      expected);
  EXPECT_THAT(hash_keys_of(make_strings<std::int32_t>("z", {one + "x"})).hash_key(0),
              HasSubstr("has not 16 bytes"));
}

TEST(ExplicitHashKey, is_taken_from_numbers) {
  EXPECT_THAT(hash_keys_of(make_values<std::int32_t>("i", {0, 7})).all_hash_keys(),
              ElementsAre("0", "7"));
  EXPECT_THAT(hash_keys_of(make_values<std::uint64_t>("L", {~0ULL})).all_hash_keys(),
              ElementsAre("18446744073709551615"));
  EXPECT_THAT(hash_keys_of(ArrowData("d:38,0", 2).none().values<std::int64_t>({5, 0, 0, 1}))
                  .all_hash_keys(),
              ElementsAre("5", "18446744073709551616"));
  EXPECT_THAT(hash_keys_of(ArrowData("d:39,0,256", 1).none().values<std::int64_t>({-1, -1, 0, 0}))
                  .all_hash_keys(),
              ElementsAre(kMaxHash));
  EXPECT_THAT(hash_keys_of(ArrowData("d:39,0,256", 1).none().values<std::int64_t>({0, 0, 1, 0}))
                  .hash_key(0),
              HasSubstr("greater than 2^128 - 1"));
  EXPECT_EQ(hash_keys_of(make_values<std::int8_t>("c", {-1})).hash_key(0),
            "invalid_data: The explicit hash key is negative. (column h, row 0)");
  EXPECT_THAT(
      hash_keys_of(ArrowData("d:38,0", 1).none().values<std::int64_t>({-5, -1})).hash_key(0),
      HasSubstr("negative"));
}

TEST(ExplicitHashKey, may_not_be_null) {
  EXPECT_EQ(hash_keys_of(make_strings<std::int32_t>("u", {"1", std::nullopt})).hash_key(1),
            "invalid_data: The explicit hash key is null. (column h, row 1)");
}

TEST(ExplicitHashKey, column_must_exist_and_have_a_fitting_type) {
  PartitionOptions options;
  options.explicit_hash_key_column = "absent";
  EXPECT_THAT(Keys(options).refusal(), HasSubstr("to take the explicit hash key from"));
  EXPECT_FALSE(hash_keys_of(make_values<double>("g", {1})).ok());
  EXPECT_FALSE(hash_keys_of(ArrowData("d:38,2", 0).none().none()).ok());
  EXPECT_FALSE(hash_keys_of(ArrowData("d:38,-2", 0).none().none()).ok());
  EXPECT_FALSE(hash_keys_of(ArrowData("w:15", 0).none().none()).ok());
  EXPECT_TRUE(hash_keys_of(make_values<std::int8_t>("c", {0}).with_dictionary(
                               make_strings<std::int32_t>("u", {"1"})))
                  .ok());
}

TEST(ExplicitHashKey, stands_beside_any_partition_key) {
  PartitionOptions options = constant("same");
  options.explicit_hash_key_column = "h";
  Keys keys(options, make_batch(1, make_values<std::int8_t>("c", {9}).named("h")));
  const RowKey key = (*keys).key(0);
  EXPECT_EQ(key.partition_key, "same");
  EXPECT_EQ(key.explicit_hash_key, "9");
}

}  // namespace
}  // namespace kinesink::partition
