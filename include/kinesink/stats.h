// What a sink has done so far. Rows unless said otherwise:
//   received = acknowledged + rejected + skipped + abandoned + pending, at every moment.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kinesink {

// How often a duration was seen, in buckets of which each reaches at most an eighth further than
// the one before: from a microsecond to nearly five hours, longer ones in the last.
class DurationHistogram {
 public:
  static constexpr std::size_t kBuckets = 256;

  void add(std::chrono::nanoseconds duration, std::uint64_t times) {
    counts_[bucket_of(duration)] += times;
  }
  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  // What this share of the durations, such as 0.99, does not exceed: the upper bound of a bucket.
  // 0 if none was seen.
  std::chrono::nanoseconds quantile(double share) const {
    const auto wanted = static_cast<double>(count()) * share;
    double seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += static_cast<double>(counts_[bucket]);
      if (seen > 0 && seen >= wanted) return bound_of(bucket);
    }
    return std::chrono::nanoseconds(0);
  }
  DurationHistogram& operator+=(const DurationHistogram& other) {
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket)
      counts_[bucket] += other.counts_[bucket];
    return *this;
  }
  const std::array<std::uint64_t, kBuckets>& counts() const { return counts_; }
  // No duration in the bucket is longer.
  static constexpr std::chrono::nanoseconds bound_of(std::size_t bucket) {
    if (bucket < kEighths) return std::chrono::microseconds(bucket + 1);
    const std::size_t doubled = bucket / kEighths - 1;
    return std::chrono::microseconds((kEighths + bucket % kEighths + 1) << doubled);
  }
  static constexpr std::size_t bucket_of(std::chrono::nanoseconds duration) {
    const auto whole = std::max<std::int64_t>(duration.count() - 1, 0) / 1000;
    const auto microseconds = static_cast<std::uint64_t>(whole);
    if (microseconds < kEighths) return static_cast<std::size_t>(microseconds);
    const auto doubled = static_cast<std::size_t>(std::bit_width(microseconds)) - 4;
    const std::size_t eighth = static_cast<std::size_t>(microseconds >> doubled) - kEighths;
    return std::min((doubled + 1) * kEighths + eighth, kBuckets - 1);
  }

 private:
  static constexpr std::size_t kEighths = 8;
  std::array<std::uint64_t, kBuckets> counts_{};
};

// Rows [begin, end) by their sequence number in the sink: the n-th row received, counted from 0.
struct RowRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

struct Stats {
  std::uint64_t received = 0;
  std::uint64_t acknowledged = 0;  // stored in the stream
  std::uint64_t rejected = 0;      // durably in the dead-letter output
  std::uint64_t skipped = 0;       // left out by a documented policy
  std::uint64_t abandoned =
      0;  // not settled when the sink failed or was destroyed; 0 after a successful close
  std::uint64_t pending = 0;
  std::uint64_t possible_duplicates =
      0;  // sent again although an earlier, unanswered request may have stored them

  std::uint64_t records = 0;    // stored
  std::uint64_t requests = 0;   // PutRecords sent
  std::uint64_t retries = 0;    // records sent again
  std::uint64_t throttled = 0;  // records refused for the moment: shard or stream over its limits
  std::uint64_t payload_bytes = 0;    // of stored records
  std::uint64_t wire_bytes = 0;       // request bodies sent
  std::uint64_t in_flight = 0;        // requests now
  std::uint64_t in_flight_limit = 0;  // requests allowed now
  std::uint64_t buffered_bytes = 0;   // memory of request bodies now
  // Of acknowledged rows: from the moment when the oldest row of their request was accepted until
  // the answer that says they are stored.
  DurationHistogram stored_after = {};

  // What several sinks have done together.
  Stats& operator+=(const Stats& other) {
    received += other.received;
    acknowledged += other.acknowledged;
    rejected += other.rejected;
    skipped += other.skipped;
    abandoned += other.abandoned;
    pending += other.pending;
    possible_duplicates += other.possible_duplicates;
    records += other.records;
    requests += other.requests;
    retries += other.retries;
    throttled += other.throttled;
    payload_bytes += other.payload_bytes;
    wire_bytes += other.wire_bytes;
    in_flight += other.in_flight;
    in_flight_limit += other.in_flight_limit;
    buffered_bytes += other.buffered_bytes;
    stored_after += other.stored_after;
    return *this;
  }
};

}  // namespace kinesink
