// The text of single values, shared by the text formats and by partition keys. Each writes at
// `out`, which has at least the named number of bytes, and returns the end. No locale, no
// allocation.
#pragma once

#include <cstdint>
#include <limits>

#include "columnar/digits.h"
#include "columnar/schema.h"

namespace kinesink::columnar {

// write_integer(), write_unsigned(): digits.h.

// Shortest text that reads back as the same number, always with a point: `1.0`, `0.1`, `-0.0`,
// `1000000000.0`, but `1.0e10` and `1.5e-6` where the decimal exponent is above 9 or below -5. NaN
// and infinities are the caller's to handle. float16 is widened to float32 first.
inline constexpr int kMaxFloatText = 32;
char* write_float(float value, char* out);
char* write_double(double value, char* out);
// hundredths / 100 as write_double() writes it; below 10^15.
inline char* write_hundredths(std::uint64_t hundredths, char* out) {
  out = write_unsigned(hundredths / 100, out);
  *out++ = '.';
  const auto fraction = static_cast<std::uint32_t>(hundredths % 100);
  write_two_digits(fraction, out);
  // A branch: the length is guessed, and need not be waited for.
  if (__builtin_expect_with_probability(fraction % 10 == 0 ? 1 : 0, 1, 0.1) != 0) return out + 1;
  return out + 2;
}
float widen_half(std::uint16_t half);

// Decimal text with the scale kept: 0.010, -5, 1200 (negative scale appends zeros, but to zero
// itself). `bytes`: 4, 8, 16 or 32, little endian, need not be aligned; |scale| <=
// kMaxDecimalScale.
inline constexpr int kMaxDecimalText = 256;
char* write_decimal(const void* bytes, int byte_width, int scale, char* out);
// Digits of the number without sign, for the check against the declared precision.
int decimal_digits(const void* bytes, int byte_width);
// Whether it has more digits than `precision`, at once where a comparison tells.
bool exceeds_precision(const void* bytes, int byte_width, std::int32_t precision);

// The text of one day, kept by a caller between timestamps, most of which fall on the same day.
struct DateText {
  static constexpr std::size_t kSize = 11;
  std::int64_t day = std::numeric_limits<std::int64_t>::min();  // no day that has a text
  char text[16] = {};  // `2025-01-01T`, and room to be copied with one store
};

// Calendar text (proleptic Gregorian). nullptr: the value lies outside the years 0000 to 9999 or,
// for a time of day, outside the day.
inline constexpr int kMaxTemporalText = 48;
[[nodiscard]] char* write_date(std::int64_t days, char* out);  // YYYY-MM-DD
// YYYY-MM-DDTHH:MM:SS[.f], no zone; f has 3, 6 or 9 digits as needed.
[[nodiscard]] char* write_timestamp(std::int64_t value, TimeUnit unit, char* out);
[[nodiscard]] char* write_timestamp(std::int64_t value, TimeUnit unit, DateText& date, char* out);
[[nodiscard]] char* write_time_of_day(std::int64_t value, TimeUnit unit,
                                      char* out);  // HH:MM:SS[.f]
// ISO 8601 in seconds: PT1.5S, -PT0.001S, PT0S.
char* write_duration(std::int64_t value, TimeUnit unit, char* out);

// ISO 8601, of the parts that are not zero: P1Y2M, P3DT4.5S; PT0S if all are. A minus sign stands
// before the whole if no part is positive (-P1Y2M), else before each number that is negative
// (P1M-3D). Months are split into years and months; days and seconds stay as they are.
inline constexpr int kMaxIntervalText = 60;
char* write_interval(const Interval& interval, char* out);

// 8-4-4-4-12 lower-case hexadecimal digits of 16 bytes (https://www.rfc-editor.org/rfc/rfc9562).
inline constexpr int kUuidText = 36;
char* write_uuid(const void* bytes, char* out);

}  // namespace kinesink::columnar
