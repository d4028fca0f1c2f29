// Time as a value: whatever needs it is handed an Instant, or a Clock at the edge of the pure
// rooms.
#pragma once

#include <chrono>
#include <cstdint>

namespace kinesink {

using Duration = std::chrono::nanoseconds;
// Monotonic; for deadlines and ages.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// UTC since the Unix epoch; for signatures and timestamps.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr Instant kNever = Instant::max();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;
};

// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  }
  WallTime wall_now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

// Moves only when told. For tests and simulations; one thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime wall = WallTime(std::chrono::seconds(1'750'000'000)))
      : wall_origin_(wall) {}

  Instant now() const override { return Instant(elapsed_); }
  WallTime wall_now() const override { return wall_origin_ + elapsed_ + wall_skew_; }
  void advance(Duration by) { elapsed_ += by; }
  void advance_to(Instant to) {
    if (to > now()) elapsed_ = to.time_since_epoch();
  }
  // Makes the wall clock wrong by `skew`, as on a machine without NTP.
  void set_wall_skew(Duration skew) { wall_skew_ = skew; }

 private:
  Duration elapsed_{1};
  Duration wall_skew_{0};
  WallTime wall_origin_;
};

}  // namespace kinesink
