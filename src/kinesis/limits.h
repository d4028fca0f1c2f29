// The service's limits, each with its source. Sizes in bytes.
#pragma once

#include <cstddef>

#include "base/units.h"

namespace kinesink::kinesis {

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
inline constexpr std::size_t kMaxRecordsPerRequest = 500;
// Sum of payloads and partition keys; was 5 MiB before October 2025, and may still be in places:
// there a larger request is refused, and delivery halves it.
inline constexpr std::size_t kMaxRequestBytes = 10 * kMiB;
// API_PutRecordsRequestEntry: characters, not bytes.
inline constexpr std::size_t kMaxPartitionKeyCharacters = 256;
inline constexpr std::size_t kMaxPartitionKeyBytes = 4 * kMaxPartitionKeyCharacters;
inline constexpr std::size_t kMaxExplicitHashKeyDigits = 39;
// API_StreamDescriptionSummary: MaxRecordSizeInKiB 1024 to 10240; payload plus partition key.
inline constexpr std::size_t kDefaultMaxRecordBytes = 1 * kMiB;
inline constexpr std::size_t kLargestMaxRecordBytes = 10 * kMiB;
inline constexpr std::size_t kMaxStreamNameCharacters = 128;
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html, per shard and
// second.
inline constexpr std::size_t kShardBytesPerSecond = 1 * kMiB;
inline constexpr std::size_t kShardRecordsPerSecond = 1000;
// API_GetRecords
inline constexpr std::size_t kMaxGetRecordsBytes = 10 * kMiB;
inline constexpr std::size_t kMaxGetRecordsCount = 10'000;

}  // namespace kinesink::kinesis
