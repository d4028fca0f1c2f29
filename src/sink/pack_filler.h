// The loop over rows where a record holds framed rows: as many as packed_record_size says, all of
// one batch, one after another and with the same keys. As in row_filler.h they are written straight
// into the open request body.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "sink/row_filler.h"

namespace kinesink::sink {

// How a record's rows are told from one another.
struct Packing {
  Framing framing = Framing::none;
  std::size_t record_size = 0;  // bytes of payload; no row is added that would exceed them; 0: one
                                // row a record
};

// A batch's way into bodies. Borrows everything for one call of process_batch.
template <typename Plan>
class PackFiller : public Rejects {
 public:
  // Rows that are offered between two looks at the age of the open body: those of one record.
  static constexpr std::int64_t kRowsPerBlock = std::int64_t{1} << 20;

  PackFiller(Plan& plan, partition::Partitioner& keys, const RecordLimits& limits,
             const Packing& packing)
      : Rejects(limits), plan_(plan), keys_(keys), packing_(packing) {}

  // Writes one record of rows [row, end) into `body`; what it did not take is next.
  FillResult fill(kinesis::RequestBody& body, std::int64_t row, std::int64_t end,
                  std::int64_t sequence) {
    std::uint8_t* const begin = body.begin_entry();
    if (begin == nullptr) return {FillEnd::full, row};
    const partition::RowKey key = keys_.key(row);
    if (!key.ok) return {reject(keys_.error()), row};
    partition_key_ = key.partition_key;
    explicit_hash_key_ = key.explicit_hash_key;
    const std::size_t key_size = partition_key_.size() + explicit_hash_key_.size();
    std::uint8_t* const limit = body.payload_limit(key_size);

    const format::RowResult first = framed(row, begin, limit);
    if (first.status != format::RowStatus::written)
      return {not_written(plan_, body, row, first.status), row};
    const std::size_t size = static_cast<std::size_t>(first.end - begin) + key_size;
    if (size > limits_.max_record_size) return {reject_too_large(row, size), row};
    if (body.record_count() > 0 && body.data_size() + size > limits_.max_data_size)
      return {FillEnd::full, row};

    const std::size_t room =
        std::min(limits_.max_record_size,
                 limits_.max_data_size - std::min(limits_.max_data_size, body.data_size()));
    const std::size_t most = std::min(packing_.record_size, room - std::min(room, key_size));
    std::uint8_t* out = first.end;
    std::int64_t next = row + 1;
    for (; next < end && has_same_keys(next); ++next) {
      // A row that is not kept is met again as the first one of the next record. Writing has all
      // the body's room, because a plan is slower near a limit.
      const format::RowResult more = framed(next, out, limit);
      if (more.status != format::RowStatus::written) break;
      if (static_cast<std::size_t>(more.end - begin) > most) break;
      out = more.end;
    }
    body.end_entry(out, partition_key_, explicit_hash_key_, sequence,
                   static_cast<std::uint32_t>(next - row));
    return {FillEnd::done, next};
  }

 private:
  static constexpr std::size_t kLengthPrefix = 4;  // bytes, big endian

  format::RowResult framed(std::int64_t row, std::uint8_t* out, std::uint8_t* limit) {
    const std::size_t framing = packing_.framing == Framing::length_prefixed ? kLengthPrefix
                                : packing_.framing == Framing::newline       ? 1
                                                                             : 0;
    if (static_cast<std::size_t>(limit - out) < framing)
      return {format::RowStatus::no_room, nullptr};
    if (packing_.framing != Framing::length_prefixed) {
      format::RowResult written = plan_.write_row(row, out, limit - framing);
      if (framing > 0 && written.status == format::RowStatus::written) *written.end++ = '\n';
      return written;
    }
    std::uint8_t* const text = out + kLengthPrefix;
    const format::RowResult written = plan_.write_row(row, text, limit);
    if (written.status == format::RowStatus::written) {
      const auto size = __builtin_bswap32(static_cast<std::uint32_t>(written.end - text));
      std::memcpy(out, &size, kLengthPrefix);
    }
    return written;
  }

  bool has_same_keys(std::int64_t row) {
    if (!keys_.follows_rows()) return true;
    const partition::RowKey key = keys_.key(row);
    return key.ok && key.partition_key == partition_key_ &&
           key.explicit_hash_key == explicit_hash_key_;
  }

  Plan& plan_;
  partition::Partitioner& keys_;
  const Packing packing_;
  std::string partition_key_;  // of the open record
  std::string explicit_hash_key_;
};

}  // namespace kinesink::sink
