// The bytes of Avro's numbers (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/units.h"

namespace kinesink::format {

static_assert(std::endian::native == std::endian::little, "groups of a varint are bytes of a word");

// int and long: zigzag, then seven bits a byte, lowest first; the high bit says that more follow.
inline constexpr std::int64_t kMaxVarint = 10;

inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

// The low 56 bits as eight groups of seven, one a byte: halves, quarters and eighths move apart in
// all lanes at once.
inline std::uint64_t groups_of_seven(std::uint64_t bits) {
  bits = (bits & 0x0000'0000'0fff'ffff) | (bits & 0x00ff'ffff'f000'0000) << 4;
  bits = (bits & 0x0000'3fff'0000'3fff) | (bits & 0x0fff'c000'0fff'c000) << 2;
  return (bits & 0x007f'007f'007f'007f) | (bits & 0x3f80'3f80'3f80'3f80) << 1;
}

// Scribbles up to kMaxVarint bytes from `out` on. The length is a branch where it is usually the
// same in a column, and no loop.
inline std::uint8_t* write_varint(std::uint64_t bits, std::uint8_t* out) {
  if (bits < 0x4000) {
    // One more or less is hard to guess.
    const std::uint64_t more = bits > 0x7f ? 1 : 0;
    const std::uint64_t word = (bits & 0x7f) | (bits & 0x3f80) << 1 | more << 7;
    out[0] = static_cast<std::uint8_t>(word);
    out[1] = static_cast<std::uint8_t>(word >> 8);
    return out + 1 + more;
  }
  const std::uint64_t groups = groups_of_seven(bits);
  constexpr std::uint64_t kMore = 0x8080'8080'8080'8080;
  if (bits >> 56 == 0) {
    // All bits below the highest group's.
    const std::uint64_t highest = static_cast<std::uint64_t>(std::bit_width(groups) - 1) & 0x38;
    const std::uint64_t word = groups | (kMore & ((std::uint64_t{1} << highest) - 1));
    std::memcpy(out, &word, sizeof(word));
    return out + 1 + (highest >> 3);
  }
  const std::uint64_t word = groups | kMore;
  std::memcpy(out, &word, sizeof(word));
  const auto top = static_cast<std::uint8_t>(bits >> 63);
  out[8] = static_cast<std::uint8_t>((bits >> 56 & 0x7f) | top << 7);
  out[9] = top;
  return out + 9 + top;
}
inline std::uint8_t* write_long(std::int64_t value, std::uint8_t* out) {
  return write_varint(zigzag(value), out);
}

// A union's branch, as AvroStep has it.
inline constexpr std::int64_t kMaxBranch = 1;

// Decimals of 256 bits with 127 zeros appended have 203 digits: 85 bytes with the sign.
inline constexpr std::int64_t kMaxDecimalBytes = 96;
inline constexpr std::int32_t kMaxDecimalShift = 127;

// The two's complement of a number times 10^shift, big endian, in as few bytes as hold it, but one
// at least. `bytes`: 4, 8, 16 or 32, little endian, need not be aligned. Writes up to
// kMaxDecimalBytes bytes; returns the end.
std::uint8_t* write_decimal_bytes(const void* bytes, int width, std::int32_t shift,
                                  std::uint8_t* out);
inline std::uint8_t* write_decimal_bytes(Int128 number, std::uint8_t* out) {
  const auto bits = static_cast<Uint128>(number);
  const Uint128 magnitude = number < 0 ? ~bits : bits;
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const auto low = static_cast<std::uint64_t>(magnitude);
  const int width = high != 0 ? 64 + std::bit_width(high) : std::bit_width(low);
  const int count = width / 8 + 1;  // with a bit for the sign
  const Uint128 top = bits << (8 * (16 - count));
  const std::uint64_t words[2] = {__builtin_bswap64(static_cast<std::uint64_t>(top >> 64)),
                                  __builtin_bswap64(static_cast<std::uint64_t>(top))};
  std::memcpy(out, words, sizeof(words));
  return out + count;
}

}  // namespace kinesink::format
