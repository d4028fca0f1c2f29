// Where a row goes: its partition key and, if asked for, its explicit hash key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "columnar/column.h"
#include "kinesink/choices.h"

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

// Views stay valid until the next call.
struct RowKey {
  bool ok = true;  // false: error() says why the row is rejected
  std::string_view partition_key;
  std::string_view explicit_hash_key;  // decimal digits; empty: none
};

// One thread. No allocation per row.
class Partitioner {
 public:
  static Result<Partitioner> make(const columnar::Schema& schema, const PartitionOptions& options,
                                  std::uint64_t seed);
  Result<void> bind(const columnar::Batch& batch);
  RowKey key(std::int64_t row);
  Error error() const;  // of the last row that was not ok: column, row, reason
  // Most bytes that key() ever returns, both keys together.
  std::size_t max_size() const;
  // ... private members are the implementer's
};

}  // namespace kinesink::partition
