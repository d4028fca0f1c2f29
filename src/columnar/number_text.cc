// Integers and floating-point numbers as text.

#include <dragonbox/dragonbox.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "columnar/digits.h"
#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

constexpr std::uint32_t kTenTo4 = 10'000;
constexpr std::uint32_t kTenTo8 = 100'000'000;
constexpr std::uint64_t kTenTo16 = 10'000'000'000'000'000;

// Numbers whose decimal exponent lies outside these take the form 1.0e10.
constexpr int kMinPlainExponent = -5;
constexpr int kMaxPlainExponent = 9;
constexpr double kMinExponentForm = 1e10;  // the least integral number outside

// Below 10^8, without leading zeros.
char* write_short(std::uint32_t value, char* out) {
  if (value < 100) {
    if (value >= 10) return write_two_digits(value, out);
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < kTenTo4) {
    const std::uint32_t high = value / 100;
    if (high >= 10) {
      out = write_two_digits(high, out);
    } else {
      *out++ = static_cast<char>('0' + high);
    }
    return write_two_digits(value % 100, out);
  }
  out = write_short(value / kTenTo4, out);
  return write_four_digits(value % kTenTo4, out);
}

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

// hundredths / 100, not integral.
char* write_hundredths(std::uint64_t hundredths, char* out) {
  out = write_unsigned(hundredths / 100, out);
  *out++ = '.';
  const auto fraction = static_cast<std::uint32_t>(hundredths % 100);
  write_two_digits(fraction, out);
  return fraction % 10 == 0 ? out + 1 : out + 2;
}

// Most numbers in data are whole or have one or two decimals. A decimal of at most kDigits digits
// that reads back as the number is the shortest one: two such decimals never read back as the same.
template <typename Number, int kDigits>
char* write_number(Number value, char* out) {
  if (std::signbit(value)) {
    *out++ = '-';
    value = -value;
  }
  constexpr Number kMaxExact = kDigits == 15 ? 1e15 : 1e6;
  if (value < static_cast<Number>(kMinExponentForm) && value < kMaxExact) {
    const auto whole = static_cast<std::uint64_t>(value);
    if (static_cast<Number>(whole) == value) return write_point_zero(write_unsigned(whole, out));
    const auto hundredths = static_cast<std::uint64_t>(static_cast<double>(value) * 100 + 0.5);
    if (static_cast<Number>(hundredths) < kMaxExact &&
        static_cast<Number>(hundredths) / Number{100} == value) {
      return write_hundredths(hundredths, out);
    }
  }
  const auto shortest = jkj::dragonbox::to_decimal(value);
  return write_shortest(shortest.significand, shortest.exponent, out);
}

}  // namespace

char* write_unsigned(std::uint64_t value, char* out) {
  if (value < kTenTo8) return write_short(static_cast<std::uint32_t>(value), out);
  if (value < kTenTo16) {
    out = write_short(static_cast<std::uint32_t>(value / kTenTo8), out);
  } else {
    out = write_short(static_cast<std::uint32_t>(value / kTenTo16), out);
    out = write_eight_digits(static_cast<std::uint32_t>(value % kTenTo16 / kTenTo8), out);
  }
  return write_eight_digits(static_cast<std::uint32_t>(value % kTenTo8), out);
}

char* write_integer(std::int64_t value, char* out) {
  if (value >= 0) return write_unsigned(static_cast<std::uint64_t>(value), out);
  *out = '-';
  return write_unsigned(~static_cast<std::uint64_t>(value) + 1, out + 1);
}

char* write_float(float value, char* out) { return write_number<float, 6>(value, out); }

char* write_double(double value, char* out) { return write_number<double, 15>(value, out); }

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
