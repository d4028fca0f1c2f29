// CBOR (https://www.rfc-editor.org/rfc/rfc8949): the heads and scalars of BinaryWriter, each in its
// preferred serialization but for floats, which keep the width of their column. Every function
// writes at `out`, scribbles up to 16 bytes, and returns the end.
#pragma once

#include "format/head.h"

namespace kinesink::format {

struct CborEncoding {
  static constexpr bool kIsCbor = true;
  // Of the text of a time: most have a fraction, and more than 23 characters.
  static constexpr std::ptrdiff_t kTemporalHead = 2;
  static char* temporal_head(std::size_t size, char* out) { return text_head(size, out); }

  // Tags: https://www.iana.org/assignments/cbor-tags/cbor-tags.xhtml
  static constexpr std::uint64_t kDateTimeTag = 0;  // RFC 3339 text
  static constexpr std::uint64_t kPositiveBigTag = 2;
  static constexpr std::uint64_t kNegativeBigTag = 3;
  static constexpr std::uint64_t kDecimalTag = 4;  // [exponent, mantissa]
  static constexpr std::uint64_t kUuidTag = 37;
  static constexpr std::uint64_t kDateTag = 1004;  // full-date text, RFC 8943

  static char* nil(char* out) { return byte(0xf6, out); }
  static char* boolean(bool value, char* out) { return byte(value ? 0xf5 : 0xf4, out); }
  static char* unsigned_integer(std::uint64_t value, char* out) { return head<0x00>(value, out); }
  static char* integer(std::int64_t value, char* out) {
    const auto bits = static_cast<std::uint64_t>(value);
    return value >= 0 ? head<0x00>(bits, out) : negative(~bits, out);
  }
  // -1 - value.
  static char* negative(std::uint64_t value, char* out) { return head<0x20>(value, out); }
  static char* float16(std::uint16_t bits, char* out) {
    return put_big_endian(bits, 2, byte(0xf9, out));
  }
  static char* float32(std::uint32_t bits, char* out) {
    return put_big_endian(bits, 4, byte(0xfa, out));
  }
  static char* float64(std::uint64_t bits, char* out) {
    return put_big_endian(bits, 8, byte(0xfb, out));
  }
  static char* bytes_head(std::uint64_t size, char* out) { return short_head<0x40>(size, out); }
  static char* text_head(std::uint64_t size, char* out) { return short_head<0x60>(size, out); }
  static char* array_head(std::uint64_t count, char* out) { return head<0x80>(count, out); }
  static char* map_head(std::uint64_t count, char* out) { return head<0xa0>(count, out); }
  static char* tag(std::uint64_t number, char* out) { return head<0xc0>(number, out); }

 private:
  template <unsigned kMajor>
  static char* short_head(std::uint64_t value, char* out) {
    return write_short_head<kMajor, 24, kMajor + 24>(value, out);
  }
  template <unsigned kMajor>
  static char* head(std::uint64_t value, char* out) {
    return write_head<kMajor, 24, kMajor + 24>(value, out);
  }
  static char* byte(unsigned value, char* out) {
    *out = static_cast<char>(value);
    return out + 1;
  }
};

}  // namespace kinesink::format
