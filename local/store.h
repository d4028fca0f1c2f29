// What the local server keeps: streams, their shards with lineage, and the records.
//
// All changes go through the few methods of Store, with the time as an argument, and are told to
// the journal if there is one. The service says with keep() that a stream's description is final.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinesis/hash_key.h"
#include "kinesis/limits.h"
#include "local/record_log.h"
#include "local/sequence.h"

namespace kinesink::local {

// Tokens that come back with time: what a shard may take per second. Full at first.
struct TokenBucket {
  double tokens = 0;
  std::int64_t filled_ms = -1'000'000'000'000;

  // Brings the tokens up to `now_ms`: so many per second, at most `capacity`.
  void fill(std::int64_t now_ms, double per_second, double capacity);
};

// shardId-000000000000
std::string shard_id_of(std::uint32_t index);

struct Shard {
  Shard(std::uint32_t index_in_stream, kinesis::HashKeyRange of, std::int64_t now_ms);

  std::uint32_t index;  // in its stream
  kinesis::HashKeyRange range;
  std::optional<std::uint32_t> parent;
  std::optional<std::uint32_t> adjacent_parent;
  std::vector<std::uint32_t> children;
  std::int64_t created_ms;
  std::optional<std::int64_t> closed_ms;
  RecordLog log;
  TokenBucket bytes;
  TokenBucket records;
  SequenceWriter writer;

  bool is_open() const { return !closed_ms.has_value(); }
  const std::string& id() const { return id_; }
  // The sequence number of one of its records, of its start (0), or of its end.
  std::string sequence_number(std::uint64_t record_index, std::int64_t time_ms) const;
  std::string starting_sequence_number() const;
  std::string ending_sequence_number() const;  // of a closed shard

 private:
  std::string id_;
};

struct Stream {
  std::string name;
  std::int64_t created_ms = 0;
  std::int64_t active_ms = 0;  // ACTIVE from then on, before that CREATING
  bool on_demand = false;
  std::size_t max_record_bytes = kinesis::kDefaultMaxRecordBytes;
  std::vector<std::unique_ptr<Shard>> shards;  // open and closed, by index
  std::vector<Shard*> open;                    // by range

  Shard& shard_of(kinesis::HashKey key);
  std::size_t index_in_open(kinesis::HashKey key) const;
};

struct StoreOptions {
  // Of all records together; the oldest chunks of the fullest shard go when there are more.
  std::size_t max_bytes = 2048 * kMiB;
  bool discard = false;  // counts records and gives them sequence numbers, keeps none
};

class Journal;

class Store {
 public:
  explicit Store(StoreOptions options) : options_(options) {}

  Stream* find(std::string_view name);
  const Stream* find(std::string_view name) const;
  const std::map<std::string, std::unique_ptr<Stream>, std::less<>>& streams() const {
    return streams_;
  }

  // Told of all changes from now on; outlives the store. nullptr: none.
  void tell(Journal* journal) { journal_ = journal; }

  // Precondition of all changes: the service checked the arguments.
  Stream& create(std::string_view name, std::uint32_t shards, std::int64_t now_ms,
                 std::int64_t active_ms);
  // A stream without shards, for a journal that fills the store.
  Stream& add(std::string_view name);
  // After a change of a stream other than by append.
  void keep(const Stream& stream);
  void remove(std::string_view name);
  // Returns the record's index in the shard.
  std::uint64_t append(Shard& shard, std::int64_t now_ms, std::string_view data,
                       std::string_view partition_key);
  // The same, and tells the journal.
  std::uint64_t append(const Stream& stream, Shard& shard, std::int64_t now_ms,
                       std::string_view data, std::string_view partition_key);
  void split(Stream& stream, Shard& shard, kinesis::HashKey new_starting_key, std::int64_t now_ms);
  void merge(Stream& stream, Shard& lower, Shard& upper, std::int64_t now_ms);

  std::size_t committed_bytes() const { return committed_; }
  std::uint64_t trimmed_records() const { return trimmed_; }
  std::size_t open_shard_count() const;

 private:
  Shard& add_shard(Stream& stream, kinesis::HashKeyRange range, std::int64_t now_ms);
  void trim();

  StoreOptions options_;
  Journal* journal_ = nullptr;
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams_;
  std::size_t committed_ = 0;
  std::uint64_t trimmed_ = 0;
};

}  // namespace kinesink::local
