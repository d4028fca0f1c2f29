// The event loop of the real world: an Asio context on threads of its own.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "http/client.h"
#include "http/event_loop.h"

namespace kinesink::http {

class IoLoop final : public EventLoop {
 public:
  explicit IoLoop(int threads);
  // Stops and joins; what was ready still runs. From one of its own threads: the thread ends by
  // itself. In a forked child: nothing is touched.
  ~IoLoop() override;
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  Instant now() const override { return clock_.now(); }
  WallTime wall_now() const override { return clock_.wall_now(); }
  void post(std::function<void()> callback) override;
  TimerId call_at(Instant when, std::function<void()> callback) override;
  void cancel(TimerId timer) override;
  bool wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
            const std::function<bool()>& ready, Instant deadline) override;
  bool on_loop_thread() const override;

  boost::asio::io_context& context();

 private:
  struct State;
  SystemClock clock_;
  const pid_t process_;
  std::shared_ptr<State> state_;  // shared with the threads, which may outlast this
};

}  // namespace kinesink::http
