// The body of one PutRecords request, written row by row in its final encoding.
//
// CBOR (application/x-amz-cbor-1.1):
//   map(2) { "StreamName" | "StreamARN": text, "Records": array(0x99, 2-byte count) [ entry... ] }
//   entry = map(2 or 3) { "Data": bytes(0x5a, 4-byte length) payload, "PartitionKey": text [,
//   "ExplicitHashKey": text] }
// JSON (application/x-amz-json-1.1): the same members, Data in base64.
// Entries are self-contained: a retry copies their bytes and never serializes a row again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kinesis/limits.h"

namespace kinesink::kinesis {

enum class Wire : std::uint8_t { cbor, json };

std::string_view content_type_of(Wire wire);

// The stream as a request names it: StreamARN if it is an ARN, else StreamName.
struct StreamReference {
  std::string text;
  bool is_arn() const { return text.starts_with("arn:"); }
};

// One record in a body.
struct Entry {
  std::uint32_t begin = 0;  // encoded bytes [begin, end) in the body
  std::uint32_t end = 0;
  std::uint32_t payload_size = 0;
  std::uint32_t charged_size = 0;  // payload and keys: what flush policy and service limits count
  std::int64_t row = 0;            // sequence number of its (first) row in the sink
  std::uint32_t rows = 1;
};

// A fixed-size buffer with an envelope and entries. One thread at a time. Never reallocates after
// construction; memory that was never written is never committed.
class RequestBody {
 public:
  // `max_data_size`: payload and key bytes it must have room for; one further record of
  // `max_record_size` always fits.
  RequestBody(Wire wire, const StreamReference& stream, std::size_t max_record_count,
              std::size_t max_data_size, std::size_t max_record_size);

  // --- writing a row
  // Where the next payload goes; nullptr if the count or the room is used up. The payload may reach
  // up to payload_limit(), which keeps room for `key_size` bytes of keys and the entry's own
  // framing.
  std::uint8_t* begin_entry() {
    if (entries_.size() == max_record_count_ || size_ + kEntryOverhead > capacity_) return nullptr;
    return wire_ == Wire::cbor ? buffer_.get() + size_ + kCborDataHead : staging_.get();
  }
  std::uint8_t* payload_limit(std::size_t key_size) const {
    const std::size_t used = size_ + kEntryOverhead + key_size * kKeyGrowth(wire_);
    const std::size_t room = capacity_ - std::min(capacity_, used);
    if (wire_ == Wire::cbor) return buffer_.get() + size_ + kCborDataHead + room;
    return staging_.get() + std::min(staging_size_, room / 4 * 3);
  }
  // Completes the entry begun; the payload is [begin_entry(), payload_end), of rows
  // [row, row + rows).
  void end_entry(std::uint8_t* payload_end, std::string_view partition_key,
                 std::string_view explicit_hash_key, std::int64_t row, std::uint32_t rows = 1) {
    if (wire_ == Wire::cbor && explicit_hash_key.empty() && partition_key.size() <= kShortKey)
        [[likely]] {
      return end_plain_entry(payload_end, partition_key, row, rows);
    }
    end_any_entry(payload_end, partition_key, explicit_hash_key, row, rows);
  }

  // --- moving entries between bodies of the same wire (retries, splits)
  // Also keeps to max_data_size, unless the entry stands alone.
  bool fits(const Entry& entry) const;
  // Precondition: fits(entry).
  void append_entry(const RequestBody& from, const Entry& entry);
  // Keeps the entries whose index is in `keep` (ascending), in place.
  void compact(std::span<const std::uint32_t> keep);
  void clear();
  // Gives memory beyond the entries back to the system, whole pages of it.
  void trim();

  // --- reading
  std::span<const Entry> entries() const { return entries_; }
  std::size_t record_count() const { return entries_.size(); }
  std::size_t data_size() const { return data_size_; }  // sum of charged sizes
  std::uint64_t row_count() const { return row_count_; }
  std::uint64_t payload_size() const { return payload_size_; }  // sum of payload sizes
  std::size_t capacity() const { return capacity_; }
  // Memory ever written, also by what was cleared since.
  std::size_t committed_bytes() const { return std::max(high_water_, size_) + staging_high_water_; }
  Wire wire() const { return wire_; }
  // Patches the count and closes; the finished request. Valid until the next change.
  std::string_view seal();
  // The SHA-256 of what seal() returns, known until the next change once it was set.
  using Digest = std::array<std::uint8_t, 32>;
  const std::optional<Digest>& digest() const { return digest_; }
  void set_digest(const Digest& digest) { digest_ = digest; }

