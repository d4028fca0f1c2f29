// Expected texts of doubles and decimals were computed with Python's repr and decimal module.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/random.h"
#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

template <typename Write, typename Value>
std::string text_of(Write write, Value value) {
  char text[kMaxFloatText];
  return {text, write(value, text)};
}
std::string text(double value) { return text_of(write_double, value); }
std::string text(float value) { return text_of(write_float, value); }

TEST(IntegerText, equals_to_string_at_every_width) {
  std::uint64_t value = 1;
  for (int digits = 1; digits <= 20; ++digits) {
    for (const std::uint64_t near : {value - 1, value, value + 1, value * 7 + 3}) {
      EXPECT_EQ(text_of(write_unsigned, near), std::to_string(near));
      const auto negative = static_cast<std::int64_t>(~near + 1);
      EXPECT_EQ(text_of(write_integer, negative), std::to_string(negative));
    }
    value *= 10;
  }
  EXPECT_EQ(text_of(write_unsigned, std::numeric_limits<std::uint64_t>::max()),
            "18446744073709551615");
  EXPECT_EQ(text_of(write_integer, std::numeric_limits<std::int64_t>::min()),
            "-9223372036854775808");
  EXPECT_EQ(text_of(write_integer, std::numeric_limits<std::int64_t>::max()),
            "9223372036854775807");
}

TEST(IntegerText, equals_to_string_at_random) {
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random.next() >> random.below(64);
    ASSERT_EQ(text_of(write_unsigned, value), std::to_string(value));
  }
}

struct DoubleText {
  double value;
  const char* text;
};
constexpr DoubleText kDoubles[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {0.1, "0.1"},
    {0.2, "0.2"},
    {0.3333333333333333, "0.3333333333333333"},
    {0.6666666666666666, "0.6666666666666666"},
    {1e21, "1.0e21"},
    {123456789.125, "123456789.125"},
    {1234567890.5, "1234567890.5"},
    {12345678901.5, "1.23456789015e10"},
    {1e-05, "0.00001"},
    {1.2345e-05, "0.000012345"},
    {9.99e-06, "9.99e-6"},
    {1e-06, "1.0e-6"},
    {5e-324, "5.0e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {-1.7976931348623157e308, "-1.7976931348623157e308"},
    {9007199254740992.0, "9.007199254740992e15"},
    {4.35, "4.35"},
    {1.005, "1.005"},
    {1.5, "1.5"},
    {9999999999.99, "9999999999.99"},
    {99.99, "99.99"},
    {-0.01, "-0.01"},
    {0.015, "0.015"},
    {1e9, "1000000000.0"},
    {1e10, "1.0e10"},
    {-1e10, "-1.0e10"},
    {9999999999.0, "9999999999.0"},
    {123456789.0, "123456789.0"},
};

TEST(DoubleTextForm, is_plain_for_exponents_of_minus_5_to_9_and_always_has_a_point) {
  for (const DoubleText& expected : kDoubles) EXPECT_EQ(text(expected.value), expected.text);
}

// The digits of a text, without sign, point, exponent, leading and trailing zeros.
std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find('e'))) {
    if (c >= '0' && c <= '9' && (c != '0' || !digits.empty())) digits += c;
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return digits;
}

template <typename Number>
void expect_shortest(Number value) {
  const std::string ours = text(value);
  Number back = 0;
  const auto read = std::from_chars(ours.data(), ours.data() + ours.size(), back);
  ASSERT_EQ(read.ptr, ours.data() + ours.size()) << ours;
  ASSERT_EQ(back, value) << ours;
  ASSERT_EQ(std::signbit(back), std::signbit(value)) << ours;
  ASSERT_LE(ours.size(), static_cast<std::size_t>(kMaxFloatText));
  char shortest[kMaxFloatText];
  const auto written =
      std::to_chars(shortest, shortest + sizeof(shortest), value, std::chars_format::scientific);
  ASSERT_EQ(digits_of(ours), digits_of({shortest, written.ptr})) << ours;
}

TEST(DoubleTextForm, is_the_shortest_that_reads_back) {
  Random random(2);
  for (int i = 0; i < 50'000; ++i) {
    const auto bits = std::bit_cast<double>(random.next());
    if (std::isfinite(bits)) expect_shortest(bits);
    const auto whole = static_cast<double>(random.next() >> random.below(64));
    expect_shortest(whole);
    expect_shortest(whole / 100);
    expect_shortest(-whole / 1e5);
    expect_shortest((random.unit() - 0.5) * 1e12);
  }
}

TEST(FloatTextForm, is_the_shortest_for_32_bits) {
  EXPECT_EQ(text(0.1F), "0.1");
  EXPECT_EQ(text(123.45F), "123.45");
  EXPECT_EQ(text(16777216.0F), "16777216.0");
  EXPECT_EQ(text(1e9F), "1000000000.0");
  EXPECT_EQ(text(1e10F), "1.0e10");
  EXPECT_EQ(text(-0.0F), "-0.0");
  EXPECT_EQ(text(1e-45F), "1.0e-45");
  EXPECT_EQ(text(3.4028235e38F), "3.4028235e38");
  Random random(3);
  for (int i = 0; i < 50'000; ++i) {
    const auto bits = std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
    if (std::isfinite(bits)) expect_shortest(bits);
    expect_shortest(static_cast<float>(random.next() >> random.below(64)) / 100);
  }
}

