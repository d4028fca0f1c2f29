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
constexpr int kFractionDigits[] = {0, 3, 6, 9};

struct Division {
  std::int64_t quotient;
  std::int64_t rest;  // never negative
};

Division floor_divide(std::int64_t value, std::int64_t divisor) {
  const Division division{value / divisor, value % divisor};
  if (division.rest >= 0) return division;
  return {division.quotient - 1, division.rest + divisor};
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

char* write_clock(std::uint32_t second_of_day, char* out) {
  const std::uint32_t minutes = second_of_day / 60;
  out = write_two_digits(minutes / 60, out);
  *out++ = ':';
  out = write_two_digits(minutes % 60, out);
  *out++ = ':';
  return write_two_digits(second_of_day % 60, out);
}

// Nothing, or a point and 3, 6 or 9 digits: as few as hold the value.
char* write_fraction(std::uint32_t fraction, TimeUnit unit, char* out) {
  if (fraction == 0) return out;
  int groups = kFractionDigits[static_cast<int>(unit)] / 3;
  while (fraction % 1000 == 0) {
    fraction /= 1000;
    --groups;
  }
  *out++ = '.';
  for (int i = groups; i-- > 0; fraction /= 1000) write_three_digits(fraction % 1000, out + 3 * i);
  return out + 3 * groups;
}

}  // namespace

bool write_date(std::int64_t days, char*& out) {
  if (days < kFirstDay || days > kLastDay) return false;
  write_day(days, out);
  out += sizeof(DateText::text);
  return true;
}

bool write_timestamp(std::int64_t value, TimeUnit unit, DateText& date, char*& out) {
  const auto [seconds, fraction] = floor_divide(value, kPerSecond[static_cast<int>(unit)]);
  const auto [day, second_of_day] = floor_divide(seconds, kSecondsPerDay);
  if (day != date.day) {
    if (day < kFirstDay || day > kLastDay) return false;
    write_day(day, date.text);
    date.day = day;
  }
  std::memcpy(out, date.text, sizeof(date.text));
  out[sizeof(date.text)] = 'T';
  out = write_clock(static_cast<std::uint32_t>(second_of_day), out + sizeof(date.text) + 1);
  out = write_fraction(static_cast<std::uint32_t>(fraction), unit, out);
  return true;
}

bool write_timestamp(std::int64_t value, TimeUnit unit, char*& out) {
  DateText date;
  return write_timestamp(value, unit, date, out);
}

bool write_time_of_day(std::int64_t value, TimeUnit unit, char*& out) {
  const std::int64_t per_second = kPerSecond[static_cast<int>(unit)];
  if (value < 0 || value >= kSecondsPerDay * per_second) return false;
  out = write_clock(static_cast<std::uint32_t>(value / per_second), out);
  out = write_fraction(static_cast<std::uint32_t>(value % per_second), unit, out);
  return true;
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
  out = write_fraction(fraction, unit, out);
  if (fraction != 0) {
    while (out[-1] == '0') --out;
  }
  *out++ = 'S';
  return out;
}

}  // namespace kinesink::columnar
