// Where a row goes: its partition key and, if asked for, its explicit hash key.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/random.h"
#include "columnar/column.h"
#include "kinesink/choices.h"
#include "partition/key_text.h"

namespace kinesink::partition {

using KeySource = kinesink::PartitionKey;
using kinesink::OnBadKey;

struct PartitionOptions {
  KeySource source = KeySource::random;
  std::string constant;  // KeySource::constant
  std::string column;    // KeySource::column
  OnBadKey on_bad_key = OnBadKey::reject;
  std::string explicit_hash_key_column;  // empty: none
};

// Views stay valid until the next call, or until the Partitioner is moved.
struct RowKey {
  bool ok = true;  // false: error() says why the row is rejected
  std::string_view partition_key;
  std::string_view explicit_hash_key;  // decimal digits; empty: none
};

// A key column may hold any scalar: its text is that of the JSON format without quotes, binaries
// are lower-case hex digits, timestamps with a zone are in UTC and end in Z; a dictionary counts as
// its values. Null, empty and over-long keys (more than 256 characters), floats that are not finite
// and dates outside the years 0000 to 9999 are bad keys: on_bad_key decides.
//
// An explicit hash key column holds text (decimal digits as the service wants them), 16 bytes
// (big endian), integers, or decimals of scale 0. A row whose hash key is null, negative or outside
// the 128-bit hash space is rejected, whatever on_bad_key says: another key would go to another
// shard than the one asked for.
//
// One thread. No allocation per row.
class Partitioner {
 public:
  // Refuses a column that is missing or cannot be a key, naming it.
  static Result<Partitioner> make(const columnar::Schema& schema, const PartitionOptions& options,
                                  std::uint64_t seed);
  // The batch must have the schema that make() saw. Borrowed until the next bind.
  Result<void> bind(const columnar::Batch& batch);
  RowKey key(std::int64_t row) {
    if (is_plain_random_) [[likely]]
      return {true, random_key(), {}};
    return any_key(row);
  }
  // Keys are those of the row; else any row of a record may give it its keys.
  bool follows_rows() const { return key_index_ >= 0 || hash_index_ >= 0; }
  Error error() const;  // of the last row that was not ok: column, row, reason
  // Most bytes that key() ever returns, both keys together.
  std::size_t max_size() const;

 private:
  Partitioner(const PartitionOptions& options, std::uint64_t seed);
  Result<void> find_columns(const columnar::Schema& schema);
  RowKey any_key(std::int64_t row);
  KeyText partition_key(std::int64_t row);
  // Eight characters of 0-9 A-Z a-z - and . at once: 48 random bits.
  std::string_view random_key() {
    constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;
    const std::uint64_t values = random_.next() & 0x3f * kEach;
    const auto from = [values](std::uint64_t least) {  // 1 in each byte that has at least so much
      return (values + (0x80 - least) * kEach) >> 7 & kEach;
    };
    const std::uint64_t text = values + '0' * kEach + ('A' - '9' - 1) * from(10) +
                               ('a' - 'Z' - 1) * from(36) - ('z' + 1 - '-') * from(62);
    std::memcpy(key_scratch_.data(), &text, kRandomKeySize);
    return {key_scratch_.data(), kRandomKeySize};
  }
  std::string_view uuid_key();
  RowKey reject(KeyFault fault, std::int64_t row, bool in_hash);

  static constexpr std::size_t kRandomKeySize = sizeof(std::uint64_t);

  PartitionOptions options_;
  bool is_plain_random_ = false;  // random keys, and no column for hash keys
  Random random_;
  int key_index_ = -1;  // in the schema; -1: no column
  int hash_index_ = -1;
  const columnar::Column* key_column_ = nullptr;  // in the bound batch
  const columnar::Column* hash_column_ = nullptr;
  KeyScratch key_scratch_{};
  KeyScratch hash_scratch_{};
  KeyFault fault_ = KeyFault::none;  // of the last row that was not ok
  std::int64_t fault_row_ = 0;
  bool fault_in_hash_ = false;
};

}  // namespace kinesink::partition
