// Decimals of 32 to 256 bits as text.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/units.h"
#include "columnar/column.h"
#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

constexpr int kMaxLimbs = 4;
constexpr std::uint64_t kTenTo19 = 10'000'000'000'000'000'000U;
constexpr int kChunkDigits = 19;  // digits of a limb's worth: what kTenTo19 divides off
constexpr int kMaxDigits = 78;    // 2^255 has 77

// 10^0 to 10^38.
constexpr auto kPowersOfTen = [] {
  std::array<Uint128, 39> powers{};
  Uint128 power = 1;
  for (Uint128& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

struct Magnitude {
  std::array<std::uint64_t, kMaxLimbs> limbs;  // little endian
  int count;
  bool negative;

  // Divides by 10^19; returns the remainder.
  std::uint64_t divide() {
    std::uint64_t rest = 0;
    for (int i = count; i-- > 0;) {
      auto& limb = limbs[static_cast<std::size_t>(i)];
      const Uint128 dividend = static_cast<Uint128>(rest) << 64 | limb;
      limb = static_cast<std::uint64_t>(dividend / kTenTo19);
      rest = static_cast<std::uint64_t>(dividend % kTenTo19);
    }
    trim();
    return rest;
  }
  void trim() {
    while (count > 1 && limbs[static_cast<std::size_t>(count - 1)] == 0) --count;
  }
};

Magnitude magnitude_of(const void* bytes, int byte_width) {
  Magnitude result{{}, std::max(byte_width / 8, 1), false};
  if (byte_width == 4) {
    result.limbs[0] = static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(bytes, 0)});
  } else {
    std::memcpy(result.limbs.data(), bytes, static_cast<std::size_t>(byte_width));
  }
  result.negative = (result.limbs[static_cast<std::size_t>(result.count - 1)] >> 63) != 0;
  if (result.negative) {
    std::uint64_t carry = 1;
    for (int i = 0; i < result.count; ++i) {
      auto& limb = result.limbs[static_cast<std::size_t>(i)];
      limb = ~limb + carry;
      carry &= limb == 0 ? 1U : 0U;
    }
  }
  result.trim();
  return result;
}

// Without sign, leading zeros or point; returns how many.
int write_digits(Magnitude number, char* out) {
  std::uint64_t chunks[kMaxLimbs + 1];
  int count = 0;
  while (number.count > 1) chunks[count++] = number.divide();
  char* const begin = out;
  out = write_unsigned(number.limbs[0], out);
  while (count-- > 0) {
    char digits[kMaxIntegerText];
    const auto written = write_unsigned(chunks[count], digits) - digits;
    std::memset(out, '0', kChunkDigits);
    std::memcpy(out + kChunkDigits - written, digits, static_cast<std::size_t>(written));
    out += kChunkDigits;
  }
  return static_cast<int>(out - begin);
}

char* append(const char* text, int size, char* out) {
  std::memcpy(out, text, static_cast<std::size_t>(size));
  return out + size;
}

char* append_zeros(int count, char* out) {
  std::memset(out, '0', static_cast<std::size_t>(count));
  return out + count;
}

}  // namespace

char* write_decimal(const void* bytes, int byte_width, int scale, char* out) {
  const Magnitude number = magnitude_of(bytes, byte_width);
  char digits[kMaxDigits + 1];
  const int count = write_digits(number, digits);
  if (number.negative) *out++ = '-';
  if (scale <= 0) {
    out = append(digits, count, out);
    return digits[0] == '0' ? out : append_zeros(-scale, out);
  }
  if (count > scale) {
    out = append(digits, count - scale, out);
    *out++ = '.';
    return append(digits + count - scale, scale, out);
  }
  out = append("0.", 2, out);
  return append(digits, count, append_zeros(scale - count, out));
}

int decimal_digits(const void* bytes, int byte_width) {
  char digits[kMaxDigits + 1];
  return write_digits(magnitude_of(bytes, byte_width), digits);
}

bool exceeds_precision(const void* bytes, int byte_width, std::int32_t precision) {
  if (byte_width == 32) return decimal_digits(bytes, 32) > precision;
  if (precision < 0 || precision > 38) return true;
  const Int128 number = byte_width == 16  ? load<Int128>(bytes, 0)
                        : byte_width == 8 ? Int128{load<std::int64_t>(bytes, 0)}
                                          : Int128{load<std::int32_t>(bytes, 0)};
  const auto magnitude = number < 0 ? ~static_cast<Uint128>(number) + 1  //
                                    : static_cast<Uint128>(number);
  return magnitude >= kPowersOfTen[static_cast<std::size_t>(precision)];
}

}  // namespace kinesink::columnar
