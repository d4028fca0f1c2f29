// Avro: a record is the datum of a row, bare or in one of the usual envelopes.
//
//   datum          the fields of the row, one after another
//   confluent      00, the schema's id (4 bytes, big endian), datum
//   single_object  C3 01, CRC-64-AVRO of the schema (8 bytes, little endian), datum
//   container      Obj 01, schema, sync marker; 1, size of the datum, datum, sync marker
//
// docs/formats/avro.md has the type of each column.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "format/avro_step.h"
#include "format/avro_writer.h"
#include "format/options.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
class AvroPlan {
 public:
  static Result<AvroPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  // The schema that rows are written by, as JSON; symbols of enumerations that come from
  // dictionaries are known once a batch was bound.
  std::string schema_text() const;
  Result<void> bind(const columnar::Batch& batch);

  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    // Room is asked for once per block of rows: what holds for all of its rows together holds for
    // each.
    if (static_cast<std::uint64_t>(row - block_begin_) >= kBlockRows) [[unlikely]]
      start_block(row);
    if (limit - begin < block_bound_ || encoding_ == AvroEncoding::container) [[unlikely]]
      return write_carefully(row, begin, limit);
    return write_unchecked(row, begin);
  }
  Error error() const;

 private:
  static constexpr std::uint64_t kBlockRows = 64;
  static constexpr std::size_t kMaxPrefix = 16;
  static constexpr std::size_t kSyncSize = 16;

  AvroPlan() = default;
  void complete();
  void start_block(std::int64_t row);
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    std::memcpy(begin, prefix_.data(), kMaxPrefix);
    AvroWriter<false> writer(nullptr);
    std::uint8_t* const end = writer.fields(fields_, row, begin + prefix_size_);
    if (end == nullptr) [[unlikely]]
      return fail(row, begin, writer.failure());
    return {RowStatus::written, end};
  }
  RowResult write_carefully(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult write_datum(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult write_container(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult fail(std::int64_t row, std::uint8_t* begin, const AvroFailure& failure);

  AvroEncoding encoding_ = AvroEncoding::datum;
  std::size_t prefix_size_ = 0;
  std::array<std::uint8_t, kMaxPrefix> prefix_{};
  std::vector<AvroStep> fields_;
  std::int64_t block_begin_ = 0;
  std::int64_t block_bound_ = 0;
  std::int64_t batch_length_ = 0;
  std::size_t batch_width_ = 0;
  std::vector<int> columns_;  // index in the batch of each column that is written
  std::string header_;        // of a container
  std::array<char, kSyncSize> sync_{};
  std::uint32_t schema_id_ = 0;
  AvroSchema schema_;
  std::string given_;  // the user's schema
  AvroFailure failure_;
  std::int64_t failed_row_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace kinesink::format
