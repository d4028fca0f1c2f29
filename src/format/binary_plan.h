// MessagePack and CBOR: one map per row, keys in the order of the columns. docs/formats/msgpack.md
// and docs/formats/cbor.md have the form of each type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/binary_step.h"
#include "format/binary_writer.h"
#include "format/cbor_encoding.h"
#include "format/msgpack_encoding.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
template <typename Encoding>
class BinaryPlan {
 public:
  static Result<BinaryPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  // As ArrowSerializer says.
  std::vector<std::string> describe() const;
  Result<void> bind(const columnar::Batch& batch);

  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    // Room is asked for once per block of rows: what holds for all of its rows together holds for
    // each.
    if (static_cast<std::uint64_t>(row - block_begin_) >= kBlockRows) [[unlikely]]
      start_block(row);
    if (limit - begin < block_bound_) [[unlikely]]
      return write_near_limit(row, begin, limit);
    return write_unchecked(row, begin);
  }
  Error error() const;

 private:
  static constexpr std::uint64_t kBlockRows = 64;

  void start_block(std::int64_t row);
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.structure(members_, row, reinterpret_cast<char*>(begin));
    if (end == nullptr) [[unlikely]]
      return fail(row, begin, writer_.failure());
    return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
  }
  RowResult write_near_limit(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  RowResult fail(std::int64_t row, std::uint8_t* begin, const BinaryFailure& failure);
  BinaryPlan() : writer_(nullptr) {}

  BinaryWriter<Encoding, false> writer_;
  std::vector<BinaryStep> members_;
  std::vector<int> columns_;  // index in the batch of each member
  std::size_t batch_width_ = 0;
  std::int64_t batch_length_ = 0;
  std::int64_t block_begin_ = 0;
  std::int64_t block_bound_ = 0;
  BinaryFailure failure_;
  std::int64_t failed_row_ = 0;
  std::vector<std::string> notes_;
};

extern template class BinaryPlan<MsgpackEncoding>;
extern template class BinaryPlan<CborEncoding>;
using MsgpackPlan = BinaryPlan<MsgpackEncoding>;
using CborPlan = BinaryPlan<CborEncoding>;

}  // namespace kinesink::format
