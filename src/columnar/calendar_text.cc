// Dates, times, timestamps and durations as text.

#include <cstring>

#include "columnar/digits.h"
#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

constexpr std::int64_t kFirstDay = -719'528;  // 0000-01-01, counted from 1970-01-01
constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kPerSecond[] = {1, 1'000, 1'000'000, 1'000'000'000};  // by TimeUnit

struct Division {
  std::int64_t quotient;
  std::int64_t rest;  // never negative
};

// By a divisor that is known when this is compiled: a multiplication.
template <std::int64_t kDivisor>
Division floor_divide(std::int64_t value) {
  const Division division{value / kDivisor, value % kDivisor};
  if (division.rest >= 0) [[likely]]
    return division;
  return {division.quotient - 1, division.rest + kDivisor};
}

// Years of 400-year cycles that begin in March, by multiplication instead of division (Neri and
// Schneider, Euclidean affine functions and their application to calendar algorithms, 2022).
void write_day(std::int64_t days, char* out) {
  constexpr std::int64_t kToMarchOfYear0 = 719'468;
  constexpr std::int64_t kCycle = 146'097;  // days of 400 years, added to stay above zero
  const auto day = static_cast<std::uint32_t>(days + kToMarchOfYear0 + kCycle);
  const std::uint32_t quarters = 4 * day + 3;
  const std::uint32_t century = quarters / 146'097;
  const std::uint32_t in_century = quarters % 146'097 / 4;
  const std::uint64_t product = std::uint64_t{2'939'745} * (4 * in_century + 3);
  const auto year_of_century = static_cast<std::uint32_t>(product >> 32);
  const std::uint32_t day_of_year = static_cast<std::uint32_t>(product) / 2'939'745 / 4;
  const std::uint32_t scaled = 2'141 * day_of_year + 197'913;
  const std::uint32_t month = scaled >> 16;
  const std::uint32_t day_of_month = (scaled & 0xffff) / 2'141;
  const std::uint32_t after_december = day_of_year >= 306 ? 1 : 0;
  out = write_four_digits(100 * century + year_of_century + after_december - 400, out);
  *out++ = '-';
  out = write_two_digits(after_december != 0 ? month - 12 : month, out);
  *out++ = '-';
  write_two_digits(day_of_month + 1, out);
}

// HH:MM:SS, as the eight digits HH0MM0SS with colons for the zeros.
char* write_clock(std::uint32_t second_of_day, char* out) {
  const std::uint32_t minutes = second_of_day / 60;
  const std::uint32_t hours = minutes / 60;
  constexpr std::uint64_t kColons = std::uint64_t{':' - '0'} << 16 | std::uint64_t{':' - '0'} << 40;
  const std::uint64_t text = eight_digits(hours * 1'000'000 + (minutes - 60 * hours) * 1'000 +
                                          second_of_day - 60 * minutes) +
                             (kEightZeros + kColons);
  std::memcpy(out, &text, sizeof(text));
  return out + sizeof(text);
}

// Nothing, or a point and 3, 6 or 9 digits: as few as hold the value. Scribbles up to ten bytes.
template <int kDigits>
char* write_fraction(std::uint32_t fraction, char* out) {
  if (fraction == 0) return out;
  *out++ = '.';
  if constexpr (kDigits == 9) {
    if (fraction % 1000 != 0) [[likely]] {
      const std::uint32_t first = fraction / kTenTo8;
      *out = static_cast<char>('0' + first);
      return write_eight_digits(fraction - first * kTenTo8, out + 1);
    }
    fraction /= 1000;
  }
  if (kDigits == 3 || (kDigits > 3 && fraction % 1000 == 0))
    return write_three_digits(kDigits == 3 ? fraction : fraction / 1000, out);
  write_eight_digits(fraction * 100, out);
  return out + 6;
}

