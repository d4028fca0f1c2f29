// For tests of the client: a loop, a scripted server and calls that wait for their completion.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "http/client.h"
#include "tests/support/scripted_server.h"

namespace kinesink::http {

using std::chrono::milliseconds;
using tests::Peer;
using tests::ScriptedServer;

// A stand-in for a deadline that must never be reached.
inline constexpr auto kTestPatience = std::chrono::seconds(20);

// A flag that threads wait for.
class Event {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kTestPatience, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

// What became of one request. Must live until the completion has run.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void start(Transport& transport, std::string_view body = {}) {
    Request request;
    request.body = body;
    start(transport, std::move(request));
  }
  void start(Transport& transport, Request request) {
    id_ = transport.send(std::move(request), [this](Exchange exchange) {
      ++completions_;
      exchange_ = std::move(exchange);
      if (on_completion) on_completion();
      done_.set();
    });
  }
  const Exchange& wait() {
    EXPECT_TRUE(done_.wait()) << "no completion";
    return exchange_;
  }
  // The body, or the error.
  std::string text() {
    const Exchange& exchange = wait();
    if (exchange.response) return exchange.response->body;
    return exchange.error ? exchange.error->to_string() : "nothing";
  }
  int status() { return wait().response ? wait().response->status : 0; }
  // Fails the test if there was an answer.
  Error error() {
    const Exchange& exchange = wait();
    EXPECT_FALSE(exchange.response);
    return exchange.error.value_or(make_error(ErrorKind::internal, "no error"));
  }
  bool may_have_been_received() { return wait().may_have_been_received; }
  int completions() const { return completions_; }
  Transport::RequestId id() const { return id_; }

  std::function<void()> on_completion;  // on the loop's thread, before wait() returns

 private:
  Transport::RequestId id_ = 0;
  Exchange exchange_;
  std::atomic<int> completions_ = 0;
  Event done_;
};

class ClientTest : public testing::Test {
 protected:
  void TearDown() override { finish(); }
  // Joins the scripts. To be called before a test reads what its script wrote, and at the latest
  // before variables end that the script refers to.
  void finish() {
    client_.reset();
    loop_.reset();
    server_.reset();
  }

  void serve(ScriptedServer::Script script, int receive_buffer = 0) {
    server_ = std::make_unique<ScriptedServer>(std::move(script), receive_buffer);
    options_.endpoint = {"127.0.0.1", server_->port(), false};
  }
  void open() {
    auto opened = open_http_client(*loop_, options_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    client_ = *std::move(opened);
  }
  std::string ask(std::string_view body = {}) {
    Call call;
    call.start(*client_, body);
    return call.text();
  }

  HttpClientOptions options_;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<EventLoop> loop_ = make_io_loop();
  std::unique_ptr<Transport> client_;
};

}  // namespace kinesink::http
