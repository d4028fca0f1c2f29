// A transport without a network: takes every request and answers at once that all is stored. For
// measuring what a client does by itself.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "bench/clean_answer.h"
#include "http/event_loop.h"
#include "http/transport.h"
#include "kinesis/request_body.h"
#include "kinesis/value.h"

namespace kinesink::bench {

// Thread-safe. Answers on the loop.
class DiscardingTransport final : public http::Transport {
 public:
  explicit DiscardingTransport(http::EventLoop& loop) : loop_(loop) {}

  RequestId send(http::Request request, Completion complete) override {
    const bool puts = request.header("X-Amz-Target").ends_with(".PutRecords");
    http::Exchange exchange;
    exchange.response.emplace();
    exchange.response->status = 200;
    exchange.response->headers = {
        {"Content-Type", std::string(kinesis::content_type_of(kinesis::Wire::cbor))}};
    exchange.response->body = puts ? answer_to(record_count(request.body)) : summary();
    loop_.post([complete = std::move(complete), exchange = std::move(exchange)]() mutable {
      complete(std::move(exchange));
    });
    return 1;
  }
  void cancel(RequestId) override {}

 private:
  // The count in the array head behind "Records", near the start of the body.
  static std::size_t record_count(std::string_view body) {
    constexpr std::string_view kRecords = "Records\x99";
    const std::size_t at = body.find(kRecords) + kRecords.size();
    return static_cast<std::size_t>(static_cast<unsigned char>(body[at])) << 8 |
           static_cast<unsigned char>(body[at + 1]);
  }
  static std::string summary() {
    kinesis::Value::Members description;
    description.emplace_back("StreamStatus", kinesis::Value("ACTIVE"));
    kinesis::Value::Members members;
    members.emplace_back("StreamDescriptionSummary", kinesis::Value(std::move(description)));
    return kinesis::encode(kinesis::Value(std::move(members)), kinesis::Wire::cbor);
  }
  const std::string& answer_to(std::size_t records) {
    const std::lock_guard lock(mutex_);
    std::string& answer = answers_[records];
    if (answer.empty()) answer = put_records_answer(kinesis::Wire::cbor, records, 0);
    return answer;
  }

  http::EventLoop& loop_;
  std::mutex mutex_;
  std::map<std::size_t, std::string> answers_;  // by number of records
};

}  // namespace kinesink::bench
