// Integers, floating-point numbers and UUIDs as text.

#include <dragonbox/dragonbox.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "columnar/digits.h"
#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

// Numbers whose decimal exponent lies outside these take the form 1.0e10.
constexpr int kMinPlainExponent = -5;
constexpr int kMaxPlainExponent = 9;
constexpr double kMinExponentForm = 1e10;  // the least integral number outside

char* write_zeros(int count, char* out) {
  std::memset(out, '0', static_cast<std::size_t>(count));
  return out + count;
}

char* write_point_zero(char* out) {
  std::memcpy(out, ".0", 2);
  return out + 2;
}

// significand * 10^exponent, the significand without trailing zeros.
char* write_shortest(std::uint64_t significand, int exponent, char* out) {
  char digits[kMaxIntegerText];
  const int count = static_cast<int>(write_unsigned(significand, digits) - digits);
  const auto copy = [&](int from, int to) {
    std::memcpy(out, digits + from, static_cast<std::size_t>(to - from));
    out += to - from;
  };
  const int leading = exponent + count - 1;  // power of ten of the first digit
  if (leading < kMinPlainExponent || leading > kMaxPlainExponent) {
    *out++ = digits[0];
    *out++ = '.';
    if (count == 1) *out++ = '0';
    copy(1, count);
    *out++ = 'e';
    return write_integer(leading, out);
  }
  if (exponent >= 0) {
    copy(0, count);
    return write_point_zero(write_zeros(exponent, out));
  }
  if (leading >= 0) {
    copy(0, leading + 1);
    *out++ = '.';
    copy(leading + 1, count);
    return out;
  }
  std::memcpy(out, "0.", 2);
  out = write_zeros(-leading - 1, out + 2);
  copy(0, count);
  return out;
}

// Most numbers in data are whole or have one or two decimals. A decimal of at most 15 digits
// (float: 6) that reads back as the number is the shortest one: two such decimals never read back
// as the same.
char* write_absolute(double value, char* out) {
  if (value < kMinExponentForm) [[likely]] {
    const auto hundredths = static_cast<std::uint64_t>(value * 100 + 0.5);
    if (static_cast<double>(hundredths) / 100 == value) return write_hundredths(hundredths, out);
  }
  const auto shortest = jkj::dragonbox::to_decimal(value);
  return write_shortest(shortest.significand, shortest.exponent, out);
}

char* write_absolute(float value, char* out) {
  constexpr float kMaxExact = 1e6F;
  if (value < kMaxExact) {
    const auto whole = static_cast<std::uint32_t>(value);
    if (static_cast<float>(whole) == value) return write_point_zero(write_short(whole, out));
    const auto hundredths = static_cast<std::uint32_t>(static_cast<double>(value) * 100 + 0.5);
    if (static_cast<float>(hundredths) < kMaxExact &&
        static_cast<float>(hundredths) / 100 == value) {
      return write_hundredths(hundredths, out);
    }
  }
  const auto shortest = jkj::dragonbox::to_decimal(value);
  return write_shortest(shortest.significand, shortest.exponent, out);
}

template <typename Number>
char* write_number(Number value, char* out) {
  if (std::signbit(value)) {
    *out++ = '-';
    value = -value;
  }
  return write_absolute(value, out);
}

}  // namespace

char* write_float(float value, char* out) { return write_number(value, out); }

char* write_double(double value, char* out) { return write_number(value, out); }

char* write_uuid(const void* bytes, char* out) {
  const auto* at = static_cast<const std::uint8_t*>(bytes);
  for (const int size : {4, 2, 2, 2, 6}) {
    if (at != bytes) *out++ = '-';
    out = write_hex(at, static_cast<std::size_t>(size), out);
    at += size;
  }
  return out;
}

float widen_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1f;
  const std::uint32_t fraction = half & 0x3ff;
  if (exponent == 0) {  // zero and subnormals: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t widened = exponent == 0x1f ? 0xff : exponent + 127 - 15;
  return std::bit_cast<float>(sign | widened << 23 | fraction << 13);
}

}  // namespace kinesink::columnar
