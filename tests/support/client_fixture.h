// A client over a transport that a test answers, under virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/client_core.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::client {

constexpr const char* kJson = "application/x-amz-json-1.1";
constexpr const char* kCbor = "application/x-amz-cbor-1.1";

inline http::Exchange answer_of(int status, std::string content_type, std::string body,
                                std::vector<http::Header> more = {}) {
  http::Response response{status, std::move(more), std::move(body)};
  response.headers.push_back({"x-amzn-RequestId", "request-1"});
  response.headers.push_back({"Content-Type", std::move(content_type)});
  return {std::move(response), std::nullopt, false};
}

inline http::Exchange error_of(ErrorKind kind, bool may_have_been_received = false) {
  return {std::nullopt, make_error(kind, "the network says no"), may_have_been_received};
}

// {"__type": code, "message": "why"} with status 400.
inline http::Exchange refusal(const std::string& code, std::vector<http::Header> more = {}) {
  return answer_of(400, kJson, R"({"__type":")" + code + R"(","message":"why"})", std::move(more));
}

// Keeps what is sent. Answers with the next of `answers`, else not before complete().
class FakeTransport final : public http::Transport {
 public:
  explicit FakeTransport(http::EventLoop& loop) : loop_(loop) {}

  RequestId send(http::Request request, Completion complete) override {
    bodies.emplace_back(request.body);
    requests.push_back(std::move(request));
    times.push_back(loop_.now());
    waiting_.push_back(std::move(complete));
    const RequestId id = waiting_.size();
    if (!answers.empty()) {
      loop_.post([this, id, answer = std::move(answers.front())] { complete_request(id, answer); });
      answers.pop_front();
    }
    return id;
  }
  void cancel(RequestId id) override {
    cancelled.push_back(id);
    loop_.post([this, id] { complete_request(id, error_of(ErrorKind::cancelled, true)); });
  }
  // Ignored if the request has ended.
  void complete_request(RequestId id, http::Exchange exchange) {
    if (auto complete = std::exchange(waiting_[id - 1], nullptr)) complete(std::move(exchange));
  }
  // The value of a header of the `index`th request; values of a repeated one are joined.
  std::string header(std::size_t index, std::string_view name) const {
    std::string value;
    std::vector<http::Header> all = requests.at(index).headers;
    if (const auto& shared = requests[index].shared_headers)
      all.insert(all.end(), shared->headers().begin(), shared->headers().end());
    for (const http::Header& one : all) {
      if (one.name == name) value += (value.empty() ? "" : "|") + one.value;
    }
    return value;
  }

  std::deque<http::Exchange> answers;
  std::vector<http::Request> requests;
  std::vector<std::string> bodies;
  std::vector<Instant> times;
  std::vector<RequestId> cancelled;

 private:
  http::EventLoop& loop_;
  std::vector<Completion> waiting_;
};

// Answers with the next of `answers`, else with `standing`; or, while held, not before release().
class FakeProvider final : public CredentialsProvider {
 public:
  void get_credentials(bool refresh, Callback done) override {
    refreshes.push_back(refresh);
    Result<Credentials> answer = standing;
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    if (!held) return done(std::move(answer));
    waiting.emplace_back([done = std::move(done), answer] { done(answer); });
  }
  void release() {
    held = false;
    for (const auto& done : std::exchange(waiting, {})) done();
  }

  Credentials standing{"AKIDEXAMPLE", "secret"};
  std::deque<Result<Credentials>> answers;
  std::vector<bool> refreshes;  // one of each call
  bool held = false;
  std::vector<std::function<void()>> waiting;
};

class ClientTest : public testing::Test {
 protected:
  ClientTest() { open({}); }

  void open(ClientOptions options) {
    options.credentials = provider_;
    options.log = [this](const LogRecord& record) { log_ += std::string(record.message) + "\n"; };
    auto core = make_client_core(std::move(options), {&loop_, &transport_, {"localhost", 4567}});
    ASSERT_TRUE(core) << core.error().to_string();
    core_ = *std::move(core);
  }
  ClientCore::CallId put(std::size_t records = 1, kinesis::Wire wire = kinesis::Wire::json,
                         const std::string& stream = "events") {
    const ClientCore::CallId call = core_->new_call();
    core_->put_records({stream}, wire, {put_call(call, "body", records)});
    return call;
  }
  PutRecordsCall put_call(ClientCore::CallId call, std::string_view body, std::size_t records) {
    return {call, body, std::nullopt, records, [this](PutRecordsOutcome outcome) {
              EXPECT_NE(outcome.answer.has_value(), outcome.failure.has_value());
              outcomes_.push_back(std::move(outcome));
            }};
  }
  // The outcome of a request that is answered like this.
  PutRecordsOutcome put_answered(http::Exchange answer, std::size_t records = 1) {
    transport_.answers.push_back(std::move(answer));
    put(records);
    loop_.run_until_idle();
    return outcomes_.back();
  }
  Instant in(Duration time) const { return loop_.now() + time; }
  // When the credentials that the provider gives end.
  void expire_in(Duration time) {
    provider_->standing.expiration =
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(loop_.wall_now() + time);
  }

  tests::SimulatedLoop loop_;
  FakeTransport transport_{loop_};
  std::shared_ptr<FakeProvider> provider_ = std::make_shared<FakeProvider>();
  std::string log_;
  std::shared_ptr<ClientCore> core_;
  std::vector<PutRecordsOutcome> outcomes_;
};

}  // namespace kinesink::client
