#include "aws/http_date.h"

namespace kinesink::aws {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

// Reads all of `text`, which must be digits.
std::optional<int> number_of(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

// The C library's strptime follows the process's locale.
std::optional<WallTime> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kShape.size() || !text.ends_with(" GMT")) return std::nullopt;
  const auto day_number = number_of(text.substr(5, 2));
  const auto year_number = number_of(text.substr(12, 4));
  const auto hour = number_of(text.substr(17, 2));
  const auto minute = number_of(text.substr(20, 2));
  const auto second = number_of(text.substr(23, 2));
  const std::size_t month_at = kMonths.find(text.substr(8, 3));
  if (month_at == kMonths.npos || month_at % 3 != 0) return std::nullopt;
  if (!day_number || !year_number || !hour || !minute || !second) return std::nullopt;
  const year_month_day date(year(*year_number), month(static_cast<unsigned>(month_at / 3 + 1)),
                            day(static_cast<unsigned>(*day_number)));
  // WallTime counts nanoseconds and ends in 2262.
  if (!date.ok() || *year_number < 1970 || *year_number > 2200) return std::nullopt;
  return WallTime(sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(*second);
}

}  // namespace kinesink::aws
