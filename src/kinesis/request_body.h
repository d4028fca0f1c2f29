// The body of one PutRecords request, written row by row in its final encoding.
//
// CBOR (application/x-amz-cbor-1.1):
//   map(2) { "StreamName" | "StreamARN": text, "Records": array(0x99, 2-byte count) [ entry... ] }
//   entry = map(2 or 3) { "Data": bytes(0x5a, 4-byte length) payload, "PartitionKey": text [,
//   "ExplicitHashKey": text] }
// JSON (application/x-amz-json-1.1): the same members, Data in base64.
// Entries are self-contained: a retry copies their bytes and never serializes a row again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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
// construction.
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
  std::uint8_t* begin_entry();
  std::uint8_t* payload_limit(std::size_t key_size) const;
  // Completes the entry begun; the payload is [begin_entry(), payload_end).
  void end_entry(std::uint8_t* payload_end, std::string_view partition_key,
                 std::string_view explicit_hash_key, std::int64_t row);
  // Takes the last completed entry back (it did not fit the flush policy): its bytes go to `to`,
  // same wire.
  void move_last_entry(RequestBody& to);

  // --- moving entries between bodies (retries, splits, compaction)
  bool fits(const Entry& entry) const;
  void append_entry(const RequestBody& from, const Entry& entry);
  // Keeps the entries whose index is in `keep` (ascending), in place.
  void compact(std::span<const std::uint32_t> keep);
  void clear();

  // --- reading
  std::span<const Entry> entries() const;
  std::size_t record_count() const;
  std::size_t data_size() const;        // sum of charged sizes
  std::size_t committed_bytes() const;  // memory this body holds
  Wire wire() const;
  // Patches count and closing bytes; the finished request. Valid until the next change.
  std::string_view seal();
  // Payload and keys of an entry, decoded (for dead letters and transcoding); JSON payloads are
  // decoded into `scratch`.
  struct Decoded {
    std::string_view payload;
    std::string_view partition_key;
    std::string_view explicit_hash_key;
  };
  Decoded decode(const Entry& entry, std::string& scratch) const;
  // The same records in the other wire.
  std::unique_ptr<RequestBody> transcode(Wire wire) const;
};

}  // namespace kinesink::kinesis
