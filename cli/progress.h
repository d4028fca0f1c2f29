// A line on stderr that is written over while rows flow.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "kinesink/stats.h"

namespace kinesink::cli {

class Progress {
 public:
  Progress(bool shown, std::optional<std::int64_t> total_rows)
      : shown_(shown), total_(total_rows) {}
  ~Progress() { clear(); }

  // Draws at most five times a second.
  void update(const Stats& stats);
  void clear();

 private:
  const bool shown_;
  const std::optional<std::int64_t> total_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drawn_{};
  bool on_screen_ = false;
};

}  // namespace kinesink::cli