  struct Decoded {
    std::string_view payload;
    std::string_view partition_key;
    std::string_view explicit_hash_key;  // empty: none
  };
  // Payload and keys of an entry (for dead letters and transcoding). Views into the body; a JSON
  // payload is decoded into `scratch`.
  Decoded decode(const Entry& entry, std::string& scratch) const;

 private:
  // Framing of an entry and the closing bytes of the body, without payload and keys, in either
  // wire.
  static constexpr std::size_t kEntryOverhead = 96;
  static constexpr std::size_t kCborDataHead = 11;  // map head, "Data", byte string head
  // A control character of a key takes six bytes in JSON.
  static constexpr std::size_t kKeyGrowth(Wire wire) { return wire == Wire::cbor ? 1 : 6; }

  // Such keys have a head of one byte.
  static constexpr std::size_t kShortKey = 23;
  static constexpr std::size_t kCborKeyHead = 14;  // "PartitionKey", head of the key's text

  // In CBOR, with a short partition key and no explicit hash key.
  void end_plain_entry(std::uint8_t* payload_end, std::string_view partition_key, std::int64_t row,
                       std::uint32_t rows) {
    std::uint8_t* const begin = buffer_.get() + size_;
    const auto payload_size = static_cast<std::uint32_t>(
        payload_end - begin - static_cast<std::ptrdiff_t>(kCborDataHead));
    std::memcpy(begin,
                "\xa2\x64"
                "Data\x5a",
                kCborDataHead - 4);
    const std::uint32_t length = __builtin_bswap32(payload_size);
    std::memcpy(begin + kCborDataHead - 4, &length, sizeof(length));
    std::memcpy(payload_end, "\x6cPartitionKey", kCborKeyHead - 1);
    std::uint8_t* const key = payload_end + kCborKeyHead;
    key[-1] = static_cast<std::uint8_t>(0x60 | partition_key.size());
    if (partition_key.size() == 8) {
      std::memcpy(key, partition_key.data(), 8);
    } else {
      std::memcpy(key, partition_key.data(), partition_key.size());
    }
    add_entry(begin, key + partition_key.size(), payload_size,
              payload_size + static_cast<std::uint32_t>(partition_key.size()), row, rows);
  }
  void add_entry(const std::uint8_t* begin, const std::uint8_t* end, std::uint32_t payload_size,
                 std::uint32_t charged_size, std::int64_t row, std::uint32_t rows) {
    Entry entry;
    entry.begin = static_cast<std::uint32_t>(begin - buffer_.get());
    entry.end = static_cast<std::uint32_t>(end - buffer_.get());
    entry.payload_size = payload_size;
    entry.charged_size = charged_size;
    entry.row = row;
    entry.rows = rows;
    entries_.push_back(entry);
    digest_.reset();
    size_ = entry.end;
    count(entry);
  }
  void count(const Entry& entry) {
    data_size_ += entry.charged_size;
    payload_size_ += entry.payload_size;
    row_count_ += entry.rows;
  }
  void end_any_entry(std::uint8_t* payload_end, std::string_view partition_key,
                     std::string_view explicit_hash_key, std::int64_t row, std::uint32_t rows);
  std::uint8_t* write_cbor(std::uint8_t* begin, std::uint8_t* payload_end,
                           std::string_view partition_key, std::string_view explicit_hash_key);
  std::uint8_t* write_json(std::uint8_t* begin, const std::uint8_t* payload_end,
                           std::string_view partition_key, std::string_view explicit_hash_key);
  void write_envelope(const StreamReference& stream);

  Wire wire_;
  std::size_t max_record_count_;
  std::size_t max_data_size_;
  std::size_t capacity_;
  std::size_t envelope_size_ = 0;  // bytes before the first entry
  std::size_t size_ = 0;           // bytes used, without the closing bytes
  std::size_t high_water_ = 0;
  std::size_t data_size_ = 0;
  std::uint64_t payload_size_ = 0;
  std::uint64_t row_count_ = 0;
  std::unique_ptr<std::uint8_t[]> buffer_;
  // JSON only: where a payload is written before it becomes base64.
  std::size_t staging_size_ = 0;
  std::size_t staging_high_water_ = 0;
  std::unique_ptr<std::uint8_t[]> staging_;
  std::vector<Entry> entries_;
  std::optional<Digest> digest_;
};

}  // namespace kinesink::kinesis
