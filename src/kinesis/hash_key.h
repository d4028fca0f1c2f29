// The 128-bit hash space of shards (AWS: Partition key, Shard hash key ranges).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace kinesink::kinesis {

using HashKey = Uint128;

// MD5 of the UTF-8 partition key, read as a big-endian unsigned number.
HashKey hash_of(std::string_view partition_key);
// Decimal digits without leading zero, at most 2^128 - 1; nothing for anything else.
std::optional<HashKey> parse_hash_key(std::string_view digits);
std::string to_decimal(HashKey key);
// Writes at most 39 digits; returns the end.
char* write_decimal(HashKey key, char* out);
// Even split of the space into `shards` ranges, as CreateStream does it: both ends inclusive; the
// last ends at 2^128 - 1.
struct HashKeyRange {
  HashKey first;
  HashKey last;
};
HashKeyRange even_range(std::uint32_t shard, std::uint32_t shards);

}  // namespace kinesink::kinesis
