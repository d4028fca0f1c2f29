// Expected texts were computed with Python's datetime.

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "columnar/text.h"

namespace kinesink::columnar {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

template <typename Write, typename... Arguments>
std::string written(Write write, Arguments... arguments) {
  char text[kMaxTemporalText];
  char* const end = write(arguments..., text);
  return end != nullptr ? std::string(text, end) : "refused";
}
std::string date(std::int64_t days) { return written(write_date, days); }
std::string timestamp(std::int64_t value, TimeUnit unit) {
  char text[kMaxTemporalText];
  char* const end = write_timestamp(value, unit, text);
  return end != nullptr ? std::string(text, end) : "refused";
}
std::string time(std::int64_t value, TimeUnit unit) {
  return written(write_time_of_day, value, unit);
}
std::string duration(std::int64_t value, TimeUnit unit) {
  char text[kMaxTemporalText];
  return {text, write_duration(value, unit, text)};
}

TEST(DateText, is_the_iso_date) {
  EXPECT_EQ(date(0), "1970-01-01");
  EXPECT_EQ(date(-1), "1969-12-31");
  EXPECT_EQ(date(11016), "2000-02-29");
  EXPECT_EQ(date(-25567), "1900-01-01");
  EXPECT_EQ(date(19782), "2024-02-29");
  EXPECT_EQ(date(59), "1970-03-01");
  EXPECT_EQ(date(-141428), "1582-10-14");
}

TEST(DateText, covers_the_years_0000_to_9999) {
  EXPECT_EQ(date(-719528), "0000-01-01");
  EXPECT_EQ(date(-719529), "refused");
  EXPECT_EQ(date(2932896), "9999-12-31");
  EXPECT_EQ(date(2932897), "refused");
  EXPECT_EQ(date(kMin), "refused");
  EXPECT_EQ(date(kMax), "refused");
}

// A calendar by counting, as slow as it is plain.
TEST(DateText, follows_the_calendar_day_by_day) {
  constexpr int kDaysOf[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto put = [](int number, int width, char* out) {
    for (int i = width; i-- > 0; number /= 10) out[i] = static_cast<char>('0' + number % 10);
  };
  std::int64_t day = -719528;
  char expected[] = "0000-00-00";
  for (int year = 0; year <= 9999; ++year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    put(year, 4, expected);
    for (int month = 1; month <= 12; ++month) {
      put(month, 2, expected + 5);
      const int days = kDaysOf[month - 1] + (month == 2 && leap ? 1 : 0);
      for (int of_month = 1; of_month <= days; ++of_month, ++day) {
        put(of_month, 2, expected + 8);
        char text[kMaxTemporalText];
        char* const end = write_date(day, text);
        ASSERT_NE(end, nullptr);
        ASSERT_EQ(std::string_view(text, static_cast<std::size_t>(end - text)), expected);
      }
    }
  }
  EXPECT_EQ(day, 2932897);
}

struct TimestampText {
  std::int64_t value;
  TimeUnit unit;
  const char* text;
};
constexpr TimestampText kTimestamps[] = {
    {0, TimeUnit::second, "1970-01-01T00:00:00"},
    {-1, TimeUnit::second, "1969-12-31T23:59:59"},
    {951782400, TimeUnit::second, "2000-02-29T00:00:00"},
    {4107542399, TimeUnit::second, "2100-02-28T23:59:59"},
    {-62135596800, TimeUnit::second, "0001-01-01T00:00:00"},
    {253402300799, TimeUnit::second, "9999-12-31T23:59:59"},
    {253402300800, TimeUnit::second, "refused"},
    {-62167219200, TimeUnit::second, "0000-01-01T00:00:00"},
    {-62167219201, TimeUnit::second, "refused"},
    {1700000000002, TimeUnit::millisecond, "2023-11-14T22:13:20.002"},
    {-1, TimeUnit::millisecond, "1969-12-31T23:59:59.999"},
    {1709251199999, TimeUnit::millisecond, "2024-02-29T23:59:59.999"},
    {1, TimeUnit::microsecond, "1970-01-01T00:00:00.000001"},
    {-1000, TimeUnit::microsecond, "1969-12-31T23:59:59.999"},
    {1582979696000500, TimeUnit::microsecond, "2020-02-29T12:34:56.000500"},
    {1, TimeUnit::nanosecond, "1970-01-01T00:00:00.000000001"},
    {kMin, TimeUnit::nanosecond, "1677-09-21T00:12:43.145224192"},
    {kMax, TimeUnit::nanosecond, "2262-04-11T23:47:16.854775807"},
    {1700000000123000000, TimeUnit::nanosecond, "2023-11-14T22:13:20.123"},
    {1700000000123456000, TimeUnit::nanosecond, "2023-11-14T22:13:20.123456"},
    {-86400000000000, TimeUnit::nanosecond, "1969-12-31T00:00:00"},
    {kMin, TimeUnit::second, "refused"},
    {kMax, TimeUnit::microsecond, "refused"},
};

TEST(TimestampText, rounds_down_before_1970_and_has_as_many_digits_as_needed) {
  for (const TimestampText& expected : kTimestamps) {
    EXPECT_EQ(timestamp(expected.value, expected.unit), expected.text);
  }
}

TEST(TimestampText, is_the_same_with_a_kept_date) {
  DateText kept;
  for (int round = 0; round < 2; ++round) {
    for (const TimestampText& expected : kTimestamps) {
      char text[kMaxTemporalText];
      char* const end = write_timestamp(expected.value, expected.unit, kept, text);
      EXPECT_EQ(end != nullptr ? std::string(text, end) : "refused", expected.text);
    }
  }
}

TEST(TimeText, covers_one_day) {
  EXPECT_EQ(time(0, TimeUnit::second), "00:00:00");
  EXPECT_EQ(time(86399, TimeUnit::second), "23:59:59");
  EXPECT_EQ(time(86400, TimeUnit::second), "refused");
  EXPECT_EQ(time(-1, TimeUnit::second), "refused");
  EXPECT_EQ(time(45296789, TimeUnit::millisecond), "12:34:56.789");
  EXPECT_EQ(time(45296000001, TimeUnit::microsecond), "12:34:56.000001");
  EXPECT_EQ(time(45296120000, TimeUnit::microsecond), "12:34:56.120");
  EXPECT_EQ(time(86399999999999, TimeUnit::nanosecond), "23:59:59.999999999");
  EXPECT_EQ(time(86400000000000, TimeUnit::nanosecond), "refused");
}

TEST(DurationText, is_iso_8601_seconds) {
  EXPECT_EQ(duration(0, TimeUnit::nanosecond), "PT0S");
  EXPECT_EQ(duration(90, TimeUnit::second), "PT90S");
  EXPECT_EQ(duration(1500, TimeUnit::millisecond), "PT1.5S");
  EXPECT_EQ(duration(-1, TimeUnit::millisecond), "-PT0.001S");
  EXPECT_EQ(duration(1000010, TimeUnit::microsecond), "PT1.00001S");
  EXPECT_EQ(duration(kMin, TimeUnit::nanosecond), "-PT9223372036.854775808S");
  EXPECT_EQ(duration(kMin, TimeUnit::second), "-PT9223372036854775808S");
  EXPECT_EQ(duration(kMax, TimeUnit::second), "PT9223372036854775807S");
}

std::string interval(std::int32_t months, std::int32_t days, std::int64_t nanoseconds) {
  char text[kMaxIntervalText];
  return {text, write_interval({months, days, nanoseconds}, text)};
}

TEST(IntervalText, is_iso_8601_of_the_parts_that_are_not_zero) {
  EXPECT_EQ(interval(0, 0, 0), "PT0S");
  EXPECT_EQ(interval(14, 0, 0), "P1Y2M");
  EXPECT_EQ(interval(12, 0, 0), "P1Y");
  EXPECT_EQ(interval(11, 0, 0), "P11M");
  EXPECT_EQ(interval(0, 3, 4'500'000'000), "P3DT4.5S");
  EXPECT_EQ(interval(0, 400, 0), "P400D");
  EXPECT_EQ(interval(0, 0, 90'000'000'000'000), "PT90000S");
  EXPECT_EQ(interval(25, 1, 1), "P2Y1M1DT0.000000001S");
}

TEST(IntervalText, has_one_sign_if_all_parts_have_it_else_one_each) {
  EXPECT_EQ(interval(-14, 0, 0), "-P1Y2M");
  EXPECT_EQ(interval(-14, -3, -1'500'000'000), "-P1Y2M3DT1.5S");
  EXPECT_EQ(interval(0, -3, 0), "-P3D");
  EXPECT_EQ(interval(0, 0, -1'000'000), "-PT0.001S");
  EXPECT_EQ(interval(1, -3, 0), "P1M-3D");
  EXPECT_EQ(interval(-14, 3, -4'000'000'000), "P-1Y-2M3DT-4S");
  EXPECT_EQ(interval(0, -1, 1), "P-1DT0.000000001S");
}

TEST(IntervalText, of_the_ends_of_the_range) {
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(interval(kMost, kMost, kMax), "P178956970Y7M2147483647DT9223372036.854775807S");
  EXPECT_EQ(interval(kLeast, kLeast, kMin), "-P178956970Y8M2147483648DT9223372036.854775808S");
  EXPECT_EQ(interval(kLeast, kMost, kMin), "P-178956970Y-8M2147483647DT-9223372036.854775808S");
}

}  // namespace
}  // namespace kinesink::columnar
