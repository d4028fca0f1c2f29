// When a record is sent again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"
#include "kinesink/retry_policy.h"

namespace kinesink::delivery {

// Delay before retry number `backoffs` (0 for the first): base * 2^backoffs, at most max_delay;
// half of it fixed, half random.
inline Duration backoff(const RetryPolicy& policy, std::uint32_t backoffs, Random& random) {
  constexpr std::uint32_t kLargestExponent = 20;
  const std::uint32_t exponent = std::min(backoffs, kLargestExponent);
  const Duration full = std::min<Duration>(policy.max_delay, policy.base_delay * (1U << exponent));
  const auto half = static_cast<std::uint64_t>(full.count() / 2);
  return Duration(static_cast<std::int64_t>(half + random.below(half + 1)));
}

}  // namespace kinesink::delivery
