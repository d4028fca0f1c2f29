// Decimal digits, the base of every number and date text: eight at a time by arithmetic in one
// word, two at a time from a table. All inline: they stand in the loop over values.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace kinesink::columnar {

static_assert(std::endian::native == std::endian::little,
              "eight digits are one word, first lowest");

inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

inline constexpr std::uint32_t kTenTo4 = 10'000;
inline constexpr std::uint32_t kTenTo8 = 100'000'000;
inline constexpr std::uint64_t kTenTo16 = 10'000'000'000'000'000;

// Exactly 2, 3, 4, 8 digits, with leading zeros; the value must fit. Each returns the end.
inline char* write_two_digits(std::uint32_t value, char* out) {
  std::memcpy(out, &kDigitPairs[2 * std::size_t{value}], 2);
  return out + 2;
}
inline char* write_three_digits(std::uint32_t value, char* out) {
  *out = static_cast<char>('0' + value / 100);
  return write_two_digits(value % 100, out + 1);
}
inline char* write_four_digits(std::uint32_t value, char* out) {
  write_two_digits(value / 100, out);
  return write_two_digits(value % 100, out + 2);
}

// The eight digits of a value below 10^8 as numbers, the first in the lowest byte: halves, then
// pairs, then digits are split off in all lanes of the word at once, by multiplication with the
// reciprocal.
inline std::uint64_t eight_digits(std::uint32_t value) {
  std::uint64_t lanes = value / kTenTo4 | std::uint64_t{value % kTenTo4} << 32;
  const std::uint64_t hundreds = (lanes * 10'486 >> 20) & 0x0000'007f'0000'007f;
  lanes = hundreds | (lanes - 100 * hundreds) << 16;
  const std::uint64_t tens = (lanes * 103 >> 10) & 0x000f'000f'000f'000f;
  return tens | (lanes - 10 * tens) << 8;
}
inline constexpr std::uint64_t kEightZeros = 0x3030'3030'3030'3030;  // as characters

inline char* write_eight_digits(std::uint32_t value, char* out) {
  const std::uint64_t text = eight_digits(value) | kEightZeros;
  std::memcpy(out, &text, sizeof(text));
  return out + sizeof(text);
}

// A value below 10^8, without leading zeros. Scribbles up to eight bytes from `out` on. Branches on
// the number of digits, which a processor guesses well in most columns: what comes behind need not
// wait until the digits are known.
inline char* write_short(std::uint32_t value, char* out) {
  if (value < 100) {
    if (value >= 10) return write_two_digits(value, out);
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < kTenTo4) {
    const std::uint32_t high = value / 100;
    if (high < 10) {
      *out = static_cast<char>('0' + high);
      return write_two_digits(value - 100 * high, out + 1);
    }
    write_two_digits(high, out);
    return write_two_digits(value - 100 * high, out + 2);
  }
  const std::uint64_t digits = eight_digits(value) | kEightZeros;
  const auto write = [&](int count) {
    const std::uint64_t text = digits >> (64 - 8 * count);
    std::memcpy(out, &text, sizeof(text));
    return out + count;
  };
  if (value < 1'000'000) return value < 100'000 ? write(5) : write(6);
  return value < 10'000'000 ? write(7) : write(8);
}

// 20 bytes of room, whatever the value.
inline constexpr int kMaxIntegerText = 20;
inline char* write_unsigned(std::uint64_t value, char* out) {
  if (value < kTenTo8) return write_short(static_cast<std::uint32_t>(value), out);
  if (value < kTenTo16) {
    out = write_short(static_cast<std::uint32_t>(value / kTenTo8), out);
  } else {
    out = write_short(static_cast<std::uint32_t>(value / kTenTo16), out);
    out = write_eight_digits(static_cast<std::uint32_t>(value % kTenTo16 / kTenTo8), out);
  }
  return write_eight_digits(static_cast<std::uint32_t>(value % kTenTo8), out);
}
inline char* write_integer(std::int64_t value, char* out) {
  if (value >= 0) [[likely]]
    return write_unsigned(static_cast<std::uint64_t>(value), out);
  *out = '-';
  return write_unsigned(~static_cast<std::uint64_t>(value) + 1, out + 1);
}

}  // namespace kinesink::columnar
