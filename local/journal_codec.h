// What a journal's entries hold, and how a store is made of them again. Integers are little endian.
//
//   entry   = stream | removed | records
//   stream  = 1, the whole description of a stream and its shards, which replaces what was known
//   removed = 2, name
//   records = 3, name of the stream, count, (shard, arrival, size of key, size of data, key, data)*
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kinesink/result.h"
#include "local/store.h"

namespace kinesink::local {

// Entries one after the other, in one buffer.
class EntryWriter {
 public:
  explicit EntryWriter(std::string& out) : out_(out) {}

  void stream(const Stream& stream);
  void removed(std::string_view name);
  // Records of one stream that follow each other make one entry.
  void record(std::string_view stream, std::uint32_t shard, std::int64_t arrival_ms,
              std::string_view data, std::string_view partition_key);
  // The next record begins an entry of its own.
  void end_records() { records_at_ = 0; }

 private:
  std::string& out_;
  std::size_t records_at_ = 0;  // where the open entry's count stands; 0: none is open
  std::uint32_t records_ = 0;
};

// Does to `store` what the entries say. An error (invalid_data) if they are none.
Result<void> apply_entries(std::string_view entries, Store& store);

}  // namespace kinesink::local