template <std::int64_t kPerSecond, int kDigits>
char* write_timestamp_of(std::int64_t value, DateText& date, char* out) {
  const auto [seconds, fraction] = floor_divide<kPerSecond>(value);
  const auto [day, second_of_day] = floor_divide<kSecondsPerDay>(seconds);
  if (day != date.day) {
    if (day < kFirstDay || day > kLastDay) return nullptr;
    write_day(day, date.text);
    date.text[DateText::kSize - 1] = 'T';
    date.day = day;
  }
  std::memcpy(out, date.text, sizeof(date.text));
  out = write_clock(static_cast<std::uint32_t>(second_of_day), out + DateText::kSize);
  return write_fraction<kDigits>(static_cast<std::uint32_t>(fraction), out);
}

// write_fraction() of any unit.
char* write_fraction_of(std::uint32_t fraction, TimeUnit unit, char* out) {
  switch (unit) {
    case TimeUnit::second:
      return out;
    case TimeUnit::millisecond:
      return write_fraction<3>(fraction, out);
    case TimeUnit::microsecond:
      return write_fraction<6>(fraction, out);
    case TimeUnit::nanosecond:
      break;
  }
  return write_fraction<9>(fraction, out);
}

}  // namespace

char* write_date(std::int64_t days, char* out) {
  if (days < kFirstDay || days > kLastDay) return nullptr;
  write_day(days, out);
  return out + DateText::kSize - 1;
}

char* write_timestamp(std::int64_t value, TimeUnit unit, DateText& date, char* out) {
  switch (unit) {
    case TimeUnit::second:
      return write_timestamp_of<1, 0>(value, date, out);
    case TimeUnit::millisecond:
      return write_timestamp_of<1'000, 3>(value, date, out);
    case TimeUnit::microsecond:
      return write_timestamp_of<1'000'000, 6>(value, date, out);
    case TimeUnit::nanosecond:
      break;
  }
  return write_timestamp_of<1'000'000'000, 9>(value, date, out);
}

char* write_timestamp(std::int64_t value, TimeUnit unit, char* out) {
  DateText date;
  return write_timestamp(value, unit, date, out);
}

char* write_time_of_day(std::int64_t value, TimeUnit unit, char* out) {
  const std::int64_t per_second = kPerSecond[static_cast<int>(unit)];
  if (value < 0 || value >= kSecondsPerDay * per_second) return nullptr;
  out = write_clock(static_cast<std::uint32_t>(value / per_second), out);
  return write_fraction_of(static_cast<std::uint32_t>(value % per_second), unit, out);
}

namespace {

// The number of a part, and what it counts; nothing if it is zero.
char* write_part(std::int64_t value, char designator, char* out) {
  if (value == 0) return out;
  out = write_integer(value, out);
  *out++ = designator;
  return out;
}

}  // namespace

char* write_interval(const Interval& interval, char* out) {
  const auto [months, days, nanoseconds] = interval;
  const bool is_negative = months <= 0 && days <= 0 && nanoseconds <= 0 &&
                           (months != 0 || days != 0 || nanoseconds != 0);
  const std::int64_t sign = is_negative ? -1 : 1;
  if (is_negative) *out++ = '-';
  *out++ = 'P';
  out = write_part(sign * (months / 12), 'Y', out);
  out = write_part(sign * (months % 12), 'M', out);
  out = write_part(sign * days, 'D', out);
  if (nanoseconds == 0 && (months != 0 || days != 0)) return out;
  // As a duration, without its P, and with the sign of the whole taken off.
  char time[kMaxTemporalText];
  const char* const end = write_duration(nanoseconds, TimeUnit::nanosecond, time);
  const char* begin = time + 1;
  *out++ = 'T';
  if (nanoseconds < 0) {
    ++begin;
    if (!is_negative) *out++ = '-';
  }
  ++begin;
  std::memcpy(out, begin, static_cast<std::size_t>(end - begin));
  return out + (end - begin);
}

char* write_duration(std::int64_t value, TimeUnit unit, char* out) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = ~magnitude + 1;
  }
  const auto per_second = static_cast<std::uint64_t>(kPerSecond[static_cast<int>(unit)]);
  std::memcpy(out, "PT", 2);
  out = write_unsigned(magnitude / per_second, out + 2);
  const auto fraction = static_cast<std::uint32_t>(magnitude % per_second);
  out = write_fraction_of(fraction, unit, out);
  if (fraction != 0) {
    while (out[-1] == '0') --out;
  }
  *out++ = 'S';
  return out;
}

}  // namespace kinesink::columnar
