// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md): the heads and scalars of
// BinaryWriter, each in its shortest form. Every function writes at `out`, scribbles up to
// 16 bytes, and returns the end.
#pragma once

#include "format/head.h"

namespace kinesink::format {

struct MsgpackEncoding {
  static constexpr bool kIsCbor = false;
  // Of the text of a time, which has at most 31 characters.
  static constexpr std::ptrdiff_t kTemporalHead = 1;
  static char* temporal_head(std::size_t size, char* out) { return byte(0xa0 + size, out); }

  static char* nil(char* out) { return byte(0xc0, out); }
  static char* boolean(bool value, char* out) { return byte(value ? 0xc3 : 0xc2, out); }
  static char* unsigned_integer(std::uint64_t value, char* out) {
    return write_head<0x00, 0x80, 0xcc>(value, out);
  }
  static char* integer(std::int64_t value, char* out) {
    if (value >= 0) return unsigned_integer(static_cast<std::uint64_t>(value), out);
    if (value >= -32) return byte(static_cast<std::uint8_t>(value), out);
    const auto bits = static_cast<std::uint64_t>(value);
    return put_number(0xd0, form_of(~bits << 1), bits, out);  // with the sign
  }
  static char* float32(std::uint32_t bits, char* out) {
    return put_big_endian(bits, 4, byte(0xca, out));
  }
  static char* float64(std::uint64_t bits, char* out) {
    return put_big_endian(bits, 8, byte(0xcb, out));
  }
  static char* text_head(std::uint64_t size, char* out) {
    return write_short_head<0xa0, 32, 0xd9>(size, out);
  }
  static char* bytes_head(std::uint64_t size, char* out) {
    return write_short_head<0, 0, 0xc4>(size, out);
  }
  static char* array_head(std::uint64_t count, char* out) {
    return count_head<0x90, 0xdc>(count, out);
  }
  static char* map_head(std::uint64_t count, char* out) {
    return count_head<0x80, 0xde>(count, out);
  }
  // The extension type -1; `nanoseconds` below 10^9.
  static char* timestamp(std::int64_t seconds, std::uint32_t nanoseconds, char* out) {
    const auto bits = static_cast<std::uint64_t>(seconds);
    if (bits >> 34 == 0) [[likely]] {
      const std::uint64_t both = std::uint64_t{nanoseconds} << 34 | bits;
      const bool is_short = both >> 32 == 0;
      return put_big_endian(both, is_short ? 4 : 8, byte(0xff, byte(is_short ? 0xd6 : 0xd7, out)));
    }
    out = byte(0xff, byte(12, byte(0xc7, out)));
    return put_big_endian(bits, 8, put_big_endian(nanoseconds, 4, out));
  }

 private:
  // There is no form with one byte.
  template <unsigned kFix, unsigned kFirst>
  static char* count_head(std::uint64_t count, char* out) {
    if (count < 16) [[likely]]
      return byte(kFix + count, out);
    return put_number(kFirst - 1, form_of(count | 0x100), count, out);
  }
  static char* byte(std::uint64_t value, char* out) {
    *out = static_cast<char>(value);
    return out + 1;
  }
};

}  // namespace kinesink::format
