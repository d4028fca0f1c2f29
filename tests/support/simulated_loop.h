// An event loop under virtual time, in one thread: whoever waits runs the events. Time moves only
// from event to event.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include "base/clock.h"
#include "http/event_loop.h"

namespace kinesink::tests {

class SimulatedLoop final : public http::EventLoop {
 public:
  Instant now() const override { return clock_.now(); }
  WallTime wall_now() const override { return clock_.wall_now(); }
  void post(std::function<void()> callback) override { call_at(now(), std::move(callback)); }
  TimerId call_at(Instant when, std::function<void()> callback) override;
  void cancel(TimerId timer) override;
  // Runs events, with the lock released, until ready() or the deadline. False if nothing is left
  // that could make it ready: a deadlock.
  bool wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
            const std::function<bool()>& ready, Instant deadline) override;
  bool on_loop_thread() const override { return running_; }

  // Runs all events that are due within `by`, then stands at its end.
  void advance(Duration by);
  // Runs until no event is left, at most `events` of them; false if there were more.
  bool run_until_idle(std::uint64_t events = 10'000'000);
  std::uint64_t events() const { return events_; }
  void set_wall_skew(Duration skew) { clock_.set_wall_skew(skew); }

 private:
  using Key = std::pair<Instant, TimerId>;
  // Runs the next event that is due by `latest`; false if there is none.
  bool run_one(Instant latest);

  ManualClock clock_;
  std::map<Key, std::function<void()>> queue_;
  std::unordered_map<TimerId, Instant> due_;
  TimerId next_timer_ = 1;
  std::uint64_t events_ = 0;
  bool running_ = false;
};

}  // namespace kinesink::tests
