#include "tests/support/simulated_loop.h"

#include <utility>

namespace kinesink::tests {

http::EventLoop::TimerId SimulatedLoop::call_at(Instant when, std::function<void()> callback) {
  const TimerId id = next_timer_++;
  queue_.emplace(Key{when, id}, std::move(callback));
  due_.emplace(id, when);
  return id;
}

void SimulatedLoop::cancel(TimerId timer) {
  const auto found = due_.find(timer);
  if (found == due_.end()) return;
  queue_.erase({found->second, timer});
  due_.erase(found);
}

bool SimulatedLoop::run_one(Instant latest) {
  if (queue_.empty() || queue_.begin()->first.first > latest) return false;
  auto next = queue_.extract(queue_.begin());
  due_.erase(next.key().second);
  clock_.advance_to(next.key().first);
  ++events_;
  running_ = true;
  next.mapped()();
  running_ = false;
  return true;
}

bool SimulatedLoop::wait(std::unique_lock<std::mutex>& lock, std::condition_variable&,
                         const std::function<bool()>& ready, Instant deadline) {
  while (!ready()) {
    lock.unlock();
    const bool ran = run_one(deadline);
    lock.lock();
    if (ran) continue;
    if (deadline != kNever) clock_.advance_to(deadline);
    return ready();
  }
  return true;
}

void SimulatedLoop::advance(Duration by) {
  const Instant end = now() + by;
  while (run_one(end)) {
  }
  clock_.advance_to(end);
}

bool SimulatedLoop::run_until_idle(std::uint64_t events) {
  for (std::uint64_t ran = 0; ran < events; ++ran) {
    if (!run_one(kNever)) return true;
  }
  return queue_.empty();
}

}  // namespace kinesink::tests
