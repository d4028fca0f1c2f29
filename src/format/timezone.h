// Offsets of a time zone from UTC. A named zone is read once, when a plan is made, from the
// system's time zone database (/usr/share/zoneinfo): the one file that this room touches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "kinesink/result.h"

namespace kinesink::format {

// A stretch of time with one offset. Seconds since 1970-01-01T00:00:00Z.
struct ZoneSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;     // not in it
  std::int32_t offset = 0;  // seconds east of UTC, rounded to whole minutes: RFC 3339 has no others

  bool contains(std::int64_t seconds) const { return seconds >= begin && seconds < end; }
};

struct ZoneTransition {
  std::int64_t at = 0;
  std::int32_t offset = 0;  // from then on
};

// The changes of a zone from one year to 400 years later, by the rule that is the last line of a
// TZif file (https://www.rfc-editor.org/rfc/rfc8536#section-3.3), such as
// CET-1CEST,M3.5.0,M10.5.0/3; or its one offset, if it has no summer time.
struct ZoneRule {
  std::int32_t offset = 0;
  std::vector<ZoneTransition> transitions;
};
Result<ZoneRule> expand_zone_rule(std::string_view rule, std::int64_t first_year);

class TimeZone {
 public:
  // A larger file is not a time zone.
  static constexpr std::size_t kMaxFileSize = std::size_t{1} << 20;

  // `UTC`, `Z`, a fixed offset (`+05:30`, `+0530`, `+05`), or a name of the database such as
  // Europe/Paris. Error not_found for any other.
  static Result<TimeZone> find(std::string_view name);
  // From the bytes of a TZif file.
  static Result<TimeZone> parse(std::string_view tzif);

  ZoneSpan span_at(std::int64_t seconds) const;

 private:
  explicit TimeZone(std::int32_t offset) : first_offset_(offset) {}
  Result<void> add_rule(std::string_view rule);

  std::int32_t first_offset_;
  std::vector<ZoneTransition> transitions_;  // rising
  // The last 400 years before this time repeat for ever, as the calendar does.
  std::int64_t repeats_at_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace kinesink::format
