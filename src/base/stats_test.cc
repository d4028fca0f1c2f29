#include "kinesink/stats.h"

#include <gtest/gtest.h>

namespace kinesink {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(DurationHistogram, a_duration_lies_in_the_first_bucket_that_reaches_it) {
  for (std::size_t bucket = 0; bucket < DurationHistogram::kBuckets; ++bucket) {
    const nanoseconds bound = DurationHistogram::bound_of(bucket);
    EXPECT_EQ(DurationHistogram::bucket_of(bound), bucket);
    EXPECT_EQ(DurationHistogram::bucket_of(bound + nanoseconds(1)),
              std::min(bucket + 1, DurationHistogram::kBuckets - 1));
  }
  EXPECT_EQ(DurationHistogram::bucket_of(nanoseconds(0)), 0U);
  EXPECT_EQ(DurationHistogram::bucket_of(nanoseconds(-5)), 0U);
  EXPECT_EQ(DurationHistogram::bucket_of(nanoseconds::max()), DurationHistogram::kBuckets - 1);
}

TEST(DurationHistogram, a_bucket_reaches_at_most_an_eighth_further_than_the_one_before) {
  for (std::size_t bucket = 8; bucket < DurationHistogram::kBuckets; ++bucket) {
    const auto before = DurationHistogram::bound_of(bucket - 1).count();
    EXPECT_LE(DurationHistogram::bound_of(bucket).count(), before + before / 8);
  }
  EXPECT_EQ(DurationHistogram::bound_of(0), microseconds(1));
  EXPECT_GT(DurationHistogram::bound_of(DurationHistogram::kBuckets - 1), hours(4));
}

TEST(DurationHistogram, quantiles_are_bounds_of_buckets) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), nanoseconds(0));
  histogram.add(microseconds(3), 989);
  histogram.add(microseconds(100), 10);
  histogram.add(microseconds(1000), 1);
  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_EQ(histogram.quantile(0), microseconds(3));
  EXPECT_EQ(histogram.quantile(0.5), microseconds(3));
  EXPECT_EQ(histogram.quantile(0.99), microseconds(104));
  EXPECT_EQ(histogram.quantile(0.999), microseconds(104));
  EXPECT_EQ(histogram.quantile(1), microseconds(1024));
}

TEST(Stats, those_of_several_sinks_add_up) {
  Stats one;
  one.received = 5;
  one.acknowledged = 3;
  one.pending = 2;
  one.stored_after.add(std::chrono::milliseconds(1), 3);
  Stats other;
  other.received = 4;
  other.acknowledged = 4;
  other.buffered_bytes = 7;
  other.stored_after.add(std::chrono::milliseconds(100), 4);
  one += other;
  EXPECT_EQ(one.received, 9U);
  EXPECT_EQ(one.acknowledged + one.pending, 9U);
  EXPECT_EQ(one.buffered_bytes, 7U);
  EXPECT_EQ(one.stored_after.count(), 7U);
  EXPECT_GT(one.stored_after.quantile(0.9), std::chrono::milliseconds(99));
}

}  // namespace
}  // namespace kinesink
