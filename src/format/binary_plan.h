// MessagePack and CBOR: one map per row, keys in the order of the columns. docs/formats/msgpack.md
// and docs/formats/cbor.md have the form of each type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/binary_step.h"
#include "format/binary_writer.h"
#include "format/block_plan.h"
#include "format/cbor_encoding.h"
#include "format/msgpack_encoding.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
template <typename Encoding>
class BinaryPlan : public BlockPlan<BinaryPlan<Encoding>, BinaryStep, BinaryFailure> {
 public:
  static Result<BinaryPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  // As ArrowSerializer says.
  std::vector<std::string> describe() const;
  Error error() const;

 private:
  using Base = BlockPlan<BinaryPlan, BinaryStep, BinaryFailure>;
  friend Base;
  BinaryPlan() : writer_(nullptr) {}

  std::int64_t rows_bound(std::int64_t begin, std::int64_t end) const;
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.structure(this->members_, row, reinterpret_cast<char*>(begin));
    return this->result(end, row, begin, writer_);
  }
  RowResult write_checked(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);

  BinaryWriter<Encoding, false> writer_;
};

extern template class BinaryPlan<MsgpackEncoding>;
extern template class BinaryPlan<CborEncoding>;
using MsgpackPlan = BinaryPlan<MsgpackEncoding>;
using CborPlan = BinaryPlan<CborEncoding>;

}  // namespace kinesink::format
