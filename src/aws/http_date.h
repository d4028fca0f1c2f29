// The clock of a server, which its answers tell.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace kinesink::aws {

// Services take signatures of five minutes to either side; an error of the clock below this was not
// why one was refused.
inline constexpr Duration kClockTolerance = std::chrono::minutes(4);

// Of a header such as Date: Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110, section 5.6.7). Nothing if it
// is malformed.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace kinesink::aws
