// Decimal digits two at a time: the table behind every number and date text.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace kinesink::columnar {

inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Exactly 2, 4, 8 digits, with leading zeros; the value must fit. Each returns the end.
inline char* write_two_digits(std::uint32_t value, char* out) {
  std::memcpy(out, &kDigitPairs[2 * std::size_t{value}], 2);
  return out + 2;
}
inline char* write_four_digits(std::uint32_t value, char* out) {
  write_two_digits(value / 100, out);
  return write_two_digits(value % 100, out + 2);
}
inline char* write_eight_digits(std::uint32_t value, char* out) {
  write_four_digits(value / 10000, out);
  return write_four_digits(value % 10000, out + 4);
}
inline char* write_three_digits(std::uint32_t value, char* out) {
  *out = static_cast<char>('0' + value / 100);
  return write_two_digits(value % 100, out + 1);
}

}  // namespace kinesink::columnar
