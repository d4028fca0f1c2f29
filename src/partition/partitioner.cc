#include "partition/partitioner.h"

#include <array>
#include <utility>

#include "columnar/text_check.h"
#include "kinesis/limits.h"

namespace kinesink::partition {
namespace {

// 48 bits in 8 letters: a million keys hardly ever meet, and their MD5 spreads them evenly.

constexpr std::size_t kUuidSize = 36;

Error refusal(std::string message, const std::string& column) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = column;
  return error;
}

Result<void> check_constant(const std::string& key) {
  if (!columnar::is_utf8(key)) {
    return make_error(ErrorKind::invalid_argument, "The constant partition key is not UTF-8.");
  }
  const std::size_t characters = count_characters(key);
  if (characters >= 1 && characters <= kinesis::kMaxPartitionKeyCharacters) return {};
  return make_error(ErrorKind::invalid_argument,
                    "The constant partition key has " + std::to_string(characters) +
                        " characters; allowed are 1 to " +
                        std::to_string(kinesis::kMaxPartitionKeyCharacters) + ".");
}

Result<int> find_column(const columnar::Schema& schema, const std::string& name,
                        std::string_view purpose, bool (*is_fit)(const columnar::Field&)) {
  const int index = schema.index_of(name);
  if (index < 0) {
    return refusal("There is no such column to take the " + std::string(purpose) + " from.", name);
  }
  const columnar::Field& field = schema.fields[static_cast<std::size_t>(index)];
  if (!is_fit(field)) {
    return refusal("A column of type " + std::string(columnar::name_of(field.type)) +
                       " cannot be the " + std::string(purpose) + ".",
                   name);
  }
  return index;
}

Result<const columnar::Column*> column_at(const columnar::Batch& batch, int index) {
  if (index < 0) return nullptr;
  if (static_cast<std::size_t>(index) >= batch.columns.size()) {
    return make_error(ErrorKind::internal, "The batch has fewer columns than its schema.");
  }
  return &batch.columns[static_cast<std::size_t>(index)];
}

}  // namespace

std::string_view describe(KeyFault fault) {
  switch (fault) {
    case KeyFault::none:
      break;
    case KeyFault::null:
      return "The partition key is null.";
    case KeyFault::empty:
      return "The partition key is empty.";
    case KeyFault::too_long:
      return "The partition key has more than 256 characters.";
    case KeyFault::not_finite:
      return "The partition key is not a finite number.";
    case KeyFault::out_of_range:
      return "The partition key is a date or time outside the years 0000 to 9999 or outside the "
             "day.";
    case KeyFault::hash_null:
      return "The explicit hash key is null.";
    case KeyFault::hash_text:
      return "The explicit hash key is not a decimal number of 0 to 2^128 - 1 without leading "
             "zeros.";
    case KeyFault::hash_negative:
      return "The explicit hash key is negative.";
    case KeyFault::hash_too_large:
      return "The explicit hash key is greater than 2^128 - 1.";
    case KeyFault::hash_size:
      return "The explicit hash key has not 16 bytes.";
  }
  return "The key is not bad.";
}

Partitioner::Partitioner(const PartitionOptions& options, std::uint64_t seed)
    : options_(options), random_(seed) {}

Result<Partitioner> Partitioner::make(const columnar::Schema& schema,
                                      const PartitionOptions& options, std::uint64_t seed) {
  Partitioner partitioner(options, seed);
  if (options.source == KeySource::constant) KINESINK_TRY(check_constant(options.constant));
  KINESINK_TRY(partitioner.find_columns(schema));
  partitioner.is_plain_random_ = options.source == KeySource::random && partitioner.hash_index_ < 0;
  return partitioner;
}

Result<void> Partitioner::find_columns(const columnar::Schema& schema) {
  if (options_.source == KeySource::column) {
    KINESINK_ASSIGN(key_index_,
                    find_column(schema, options_.column, "partition key", can_be_partition_key));
  }
  if (!options_.explicit_hash_key_column.empty()) {
    KINESINK_ASSIGN(hash_index_, find_column(schema, options_.explicit_hash_key_column,
                                             "explicit hash key", can_be_hash_key));
  }
  return {};
}

Result<void> Partitioner::bind(const columnar::Batch& batch) {
  KINESINK_ASSIGN(key_column_, column_at(batch, key_index_));
  KINESINK_ASSIGN(hash_column_, column_at(batch, hash_index_));
  return {};
}

RowKey Partitioner::any_key(std::int64_t row) {
  const KeyText key = partition_key(row);
  if (key.fault != KeyFault::none) return reject(key.fault, row, false);
  RowKey result{true, key.text, {}};
  if (hash_column_ != nullptr) {
    const KeyText hash = hash_key_of(*hash_column_, row, hash_scratch_);
    if (hash.fault != KeyFault::none) return reject(hash.fault, row, true);
    result.explicit_hash_key = hash.text;
  }
  return result;
}

KeyText Partitioner::partition_key(std::int64_t row) {
  switch (options_.source) {
    case KeySource::random:
      break;
    case KeySource::uuid:
      return {KeyFault::none, uuid_key()};
    case KeySource::constant:
      return {KeyFault::none, options_.constant};
    case KeySource::column: {
      const KeyText key = partition_key_of(*key_column_, row, key_scratch_);
      if (key.fault == KeyFault::none || options_.on_bad_key == OnBadKey::reject) return key;
      break;
    }
  }
  return {KeyFault::none, random_key()};
}

// Version 4, variant 1 (RFC 9562, section 5.4).
std::string_view Partitioner::uuid_key() {
  constexpr char kHex[] = "0123456789abcdef";
  const std::uint64_t high = (random_.next() & ~std::uint64_t{0xf000}) | 0x4000;
  const std::uint64_t low = (random_.next() & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62;
  char* out = key_scratch_.data();
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) *out++ = '-';
    const std::uint64_t half = digit < 16 ? high : low;
    *out++ = kHex[half >> (60 - 4 * (digit % 16)) & 15];
  }
  return {key_scratch_.data(), kUuidSize};
}

RowKey Partitioner::reject(KeyFault fault, std::int64_t row, bool in_hash) {
  fault_ = fault;
  fault_row_ = row;
  fault_in_hash_ = in_hash;
  return {false, {}, {}};
}

Error Partitioner::error() const {
  Error error = make_error(ErrorKind::invalid_data, std::string(describe(fault_)));
  error.column = fault_in_hash_ ? options_.explicit_hash_key_column : options_.column;
  error.row = fault_row_;
  return error;
}

std::size_t Partitioner::max_size() const {
  const std::size_t hash = hash_index_ < 0 ? 0 : kinesis::kMaxExplicitHashKeyDigits;
  switch (options_.source) {
    case KeySource::random:
      return kRandomKeySize + hash;
    case KeySource::uuid:
      return kUuidSize + hash;
    case KeySource::constant:
      return options_.constant.size() + hash;
    case KeySource::column:
      break;
  }
  return kinesis::kMaxPartitionKeyBytes + hash;
}

}  // namespace kinesink::partition
