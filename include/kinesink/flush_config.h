// When a request in progress is sent: whichever of the three comes first.
#pragma once

#include <chrono>
#include <cstddef>

namespace kinesink {

struct FlushConfig {
  std::size_t max_record_count = 500;        // records; 1 to 500
  std::size_t max_data_size = 4'000'000;     // bytes of payloads and keys; 1 to 10 MiB
  std::chrono::milliseconds max_age{1'000};  // of the oldest record; 1 ms to 1 h
};

}  // namespace kinesink
