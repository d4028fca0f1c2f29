// A thousand sinks that start at once, against a service that lets an account describe streams
// twenty times a second. Under virtual time: each sink has a thread and a loop of its own, and the
// one whose clock is behind all others goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "client/client_core.h"
#include "kinesink/sink.h"
#include "tests/support/simulated_loop.h"

namespace kinesink {
namespace {

constexpr int kSinks = 1'000;
constexpr double kCallsPerSecond = 20;

class FixedCredentials final : public CredentialsProvider {
 public:
  void get_credentials(bool, Callback done) override { done(Credentials{"AKIDEXAMPLE", "secret"}); }
};

// The account's limit, and the turns of those who run into it.
class Account {
 public:
  // False: refused. Returns when nobody can come before `when` any more.
  bool ask(Instant when) {
    std::unique_lock lock(mutex_);
    Turn turn;
    waiting_.emplace(when, &turn);
    --running_;
    wake();
    turn.changed.wait(lock, [&turn] { return turn.has_come; });
    ++asked_;
    const double seconds = std::chrono::duration<double>(when - refilled_).count();
    allowance_ = std::min(kCallsPerSecond, allowance_ + seconds * kCallsPerSecond);
    refilled_ = when;
    if (allowance_ < 1) return false;
    allowance_ -= 1;
    return true;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --running_;
    wake();
  }
  int asked() const { return asked_; }

 private:
  struct Turn {
    bool has_come = false;
    std::condition_variable changed;
  };
  void wake() {
    if (running_ > 0 || waiting_.empty()) return;
    Turn* const next = waiting_.extract(waiting_.begin()).mapped();
    ++running_;
    next->has_come = true;
    next->changed.notify_one();
  }

  std::mutex mutex_;  // guards what follows
  int running_ = kSinks;
  std::multimap<Instant, Turn*> waiting_;
  double allowance_ = kCallsPerSecond;
  Instant refilled_{};
  int asked_ = 0;
};

// One sink's way to the account.
class LimitedTransport final : public http::Transport {
 public:
  LimitedTransport(http::EventLoop& loop, Account& account) : loop_(loop), account_(account) {}

  RequestId send(http::Request, Completion complete) override {
    http::Response response;
    response.headers = {{"Content-Type", "application/x-amz-json-1.1"}};
    if (account_.ask(loop_.now())) {
      response.status = 200;
      response.body = R"({"StreamDescriptionSummary":{"StreamStatus":"ACTIVE"}})";
    } else {
      response.status = 400;
      response.body = R"({"__type":"LimitExceededException","message":"Rate exceeded"})";
    }
    loop_.call_at(loop_.now() + std::chrono::milliseconds(5),
                  [complete = std::move(complete), response = std::move(response)] {
                    complete({response, std::nullopt, false});
                  });
    return 1;
  }
  void cancel(RequestId) override {}

 private:
  http::EventLoop& loop_;
  Account& account_;
};

// How long it took by the sink's clock.
Result<Duration> start_one(Account& account) {
  tests::SimulatedLoop loop;
  LimitedTransport transport(loop, account);
  SinkOptions options;
  options.stream_name = "events";
  options.client.credentials = std::make_shared<FixedCredentials>();
  options.client.wire = WireChoice::json;
  const Instant begin = loop.now();
  KINESINK_ASSIGN(auto core, client::make_client_core(options.client, {&loop, &transport, {}}));
  KinesisSink sink(options, Client(std::move(core)));
  KINESINK_TRY(sink.on_start());
  return loop.now() - begin;
}

TEST(Herd, of_a_thousand_sinks_that_start_at_once_all_start) {
  Account account;
  std::vector<Result<Duration>> outcomes(kSinks, Duration{});
  std::vector<std::thread> threads;
  for (Result<Duration>& outcome : outcomes) {
    threads.emplace_back([&account, &outcome] {
      outcome = start_one(account);
      account.leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
  Duration longest{};
  int failed = 0;
  std::string why;
  for (const Result<Duration>& outcome : outcomes) {
    if (outcome) longest = std::max(longest, *outcome);
    if (!outcome && ++failed == 1) why = outcome.error().to_string();
  }
  EXPECT_EQ(failed, 0) << why;
  // The account's limit itself makes it 49 seconds.
  EXPECT_LT(longest, std::chrono::seconds(55));
  EXPECT_LT(account.asked(), 40 * kSinks);
  RecordProperty("seconds", static_cast<int>(std::chrono::duration<double>(longest).count()));
  RecordProperty("asked", account.asked());
}

}  // namespace
}  // namespace kinesink
