#include "local/store.h"

#include <algorithm>
#include <cassert>
#include <cstdio>

#include "local/journal.h"

namespace kinesink::local {

std::string shard_id_of(std::uint32_t index) {
  char text[32];
  std::snprintf(text, sizeof(text), "shardId-%012u", index);
  return text;
}

void TokenBucket::fill(std::int64_t now_ms, double per_second, double capacity) {
  if (now_ms <= filled_ms) return;
  const double gained = static_cast<double>(now_ms - filled_ms) * per_second / 1000;
  tokens = std::min(capacity, tokens + gained);
  filled_ms = now_ms;
}

Shard::Shard(std::uint32_t index_in_stream, kinesis::HashKeyRange of, std::int64_t now_ms)
    : index(index_in_stream),
      range(of),
      created_ms(now_ms),
      writer({now_ms / 1000, index_in_stream, 0, now_ms / 1000}),
      id_(shard_id_of(index_in_stream)) {}

std::string Shard::sequence_number(std::uint64_t record_index, std::int64_t time_ms) const {
  return to_sequence_number({created_ms / 1000, index, record_index, time_ms / 1000});
}

std::string Shard::starting_sequence_number() const { return sequence_number(0, created_ms); }

std::string Shard::ending_sequence_number() const {
  assert(closed_ms);
  return sequence_number(kLastSequenceIndex, *closed_ms);
}

std::size_t Stream::index_in_open(kinesis::HashKey key) const {
  const auto after = std::upper_bound(
      open.begin(), open.end(), key,
      [](kinesis::HashKey wanted, const Shard* it) { return wanted < it->range.first; });
  assert(after != open.begin());
  return static_cast<std::size_t>(std::prev(after) - open.begin());
}

Shard& Stream::shard_of(kinesis::HashKey key) { return *open[index_in_open(key)]; }

Stream* Store::find(std::string_view name) {
  const auto found = streams_.find(name);
  return found == streams_.end() ? nullptr : found->second.get();
}

const Stream* Store::find(std::string_view name) const {
  return const_cast<Store*>(this)->find(name);
}

Shard& Store::add_shard(Stream& stream, kinesis::HashKeyRange range, std::int64_t now_ms) {
  auto shard =
      std::make_unique<Shard>(static_cast<std::uint32_t>(stream.shards.size()), range, now_ms);
  stream.shards.push_back(std::move(shard));
  return *stream.shards.back();
}

Stream& Store::create(std::string_view name, std::uint32_t shards, std::int64_t now_ms,
                      std::int64_t active_ms) {
  assert(find(name) == nullptr && shards > 0);
  Stream& stream = add(name);
  stream.created_ms = now_ms;
  stream.active_ms = active_ms;
  for (std::uint32_t index = 0; index < shards; ++index) {
    stream.open.push_back(&add_shard(stream, kinesis::even_range(index, shards), now_ms));
  }
  return stream;
}

Stream& Store::add(std::string_view name) {
  auto stream = std::make_unique<Stream>();
  stream->name = name;
  return *streams_.emplace(name, std::move(stream)).first->second;
}

void Store::keep(const Stream& stream) {
  if (journal_ != nullptr) journal_->entries().stream(stream);
}

void Store::remove(std::string_view name) {
  const auto found = streams_.find(name);
  assert(found != streams_.end());
  if (journal_ != nullptr) journal_->entries().removed(name);
  for (const auto& shard : found->second->shards) committed_ -= shard->log.committed_bytes();
  streams_.erase(found);
}

std::uint64_t Store::append(Shard& shard, std::int64_t now_ms, std::string_view data,
                            std::string_view partition_key) {
  const std::uint64_t index = shard.log.end();
  if (options_.discard) {
    shard.log.skip(now_ms);
    return index;
  }
  const std::size_t before = shard.log.committed_bytes();
  shard.log.append(now_ms, data, partition_key);
  committed_ += shard.log.committed_bytes() - before;
  if (committed_ > options_.max_bytes) trim();
  return index;
}

std::uint64_t Store::append(const Stream& stream, Shard& shard, std::int64_t now_ms,
                            std::string_view data, std::string_view partition_key) {
  const std::uint64_t index = append(shard, now_ms, data, partition_key);
  if (journal_ != nullptr) {
    journal_->entries().record(stream.name, shard.index, shard.log.last_arrival_ms(), data,
                               partition_key);
  }
  return index;
}

void Store::trim() {
  while (committed_ > options_.max_bytes) {
    Shard* fullest = nullptr;
    for (const auto& [name, stream] : streams_) {
      for (const auto& shard : stream->shards) {
        const bool droppable = shard->log.chunk_count() > 1;
        if (droppable &&
            (fullest == nullptr || shard->log.committed_bytes() > fullest->log.committed_bytes())) {
          fullest = shard.get();
        }
      }
    }
    if (fullest == nullptr) return;  // every shard keeps its newest chunk
    const std::size_t before = fullest->log.committed_bytes();
    const std::uint64_t first = fullest->log.first();
    fullest->log.drop_oldest_chunk();
    committed_ -= before - fullest->log.committed_bytes();
    trimmed_ += fullest->log.first() - first;
  }
}

void Store::split(Stream& stream, Shard& shard, kinesis::HashKey new_starting_key,
                  std::int64_t now_ms) {
  assert(shard.is_open() && shard.range.first < new_starting_key &&
         new_starting_key <= shard.range.last);
  const std::size_t at = stream.index_in_open(shard.range.first);
  Shard& lower = add_shard(stream, {shard.range.first, new_starting_key - 1}, now_ms);
  Shard& upper = add_shard(stream, {new_starting_key, shard.range.last}, now_ms);
  lower.parent = upper.parent = shard.index;
  shard.children = {lower.index, upper.index};
  shard.closed_ms = now_ms;
  stream.open[at] = &lower;
  stream.open.insert(stream.open.begin() + static_cast<std::ptrdiff_t>(at) + 1, &upper);
}

void Store::merge(Stream& stream, Shard& lower, Shard& upper, std::int64_t now_ms) {
  assert(lower.is_open() && upper.is_open() && lower.range.last + 1 == upper.range.first);
  const std::size_t at = stream.index_in_open(lower.range.first);
  Shard& merged = add_shard(stream, {lower.range.first, upper.range.last}, now_ms);
  merged.parent = lower.index;
  merged.adjacent_parent = upper.index;
  lower.children = upper.children = {merged.index};
  lower.closed_ms = upper.closed_ms = now_ms;
  stream.open[at] = &merged;
  stream.open.erase(stream.open.begin() + static_cast<std::ptrdiff_t>(at) + 1);
}

std::size_t Store::open_shard_count() const {
  std::size_t count = 0;
  for (const auto& [name, stream] : streams_) count += stream->open.size();
  return count;
}

}  // namespace kinesink::local
