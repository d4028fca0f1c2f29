// MD5 (RFC 1321) of eight short texts at once: the hash of a partition key decides its shard, and
// one after the other these hashes would be the dearest part of a PutRecords.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "kinesis/hash_key.h"

namespace kinesink::local {

inline constexpr std::size_t kMd5Lanes = 8;
// What fits one block beside the padding.
inline constexpr std::size_t kLongestLaneText = 55;

// Precondition: each text has at most kLongestLaneText bytes. Digests as big-endian numbers.
void md5_lanes(std::span<const std::string_view, kMd5Lanes> texts,
               std::span<kinesis::HashKey, kMd5Lanes> digests);

}  // namespace kinesink::local
