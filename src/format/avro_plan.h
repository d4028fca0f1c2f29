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

#include "format/avro_block.h"
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
    if (static_cast<std::uint64_t>(row - block_begin_) >= block_rows_) [[unlikely]]
      start_block(row);
    if (!is_made_) [[unlikely]]
      return write_alone(row, begin, limit);
    const std::string_view datum = block_.datum(static_cast<std::size_t>(row - block_begin_));
    const std::size_t size = prefix_size_ + datum.size();
    if (limit - begin < static_cast<std::ptrdiff_t>(size + kSlack) || datum.data() == nullptr)
        [[unlikely]]
      return write_alone(row, begin, limit);
    std::memcpy(begin, prefix_.data(), kMaxPrefix);
    std::uint8_t* out = begin + prefix_size_;
    const char* in = datum.data();
    for (std::size_t left = datum.size();; left -= kAvroBlock) {
      std::memcpy(out, in, kAvroBlock);
      if (left <= kAvroBlock) return {RowStatus::written, out + left};
      out += kAvroBlock;
      in += kAvroBlock;
    }
  }
  Error error() const;

 private:
  static constexpr std::size_t kMaxPrefix = 16;
  static constexpr std::size_t kSlack = 64;  // that a datum may be copied with more than it has
  static constexpr std::size_t kSyncSize = 16;

  AvroPlan() = default;
  void complete();
  void start_block(std::int64_t row);
  RowResult write_alone(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult write_datum(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult write_container(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult fail(std::int64_t row, std::uint8_t* begin, const AvroFailure& failure);

  AvroEncoding encoding_ = AvroEncoding::datum;
  std::size_t prefix_size_ = 0;
  std::array<std::uint8_t, kMaxPrefix> prefix_{};
  std::vector<AvroStep> fields_;
  std::int64_t block_begin_ = 0;
  std::uint64_t block_rows_ = 0;
  bool is_made_ = false;  // the block; if not, each row is written by itself
  AvroBlock block_;
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
