// Whether a request is signed at all, and, when asked for, by whom it says.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/transport.h"
#include "kinesink/result.h"
#include "local/service.h"

namespace kinesink::local {

// Refuses a request without Authorization, with parts of it missing, and, with `accepted`, one
// whose signature is not that key's over exactly this request, now.
Result<void> check_authorization(const http::Request& request, WallTime now,
                                 std::string_view region,
                                 const std::optional<AcceptedKey>& accepted);

}  // namespace kinesink::local
