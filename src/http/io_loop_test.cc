#include "http/io_loop.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/http_fixture.h"

namespace kinesink::http {
namespace {

TEST(IoLoop, runs_what_is_posted_on_its_thread) {
  IoLoop loop(1);
  Event done;
  bool inside = false;
  EXPECT_FALSE(loop.on_loop_thread());
  loop.post([&] {
    inside = loop.on_loop_thread();
    done.set();
  });
  EXPECT_TRUE(done.wait());
  EXPECT_TRUE(inside);
}

TEST(IoLoop, timers_run_in_the_order_of_their_times_and_not_early) {
  IoLoop loop(1);
  Event done;
  std::vector<int> order;
  const Instant start = loop.now();
  Instant end{};
  loop.call_at(start + milliseconds(20), [&] {
    order.push_back(2);
    end = loop.now();
    done.set();
  });
  loop.call_at(start + milliseconds(10), [&] { order.push_back(1); });
  loop.call_at(start - milliseconds(10), [&] { order.push_back(0); });
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_GE(end, start + milliseconds(20));
}

TEST(IoLoop, a_cancelled_timer_never_runs) {
  auto loop = std::make_unique<IoLoop>(1);
  std::atomic<int> runs = 0;
  const auto never = loop->call_at(kNever, [&] { ++runs; });
  const auto soon = loop->call_at(loop->now() + milliseconds(5), [&] { ++runs; });
  loop->cancel(soon);
  loop->cancel(never);
  loop->cancel(never);
  loop->cancel(999);
  Event later;
  loop->call_at(loop->now() + milliseconds(10), [&] { later.set(); });
  EXPECT_TRUE(later.wait());
  loop.reset();
  EXPECT_EQ(runs, 0);
}

TEST(IoLoop, a_timer_may_cancel_itself_and_start_another) {
  IoLoop loop(1);
  Event done;
  std::mutex mutex;
  EventLoop::TimerId id = 0;
  std::unique_lock lock(mutex);
  id = loop.call_at(loop.now(), [&] {
    const std::lock_guard guard(mutex);
    loop.cancel(id);
    loop.call_at(loop.now(), [&] { done.set(); });
  });
  lock.unlock();
  EXPECT_TRUE(done.wait());
}

TEST(IoLoop, what_is_due_at_its_end_still_runs) {
  for (int i = 0; i < 50; ++i) {
    auto loop = std::make_unique<IoLoop>(2);
    std::atomic<int> runs = 0;
    for (int k = 0; k < 10; ++k) loop->post([&] { ++runs; });
    loop.reset();
    EXPECT_EQ(runs, 10);
  }
}

TEST(IoLoop, can_be_ended_by_its_own_thread) {
  for (int threads : {1, 3}) {
    auto loop = std::make_unique<IoLoop>(threads);
    Event done;
    std::atomic<bool> posted = false;
    loop->post([&] {
      loop->post([&] { posted = true; });
      loop.reset();
      done.set();
    });
    EXPECT_TRUE(done.wait());
    EXPECT_TRUE(posted);
  }
}

TEST(IoLoop, waits_until_ready_or_the_deadline) {
  IoLoop loop(1);
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::unique_lock lock(mutex);
  const auto is_ready = [&] { return ready; };
  EXPECT_FALSE(loop.wait(lock, changed, is_ready, loop.now() + milliseconds(5)));
  for (const Instant deadline : {kNever, loop.now() + kTestPatience}) {
    ready = false;
    loop.post([&] {
      const std::lock_guard guard(mutex);
      ready = true;
      changed.notify_all();
    });
    EXPECT_TRUE(loop.wait(lock, changed, is_ready, deadline));
  }
}

TEST(IoLoop, leaves_signals_to_the_threads_of_the_host) {
  IoLoop loop(1);
  Event done;
  sigset_t blocked;
  loop.post([&] {
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    done.set();
  });
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(::sigismember(&blocked, SIGINT), 1);
  EXPECT_EQ(::sigismember(&blocked, SIGTERM), 1);
  sigset_t own;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
  EXPECT_EQ(::sigismember(&own, SIGTERM), 0);
}

}  // namespace
}  // namespace kinesink::http
