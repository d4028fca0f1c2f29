#include "kinesis/hash_key.h"

#include <gtest/gtest.h>

namespace kinesink::kinesis {
namespace {

constexpr const char* kLargest = "340282366920938463463374607431768211455";  // 2^128 - 1

// By Python's hashlib.
TEST(HashKey, is_the_md5_of_the_partition_key_as_a_big_endian_number) {
  EXPECT_EQ(to_decimal(hash_of("")), "281949768489412648962353822266799178366");
  EXPECT_EQ(to_decimal(hash_of("a")), "16955237001963240173058271559858726497");
  EXPECT_EQ(to_decimal(hash_of("partition-key")), "171922231538597478840392253176536055210");
  EXPECT_EQ(to_decimal(hash_of("\xc3\xa9")), "136732923097551493579404309126273812335");
  EXPECT_EQ(to_decimal(hash_of(std::string(100, 'x'))), "232393657208218769864367756831209375666");
}

TEST(HashKey, reads_decimal_digits_up_to_the_largest) {
  for (const char* digits : {"0", "7", "10", "170141183460469231731687303715884105728", kLargest}) {
    const auto key = parse_hash_key(digits);
    ASSERT_TRUE(key) << digits;
    EXPECT_EQ(to_decimal(*key), digits);
  }
  for (const char* wrong :
       {"", "01", "-1", "+1", "1e3", " 1", "0x1", "340282366920938463463374607431768211456",
        "1000000000000000000000000000000000000000"}) {
    EXPECT_FALSE(parse_hash_key(wrong)) << wrong;
  }
}

// As CreateStream splits: shard 0 of 4 ends at 2^126 - 1.
TEST(HashKey, splits_evenly_without_gap_or_overlap) {
  EXPECT_EQ(to_decimal(even_range(0, 4).last), "85070591730234615865843651857942052863");
  EXPECT_EQ(to_decimal(even_range(0, 3).last), "113427455640312821154458202477256070484");
  for (const std::uint32_t shards : {1U, 2U, 3U, 4U, 7U, 1'000U}) {
    EXPECT_EQ(even_range(0, shards).first, HashKey{0});
    EXPECT_EQ(to_decimal(even_range(shards - 1, shards).last), kLargest);
    for (std::uint32_t shard = 1; shard < shards; ++shard) {
      EXPECT_EQ(even_range(shard, shards).first, even_range(shard - 1, shards).last + 1)
          << shard << '/' << shards;
    }
  }
}

}  // namespace
}  // namespace kinesink::kinesis
