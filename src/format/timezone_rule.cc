// The rule of a time zone: a POSIX TZ string with the extension of RFC 8536, section 3.3.1 (hours
// of -167 to 167).
#include <algorithm>

#include "format/timezone.h"

namespace kinesink::format {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kYears = 402;  // a cycle of the calendar, and a year at either end

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Days from 1970-01-01 to January 1 of a year from 1970 on.
std::int64_t first_day(std::int64_t year) {
  const std::int64_t before = year - 1;
  return 365 * (year - 1970) + before / 4 - before / 100 + before / 400 - 477;
}

// A day of the year and a time of that day, such as M3.5.0/3, J60 or 59.
struct Change {
  char kind = 'M';  // M, J, or 0: counted from 0, February 29 included
  std::int64_t month = 0, week = 0, day = 0;
  std::int64_t time = 7200;  // seconds of local time

  std::int64_t local_seconds(std::int64_t year) const {
    return (first_day(year) + day_of_year(year)) * kSecondsPerDay + time;
  }
  std::int64_t day_of_year(std::int64_t year) const;
};

std::int64_t Change::day_of_year(std::int64_t year) const {
  if (kind == '0') return day;
  if (kind == 'J') return day - 1 + (is_leap(year) && day >= 60 ? 1 : 0);
  constexpr std::int64_t kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
  const auto leap_days = [&](std::int64_t months) { return is_leap(year) && months >= 2 ? 1 : 0; };
  const std::int64_t begin = kBefore[month - 1] + leap_days(month - 1);
  const std::int64_t end = kBefore[month] + leap_days(month);
  const std::int64_t weekday = (first_day(year) + begin + 4) % 7;  // 1970-01-01: Thursday
  std::int64_t found = begin + (day - weekday + 7) % 7 + (week - 1) * 7;
  while (found >= end) found -= 7;
  return found;
}

class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool starts_offset() const {
    return !rest_.empty() && std::string_view("+-0123456789").find(rest_[0]) != rest_.npos;
  }
  bool take_number(std::int64_t low, std::int64_t high, std::int64_t& value) {
    std::size_t size = 0;
    for (value = 0; size < rest_.size() && size < 4; ++size) {
      const char c = rest_[size];
      if (c < '0' || c > '9') break;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(size);
    return size > 0 && value >= low && value <= high;
  }
  bool take_name() {
    const bool is_quoted = take('<');
    const std::size_t size = is_quoted ? rest_.find('>') : rest_.find_first_of("+-,0123456789");
    if (size == 0 || (is_quoted && size == rest_.npos)) return false;
    rest_.remove_prefix(size == rest_.npos ? rest_.size() : size + (is_quoted ? 1 : 0));
    return true;
  }
  // [+-]h[:m[:s]] in seconds.
  bool take_time(std::int64_t& seconds) {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    std::int64_t hours = 0, minutes = 0, rest = 0;
    if (!take_number(0, 167, hours)) return false;
    if (take(':') && !take_number(0, 59, minutes)) return false;
    if (take(':') && !take_number(0, 59, rest)) return false;
    seconds = hours * 3600 + minutes * 60 + rest;
    if (is_negative) seconds = -seconds;
    return true;
  }
  bool take_change(Change& change) {
    if (!take(',')) return false;
    if (take('M')) {
      change.kind = 'M';
      if (!take_number(1, 12, change.month) || !take('.') || !take_number(1, 5, change.week) ||
          !take('.') || !take_number(0, 6, change.day)) {
        return false;
      }
    } else {
      change.kind = take('J') ? 'J' : '0';
      const std::int64_t first = change.kind == 'J' ? 1 : 0;
      if (!take_number(first, 365, change.day)) return false;
    }
    return !take('/') || take_time(change.time);
  }

 private:
  std::string_view rest_;
};

struct Rule {
  std::int64_t standard = 0, summer = 0;  // seconds west of UTC, as POSIX has them
  bool has_summer = false;
  Change to_summer, to_standard;
};

bool parse_rule(std::string_view text, Rule& rule) {
  RuleReader reader(text);
  if (!reader.take_name() || !reader.take_time(rule.standard)) return false;
  if (reader.done()) return true;
  rule.has_summer = true;
  rule.summer = rule.standard - 3600;
  if (!reader.take_name()) return false;
  if (reader.starts_offset() && !reader.take_time(rule.summer)) return false;
  return reader.take_change(rule.to_summer) && reader.take_change(rule.to_standard) &&
         reader.done();
}

}  // namespace

Result<ZoneRule> expand_zone_rule(std::string_view text, std::int64_t first_year) {
  Rule rule;
  if (!parse_rule(text, rule)) {
    return make_error(ErrorKind::invalid_data, "The rule of the time zone cannot be read.");
  }
  ZoneRule expanded;
  expanded.offset = static_cast<std::int32_t>(-rule.standard);
  if (!rule.has_summer) return expanded;
  for (std::int64_t year = first_year; year <= first_year + kYears; ++year) {
    expanded.transitions.push_back({rule.to_summer.local_seconds(year) + rule.standard,
                                    static_cast<std::int32_t>(-rule.summer)});
    expanded.transitions.push_back({rule.to_standard.local_seconds(year) + rule.summer,
                                    static_cast<std::int32_t>(-rule.standard)});
  }
  std::stable_sort(expanded.transitions.begin(), expanded.transitions.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return expanded;
}

}  // namespace kinesink::format
