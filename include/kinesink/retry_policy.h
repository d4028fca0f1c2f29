// How often and how fast a record is sent again.
#pragma once

#include <chrono>
#include <cstdint>

namespace kinesink {

struct RetryPolicy {
  std::uint32_t max_retries = 20;
  // Doubles with every retry; the actual delay is half fixed, half random.
  std::chrono::milliseconds base_delay{100};
  std::chrono::milliseconds max_delay{2'000};
};

}  // namespace kinesink
