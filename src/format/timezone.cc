#include "format/timezone.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace kinesink::format {
namespace {

constexpr std::int64_t kSecondsPerCycle = std::int64_t{146'097} * 86'400;  // 400 years
constexpr std::int64_t kSecondsPerYear = 31'556'952;                       // on average

Error unknown_zone(std::string_view name) {
  return make_error(ErrorKind::not_found, "The time zone " + std::string(name) +
                                              " is not in /usr/share/zoneinfo. Install tzdata, or "
                                              "cast the column to another time zone.");
}

Error malformed() {
  return make_error(ErrorKind::invalid_data, "The time zone file is not a valid TZif file.");
}

std::int32_t whole_minutes(std::int32_t offset) {
  const std::int32_t up = offset + 30;
  return (up / 60 - (up % 60 < 0 ? 1 : 0)) * 60;
}

// +HH, +HHMM or +HH:MM.
bool parse_offset(std::string_view text, std::int32_t& offset) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  std::string digits(text.substr(1));
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  const std::int32_t hours = (digits[0] - '0') * 10 + digits[1] - '0';
  const std::int32_t minutes = (digits[2] - '0') * 10 + digits[3] - '0';
  offset = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
  return hours < 24 && minutes < 60;
}

// Only names, never a way out of the database's folder.
bool is_zone_name(std::string_view name) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/";
  return !name.empty() && name.front() != '/' && name.back() != '/' &&
         name.find("//") == std::string_view::npos &&
         name.find_first_not_of(kLetters) == std::string_view::npos;
}

struct Counts {
  std::size_t utc, standard, leap, time, type, letters;
};

class TzifReader {
 public:
  explicit TzifReader(std::string_view bytes) : rest_(bytes) {}

  bool take(std::size_t size, std::string_view& taken) {
    if (rest_.size() < size) return false;
    taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  static std::int64_t number(std::string_view bytes) {
    std::uint64_t value = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
    return static_cast<std::int64_t>(value);
  }
  bool take_header(char& version, Counts& counts) {
    std::string_view header;
    if (!take(44, header) || header.substr(0, 4) != "TZif") return false;
    version = header[4];
    const auto count = [&](std::size_t at) {
      return static_cast<std::size_t>(number(header.substr(at, 4)) & 0xffffffff);
    };
    counts = {count(20), count(24), count(28), count(32), count(36), count(40)};
    const std::size_t most = TimeZone::kMaxFileSize;
    return counts.utc < most && counts.standard < most && counts.leap < most &&
           counts.time < most && counts.type < most && counts.letters < most;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC" || name == "Z" || name == "Etc/UTC") return TimeZone(0);
  std::int32_t offset = 0;
  if (parse_offset(name, offset)) return TimeZone(offset);
  if (!is_zone_name(name)) return unknown_zone(name);
  std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
  std::string bytes(kMaxFileSize + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.empty() || bytes.size() > kMaxFileSize) return unknown_zone(name);
  auto zone = parse(bytes);
  if (!zone)
    return make_error(ErrorKind::not_found,
                      "Time zone " + std::string(name) + ": " + zone.error().message);
  return zone;
}

Result<TimeZone> TimeZone::parse(std::string_view tzif) {
  TzifReader reader(tzif);
  char version = 0;
  Counts counts{};
  if (!reader.take_header(version, counts)) return malformed();
  std::size_t time_size = 4;
  std::string_view skipped;
  if (version >= '2') {  // the same once more, with 64-bit times
    const std::size_t size = counts.time * 5 + counts.type * 6 + counts.letters + counts.leap * 8 +
                             counts.standard + counts.utc;
    if (!reader.take(size, skipped) || !reader.take_header(version, counts)) return malformed();
    time_size = 8;
  }
  std::string_view times, kinds, types;
  if (!reader.take(counts.time * time_size, times) || !reader.take(counts.time, kinds) ||
      !reader.take(counts.type * 6, types) || counts.type == 0 ||
      !reader.take(counts.letters + counts.standard + counts.utc, skipped)) {
    return malformed();
  }
  if (counts.leap != 0) {
    return make_error(ErrorKind::invalid_data, "The time zone file counts leap seconds.");
  }
  const auto offset_of = [&](std::size_t type) {
    return static_cast<std::int32_t>(TzifReader::number(types.substr(type * 6, 4)));
  };
  TimeZone zone(offset_of(0));
  for (std::size_t i = 0; i < counts.time; ++i) {
    const auto type = static_cast<std::uint8_t>(kinds[i]);
    const std::int64_t at = TzifReader::number(times.substr(i * time_size, time_size));
    const bool falls = !zone.transitions_.empty() && at <= zone.transitions_.back().at;
    if (type >= counts.type || falls) return malformed();
    zone.transitions_.push_back({at, offset_of(type)});
  }
  std::string_view footer = reader.rest();
  if (time_size == 8 && footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n') {
    KINESINK_TRY(zone.add_rule(footer.substr(1, footer.size() - 2)));
  }
  return zone;
}

Result<void> TimeZone::add_rule(std::string_view rule) {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  const std::int64_t last = transitions_.empty() ? kNever : transitions_.back().at;
  const std::int64_t year = 1970 + std::max<std::int64_t>(last, 0) / kSecondsPerYear;
  KINESINK_ASSIGN(const ZoneRule expanded, expand_zone_rule(rule, year));
  if (expanded.transitions.empty()) {
    if (transitions_.empty()) first_offset_ = expanded.offset;
    return {};
  }
  for (const ZoneTransition& transition : expanded.transitions) {
    if (transition.at > last) transitions_.push_back(transition);
  }
  // A time at which the last cycle is complete and holds nothing but the rule.
  repeats_at_ = transitions_.back().at;
  if (repeats_at_ - kSecondsPerCycle < last) return malformed();
  return {};
}

ZoneSpan TimeZone::span_at(std::int64_t seconds) const {
  std::int64_t shift = 0;
  if (seconds >= repeats_at_) {
    shift = ((seconds - repeats_at_) / kSecondsPerCycle + 1) * kSecondsPerCycle;
  }
  const std::int64_t at = seconds - shift;
  const auto next =
      std::upper_bound(transitions_.begin(), transitions_.end(), at,
                       [](std::int64_t time, const ZoneTransition& t) { return time < t.at; });
  ZoneSpan span{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                whole_minutes(first_offset_)};
  if (next != transitions_.begin()) {
    span.begin = std::prev(next)->at;
    span.offset = whole_minutes(std::prev(next)->offset);
  }
  if (next != transitions_.end()) span.end = next->at;
  if (shift != 0) {  // far beyond any text: one second is answer enough
    span.begin = seconds;
    span.end = seconds + (seconds < std::numeric_limits<std::int64_t>::max() ? 1 : 0);
  }
  return span;
}

}  // namespace kinesink::format
