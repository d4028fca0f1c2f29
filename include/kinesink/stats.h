// What a sink has done so far. Rows unless said otherwise:
//   received = acknowledged + rejected + skipped + abandoned + pending, at every moment.
#pragma once

#include <cstdint>

namespace kinesink {

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
};

}  // namespace kinesink
