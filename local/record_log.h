// The records of one shard, in order, packed into chunks: no allocation per record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace kinesink::local {

struct Record {
  std::uint64_t index = 0;      // in the shard, from 1; see local/sequence.h
  std::int64_t arrival_ms = 0;  // since the epoch; never falls within a shard
  std::string_view data;        // valid until the log drops the record
  std::string_view partition_key;
};

class RecordLog {
 public:
  // Records [first(), end()) are kept.
  std::uint64_t first() const { return chunks_.empty() ? end_ : chunks_.front().first; }
  std::uint64_t end() const { return end_; }
  Record record(std::uint64_t index) const;
  // Index of the first kept record that arrived at `arrival_ms` or later; end() if none did.
  std::uint64_t lower_bound(std::int64_t arrival_ms) const;
  // Of the last record ever appended; 0 if there was none.
  std::int64_t last_arrival_ms() const { return last_arrival_ms_; }

  // An arrival before the last one's counts as the last one's.
  void append(std::int64_t arrival_ms, std::string_view data, std::string_view partition_key);
  // The first record will have this index: those before were dropped. Only while none came.
  void begin_at(std::uint64_t index) { end_ = index; }
  // Gives the next record its index and forgets it.
  void skip(std::int64_t arrival_ms);

  std::size_t committed_bytes() const { return committed_; }
  std::size_t chunk_count() const { return chunks_.size(); }
  void drop_oldest_chunk();

 private:
  struct Chunk {
    std::uint64_t first = 0;
    std::size_t capacity = 0;
    std::size_t used = 0;
    std::unique_ptr<char[]> bytes;
    std::vector<std::uint32_t> offsets;  // of the records in `bytes`
  };
  Chunk& chunk_for(std::size_t size);

  std::deque<Chunk> chunks_;
  std::uint64_t end_ = 1;
  std::int64_t last_arrival_ms_ = 0;
  std::size_t committed_ = 0;
};

}  // namespace kinesink::local
