// A line on stderr that is written over while rows flow.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "kinesink/stats.h"

namespace kinesink::cli {

class Progress {
 public:
  using Look = std::function<Stats()>;                             // any thread
  using TotalRows = std::function<std::optional<std::int64_t>()>;  // any thread

  // Draws five times a second, on a thread of its own, until it ends; nothing unless `shown`.
  Progress(bool shown, Look look, TotalRows total_rows);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void run();
  void draw(const Stats& stats, std::optional<std::int64_t> total) const;

  const Look look_;
  const TotalRows total_rows_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kinesink::cli