TEST(HalfPrecision, widens_exactly) {  // expected: Python's struct.unpack('<e')
  EXPECT_EQ(widen_half(0x0000), 0.0F);
  EXPECT_TRUE(std::signbit(widen_half(0x8000)));
  EXPECT_EQ(widen_half(0x0001), 5.960464477539063e-08F);
  EXPECT_EQ(widen_half(0x03ff), 6.097555160522461e-05F);
  EXPECT_EQ(widen_half(0x0400), 6.103515625e-05F);
  EXPECT_EQ(widen_half(0x3c00), 1.0F);
  EXPECT_EQ(widen_half(0x3555), 0.333251953125F);
  EXPECT_EQ(widen_half(0x7bff), 65504.0F);
  EXPECT_EQ(widen_half(0xc000), -2.0F);
  EXPECT_EQ(widen_half(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(widen_half(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(widen_half(0x7e00)));
}

struct DecimalText {
  std::array<std::uint64_t, 4> limbs;
  int width;
  int scale;
  const char* text;
  int digits;
};
constexpr std::uint64_t kOnes = ~0ULL;
constexpr DecimalText kDecimals[] = {
    {{0, 0}, 16, 0, "0", 1},
    {{0, 0}, 16, 3, "0.000", 1},
    {{0, 0}, 16, -3, "0", 1},
    {{10, 0}, 16, 3, "0.010", 2},
    {{0xfffffffffffffffbU, kOnes}, 16, 0, "-5", 1},
    {{0xfffffffffffffffbU, kOnes}, 16, 1, "-0.5", 1},
    {{0xfffffffffffffffbU, kOnes}, 16, 3, "-0.005", 1},
    {{12, 0}, 16, -2, "1200", 2},
    {{0xffffffffffffcfc7U, kOnes}, 16, 2, "-123.45", 5},
    {{0x98a223fffffffffU, 0x4b3b4ca85a86c47aU},
     16,
     10,
     "9999999999999999999999999999.9999999999",
     38},
    {{0xf675ddc000000001U, 0xb4c4b357a5793b85U},
     16,
     38,
     "-0.99999999999999999999999999999999999999",
     38},
    {{0, 1}, 16, 0, "18446744073709551616", 20},
    {{0, kOnes}, 16, 5, "-184467440737095.51616", 20},
    {{0x8ac7230489e80000U, 0}, 16, 0, "10000000000000000000", 20},
    {{0x8ac7230489e7ffffU, 0}, 16, 0, "9999999999999999999", 19},
    {{0, 0x8000000000000000U}, 16, 0, "-170141183460469231731687303715884105728", 39},
    {{kOnes, 0x7fffffffffffffffU},
     16,
     127,
     "0.0000000000000000000000000000000000000000000000000000000000"
     "000000000000000000000000000000170141183460469231731687303715884105727",
     39},
    {{kOnes, 0x7775a5f171950fffU, 0x764b4abe8652979U, 0x161bcca7119915b5U},
     32,
     38,
     "99999999999999999999999999999999999999.999999999999999999999"
     "99999999999999999",
     76},
    {{0, 0, 0, 0x8000000000000000U},
     32,
     0,
     "-57896044618658097711785492504343953926634992332820282019728"
     "792003956564819968",
     77},
    {{kOnes, kOnes, kOnes, 0x7fffffffffffffffU},
     32,
     76,
     "5.7896044618658097711785492504343953926634992332820282019728"
     "792003956564819967",
     77},
    {{0x98a224000000000U, 0x4b3b4ca85a86c47aU},
     16,
     0,
     "100000000000000000000000000000000000000",
     39},
    {{0xb5fffffffffffff9U, 0x140234ab79b5257cU, 0xd737834a3765da8eU, kOnes},
     32,
     60,
     "-0.001000000000000000000000000000000000000000000000000000000"
     "007",
     58},
    {{0, 0, 0, 1}, 32, 0, "6277101735386680763835789423207666416102355444464034512896", 58},
};

TEST(DecimalTextForm, keeps_the_scale) {
  for (const DecimalText& expected : kDecimals) {
    char bytes[33];  // an odd address
    std::memcpy(bytes + 1, expected.limbs.data(), 32);
    char out[kMaxDecimalText];
    char* const end = write_decimal(bytes + 1, expected.width, expected.scale, out);
    EXPECT_EQ(std::string(out, end), expected.text);
    EXPECT_EQ(decimal_digits(bytes + 1, expected.width), expected.digits) << expected.text;
  }
}

TEST(DecimalTextForm, fits_its_bound_at_the_largest_scales) {
  const std::array<std::uint64_t, 4> least = {0, 0, 0, 0x8000000000000000U};
  char out[kMaxDecimalText];
  EXPECT_EQ(write_decimal(least.data(), 32, kMaxDecimalScale, out) - out, 1 + 2 + 127);
  EXPECT_EQ(write_decimal(least.data(), 32, -kMaxDecimalScale, out) - out, 1 + 77 + 127);
}

TEST(DecimalText, of_32_and_64_bits) {
  const auto text = [](auto value, int scale) {
    char out[kMaxDecimalText];
    EXPECT_EQ(decimal_digits(&value, sizeof(value)),
              static_cast<int>(std::to_string(value).size() - (value < 0 ? 1 : 0)));
    return std::string(out, write_decimal(&value, sizeof(value), scale, out));
  };
  EXPECT_EQ(text(std::int32_t{-12345}, 2), "-123.45");
  EXPECT_EQ(text(std::int32_t{0}, 3), "0.000");
  EXPECT_EQ(text(std::numeric_limits<std::int32_t>::min(), 0), "-2147483648");
  EXPECT_EQ(text(std::int64_t{-1}, 18), "-0.000000000000000001");
  EXPECT_EQ(text(std::int64_t{999'999'999'999'999'999}, -2), "99999999999999999900");
  EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min(), 1), "-922337203685477580.8");
}

TEST(UuidText, is_canonical) {
  const std::string bytes("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  char text[kUuidText];
  EXPECT_EQ(std::string(text, write_uuid(bytes.data(), text)),
            "00112233-4455-6677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace kinesink::columnar
