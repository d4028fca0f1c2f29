// The loop over rows: each is written straight into the open request body. No allocation, lock,
// virtual call or copy per row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/serializer.h"
#include "kinesis/request_body.h"
#include "partition/partitioner.h"

namespace kinesink::sink {

// The rules a record must keep.
struct RecordLimits {
  std::size_t max_record_count = 0;
  std::size_t max_data_size = 0;    // payload and key bytes of a request
  std::size_t max_record_size = 0;  // payload and key bytes of a record
};

enum class FillEnd : std::uint8_t {
  done,      // all rows asked for
  full,      // the body takes no more; the row to go on with is `next_row`
  carried,   // as full, and the payload of `next_row` lies in the carry buffer
  skipped,   // next_row was left out by policy; go on after it
  rejected,  // next_row cannot be stored; `error` says why; go on after it
};

// A payload that did not fit the body any more, kept so that the row is not serialized twice.
// Reused: bounded by one record.
struct Carry {
  std::vector<std::uint8_t> payload;
  bool full = false;
};

struct FillResult {
  FillEnd end = FillEnd::done;
  std::int64_t next_row = 0;
};

inline Error too_large_record(std::int64_t row, std::optional<std::size_t> size,
                              std::size_t max_record_size) {
  Error error = make_error(ErrorKind::invalid_data,
                           "the record is larger than the " + std::to_string(max_record_size) +
                               " bytes, payload and keys, that the stream or record_size_limit "
                               "allows" +
                               (size ? ": it has " + std::to_string(*size) : std::string()));
  error.row = row;
  return error;
}

// What fillers do with rows that do not go into the body.
class Rejects {
 public:
  // Why the last row was rejected.
  const Error& error() const { return error_; }

 protected:
  explicit Rejects(const RecordLimits& limits) : limits_(limits) {}
  ~Rejects() = default;

  FillEnd reject(Error error) {
    error_ = std::move(error);
    return FillEnd::rejected;
  }
  // `size`: of payload and keys, if it is known.
  FillEnd reject_too_large(std::int64_t row, std::optional<std::size_t> size) {
    return reject(too_large_record(row, size, limits_.max_record_size));
  }
  template <typename Plan>
  FillEnd not_written(const Plan& plan, const kinesis::RequestBody& body, std::int64_t row,
                      format::RowStatus status) {
    if (status == format::RowStatus::skipped) return FillEnd::skipped;
    if (status == format::RowStatus::invalid) return reject(plan.error());
    // An empty body has room for the largest record there may be.
    if (body.record_count() > 0) return FillEnd::full;
    return reject_too_large(row, std::nullopt);
  }

  const RecordLimits& limits_;

 private:
  Error error_;
};

// One row's way into a body. Borrows everything for one call of process_batch.
template <typename Plan>
class RowFiller : public Rejects {
 public:
  // Rows that are written between two looks at the age of the open body.
  static constexpr std::int64_t kRowsPerBlock = 64;

  RowFiller(Plan& plan, partition::Partitioner& keys, const RecordLimits& limits, Carry& carry)
      : Rejects(limits), plan_(plan), keys_(keys), carry_(carry) {}

  // Writes rows [row, end) into `body`; their sequence numbers start at `sequence`.
  FillResult fill(kinesis::RequestBody& body, std::int64_t row, std::int64_t end,
                  std::int64_t sequence) {
    for (; row < end; ++row, ++sequence) {
      std::uint8_t* const begin = body.begin_entry();  // counts the records, too
      if (begin == nullptr) [[unlikely]]
        return {FillEnd::full, row};
      const partition::RowKey key = keys_.key(row);
      if (!key.ok) [[unlikely]]
        return {reject(keys_.error()), row};
      const std::size_t key_size = key.partition_key.size() + key.explicit_hash_key.size();
      const format::RowResult written =
          carry_.full ? carried(begin) : plan_.write_row(row, begin, body.payload_limit(key_size));
      if (written.status != format::RowStatus::written) [[unlikely]]
        return {not_written(plan_, body, row, written.status), row};
      const std::size_t charged = static_cast<std::size_t>(written.end - begin) + key_size;
      if (charged > limits_.max_record_size) [[unlikely]]
        return {reject_too_large(row, charged), row};
      if (body.data_size() + charged > limits_.max_data_size && body.record_count() > 0)
          [[unlikely]] {
        carry_.payload.assign(begin, written.end);
        carry_.full = true;
        return {FillEnd::carried, row};
      }
      body.end_entry(written.end, key.partition_key, key.explicit_hash_key, sequence);
    }
    return {FillEnd::done, row};
  }

 private:
  // The payload that did not fit the body before.
  format::RowResult carried(std::uint8_t* begin) {
    std::memcpy(begin, carry_.payload.data(), carry_.payload.size());
    carry_.full = false;
    return {format::RowStatus::written, begin + carry_.payload.size()};
  }

  Plan& plan_;
  partition::Partitioner& keys_;
  Carry& carry_;
};

}  // namespace kinesink::sink
