// How many requests may be in flight: a fixed number, or additive increase on clean answers and
// multiplicative decrease on throttling and time-outs
// (https://en.wikipedia.org/wiki/Additive_increase/multiplicative_decrease).
#pragma once

#include <algorithm>
#include <cstdint>

namespace kinesink::delivery {

inline constexpr std::uint32_t kMaxInFlight = 128;

class InFlightLimit {
 public:
  explicit InFlightLimit(std::uint32_t fixed) : fixed_(fixed) {}

  std::uint32_t now() const { return fixed_ != 0 ? fixed_ : static_cast<std::uint32_t>(limit_); }

  // `in_flight`: requests, this one included. The limit only grows while it is what holds requests
  // back.
  void clean_answer(std::size_t in_flight) {
    if (static_cast<double>(in_flight) + 1 < limit_) return;
    limit_ = std::min<double>(kMaxInFlight, limit_ + (starting_ ? 1.0 : 1.0 / limit_));
  }

  // `share` of the request's records was throttled (1 for a whole request or a time-out): a hot
  // shard that throttles a few records does not slow down all others. Requests sent before the last
  // decrease do not count: they met the same congestion.
  void congested(double share, std::uint64_t request, std::uint64_t last_request) {
    if (request <= decreased_at_) return;
    starting_ = false;
    decreased_at_ = last_request;
    limit_ = std::max(1.0, limit_ * (1.0 - 0.5 * share));
  }

 private:
  static constexpr double kStart = 4;

  std::uint32_t fixed_;
  double limit_ = kStart;
  bool starting_ = true;  // doubles every round trip until the first congestion
  std::uint64_t decreased_at_ = 0;
};

}  // namespace kinesink::delivery
