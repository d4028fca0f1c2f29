// Where completions and timers run. The seam that lets the whole sink run under virtual time in one
// thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/clock.h"

namespace kinesink::http {

// All methods are thread-safe. Callbacks run on the loop's I/O threads (a simulated loop: on the
// caller of wait()), one at a time per loop unless the implementation says otherwise, and must not
// throw.
class EventLoop : public Clock {
 public:
  using TimerId = std::uint64_t;

  virtual void post(std::function<void()> callback) = 0;
  // Runs `callback` once, not before `when`.
  virtual TimerId call_at(Instant when, std::function<void()> callback) = 0;
  // After return the callback has run, is running, or never will. Unknown ids are ignored.
  virtual void cancel(TimerId timer) = 0;
  // Blocks the calling thread (never a loop thread) until ready() or the deadline; ready() is
  // called with the lock held. Whoever changes what ready() reads notifies `changed`. A simulated
  // loop runs its events meanwhile, with the lock released.
  virtual bool wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    const std::function<bool()>& ready, Instant deadline) = 0;
  virtual bool on_loop_thread() const = 0;
};

}  // namespace kinesink::http
