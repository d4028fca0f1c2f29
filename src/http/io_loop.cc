#include "http/io_loop.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kinesink::http {

namespace asio = boost::asio;

struct IoLoop::State {
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::vector<std::thread> threads;
  std::mutex mutex;  // guards what follows
  std::unordered_map<TimerId, std::unique_ptr<asio::steady_timer>> timers;
  TimerId next_timer = 1;
};

IoLoop::IoLoop(int threads) : process_(::getpid()), state_(std::make_shared<State>()) {
  // The host process's signals are for its own threads.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 0; i < std::max(threads, 1); ++i) {
    state_->threads.emplace_back([state = state_] {
      ::pthread_setname_np(::pthread_self(), "kinesink-io");
      state->context.run();
    });
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

IoLoop::~IoLoop() {
  if (::getpid() != process_) {
    // The threads exist in the parent only. The state is left as it is.
    new std::shared_ptr<State>(std::move(state_));
    return;
  }
  state_->work.reset();
  state_->context.stop();
  bool inside = false;
  for (std::thread& thread : state_->threads) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();  // it holds the state until it has returned from here
      inside = true;
    } else {
      thread.join();
    }
  }
  // Completions that were already due still run.
  state_->context.restart();
  state_->context.poll();
  if (inside) state_->context.stop();  // for the run() that this was called from
}

asio::io_context& IoLoop::context() { return state_->context; }

void IoLoop::post(std::function<void()> callback) {
  // Held until this returns: the callback may be the one that ends the loop.
  const std::shared_ptr<State> state = state_;
  asio::post(state->context, std::move(callback));
}

EventLoop::TimerId IoLoop::call_at(Instant when, std::function<void()> callback) {
  const std::shared_ptr<State> held = state_;  // as in post()
  const std::lock_guard lock(held->mutex);
  const TimerId id = held->next_timer++;
  auto timer = std::make_unique<asio::steady_timer>(held->context, when);
  // The handler borrows the state: it runs inside context.run(), or is destroyed with the context.
  timer->async_wait([state = held.get(), id, callback = std::move(callback)](const auto& error) {
    std::unique_ptr<asio::steady_timer> spent;
    {
      const std::lock_guard guard(state->mutex);
      const auto found = state->timers.find(id);
      if (found == state->timers.end()) return;
      spent = std::move(found->second);
      state->timers.erase(found);
    }
    if (!error) callback();
  });
  held->timers.emplace(id, std::move(timer));
  return id;
}

void IoLoop::cancel(TimerId timer) {
  std::unique_ptr<asio::steady_timer> cancelled;
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->timers.find(timer);
  if (found == state_->timers.end()) return;
  cancelled = std::move(found->second);
  state_->timers.erase(found);
}

bool IoLoop::wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                  const std::function<bool()>& ready, Instant deadline) {
  if (deadline != kNever) return changed.wait_until(lock, deadline, ready);
  changed.wait(lock, ready);
  return true;
}

bool IoLoop::on_loop_thread() const {
  return state_->context.get_executor().running_in_this_thread();
}

std::unique_ptr<EventLoop> make_io_loop(int threads) { return std::make_unique<IoLoop>(threads); }

}  // namespace kinesink::http
