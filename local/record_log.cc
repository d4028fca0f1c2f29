#include "local/record_log.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/units.h"

namespace kinesink::local {
namespace {

// A record in its chunk: this head, the key, the data.
struct Head {
  std::int64_t arrival_ms;
  std::uint32_t data_size;
  std::uint32_t key_size;
};

// Chunks grow with the shard, so that a thousand idle shards take little.
constexpr std::size_t kSmallestChunk = 4 * kKiB;
constexpr std::size_t kUsualChunk = 1 * kMiB;

}  // namespace

Record RecordLog::record(std::uint64_t index) const {
  assert(index >= first() && index < end());
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), index,
      [](std::uint64_t wanted, const Chunk& chunk) { return wanted < chunk.first; });
  const Chunk& chunk = *std::prev(after);
  const char* at = chunk.bytes.get() + chunk.offsets[index - chunk.first];
  Head head;
  std::memcpy(&head, at, sizeof(head));
  const char* key = at + sizeof(head);
  return {index, head.arrival_ms, {key + head.key_size, head.data_size}, {key, head.key_size}};
}

std::uint64_t RecordLog::lower_bound(std::int64_t arrival_ms) const {
  std::uint64_t low = first();
  std::uint64_t high = end();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (record(middle).arrival_ms < arrival_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

RecordLog::Chunk& RecordLog::chunk_for(std::size_t size) {
  if (chunks_.empty() || chunks_.back().capacity - chunks_.back().used < size) {
    const std::size_t last = chunks_.empty() ? 0 : chunks_.back().capacity;
    Chunk chunk;
    chunk.first = end_;
    chunk.capacity = std::max(size, std::clamp(2 * last, kSmallestChunk, kUsualChunk));
    chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.capacity);
    committed_ += chunk.capacity;
    chunks_.push_back(std::move(chunk));
  }
  return chunks_.back();
}

void RecordLog::append(std::int64_t arrival_ms, std::string_view data,
                       std::string_view partition_key) {
  last_arrival_ms_ = std::max(last_arrival_ms_, arrival_ms);
  Chunk& chunk = chunk_for(sizeof(Head) + partition_key.size() + data.size());
  const Head head{last_arrival_ms_, static_cast<std::uint32_t>(data.size()),
                  static_cast<std::uint32_t>(partition_key.size())};
  char* at = chunk.bytes.get() + chunk.used;
  chunk.offsets.push_back(static_cast<std::uint32_t>(chunk.used));
  std::memcpy(at, &head, sizeof(head));
  at = std::copy(partition_key.begin(), partition_key.end(), at + sizeof(head));
  at = std::copy(data.begin(), data.end(), at);
  chunk.used = static_cast<std::size_t>(at - chunk.bytes.get());
  ++end_;
}

void RecordLog::skip(std::int64_t arrival_ms) {
  assert(chunks_.empty());
  last_arrival_ms_ = std::max(last_arrival_ms_, arrival_ms);
  ++end_;
}

void RecordLog::drop_oldest_chunk() {
  assert(!chunks_.empty());
  committed_ -= chunks_.front().capacity;
  chunks_.pop_front();
}

}  // namespace kinesink::local
