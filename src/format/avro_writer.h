// The datum of rows. Template on kChecked: unchecked code needs room for the bound of the row, and
// scribbles up to kAvroSlack bytes behind it; checked code stops where the room ends.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "columnar/text.h"
#include "format/avro_bytes.h"
#include "format/avro_step.h"

namespace kinesink::format {

inline constexpr std::int64_t kAvroSlack = 64;

// Text whose length is below 64 has a length of one byte. Scribbles up to kAvroBlock bytes behind
// it.
template <typename Offset>
inline std::uint8_t* write_text(const std::uint8_t* values, const std::uint8_t* offsets,
                                std::int64_t row, bool is_padded, std::uint8_t* out) {
  const auto begin = columnar::load<Offset>(offsets, row);
  const auto size = static_cast<std::size_t>(columnar::load<Offset>(offsets, row + 1) - begin);
  const std::uint8_t* in = values + begin;
  if (size >= 2 * kAvroBlock || !is_padded) [[unlikely]] {
    out = write_varint(size << 1, out);
    if (size > 0) std::memcpy(out, in, size);
    return out + size;
  }
  *out++ = static_cast<std::uint8_t>(size << 1);
  std::memcpy(out, in, kAvroBlock);
  if (size > kAvroBlock) std::memcpy(out + kAvroBlock, in + kAvroBlock, kAvroBlock);
  return out + size;
}

// Every function that takes `out` returns the end of what it wrote, or nullptr: the row has no
// room, or failure() says what it cannot express.
template <bool kChecked>
class AvroWriter {
 public:
  explicit AvroWriter(std::uint8_t* limit) : limit_(limit) {}

  std::uint8_t* fields(const std::vector<AvroStep>& steps, std::int64_t row, std::uint8_t* out);
  std::uint8_t* value(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  const AvroFailure& failure() const { return failure_; }

 private:
  std::uint8_t* bare(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* number(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* nested(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* no_value(const AvroStep& step, std::uint8_t* out);
  std::uint8_t* scaled(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* inexact_integer(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* decimal(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* decimal_bytes(const AvroStep& step, const std::uint8_t* begin,
                              const std::uint8_t* end, std::uint8_t* out);
  std::uint8_t* uuid(const AvroStep& step, std::string_view bytes, std::uint8_t* out);
  std::uint8_t* coded(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* symbol(const AvroStep& step, std::int32_t place, std::uint8_t* out);
  std::uint8_t* interval(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* list(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* map(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  std::uint8_t* dictionary(const AvroStep& step, std::int64_t row, std::uint8_t* out);
  template <typename Offset>
  std::uint8_t* text(const AvroStep& step, std::int64_t row, std::uint8_t* out);

  std::uint8_t* fail(const AvroStep& step, AvroFailure::Reason reason) {
    failure_ = {&step, reason};
    return nullptr;
  }
  bool has_room(std::size_t size, const std::uint8_t* out) const {
    return !kChecked || static_cast<std::size_t>(limit_ - out) >= size;
  }
  std::uint8_t* put(std::uint8_t byte, std::uint8_t* out) {
    if (!has_room(1, out)) return nullptr;
    *out = byte;
    return out + 1;
  }
  std::uint8_t* copy(const void* bytes, std::size_t size, std::uint8_t* out) {
    if (!has_room(size, out)) return nullptr;
    if (size > 0) std::memcpy(out, bytes, size);
    return out + size;
  }
  std::uint8_t* varint(std::uint64_t bits, std::uint8_t* out) {
    if constexpr (!kChecked) {
      return write_varint(bits, out);
    } else {
      std::uint8_t aside[2 * kMaxVarint];
      return copy(aside, static_cast<std::size_t>(write_varint(bits, aside) - aside), out);
    }
  }
  std::uint8_t* integer(std::int64_t value, std::uint8_t* out) {
    return varint(zigzag(value), out);
  }
  template <typename T>
  std::uint8_t* plain(T value, std::uint8_t* out) {
    return copy(&value, sizeof(value), out);
  }
  std::uint8_t* string(std::string_view bytes, std::uint8_t* out) {
    out = varint(bytes.size() << 1, out);
    return out == nullptr ? nullptr : copy(bytes.data(), bytes.size(), out);
  }

  std::uint8_t* limit_;
  AvroFailure failure_;
};

}  // namespace kinesink::format
