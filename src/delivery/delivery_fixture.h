// For tests of delivery: a clock moved by hand, bodies with numbered rows, and actions rendered as
// text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delivery/delivery.h"
#include "kinesis/put_records_request.h"

namespace kinesink::delivery {

class DeliveryTest : public testing::Test {
 protected:
  static constexpr std::size_t kCapacity = 10;  // records of a body

  static Body make_body() {
    return std::make_unique<kinesis::RequestBody>(
        kinesis::Wire::cbor, kinesis::StreamReference{"events"}, kCapacity, 10'000, 1'000);
  }

  void start(DeliveryOptions options = {}) {
    delivery_ = std::make_unique<Delivery>(options, make_body(), make_body, 42);
  }

  // One row a record, numbered on; its payload is the number.
  Body body_of(std::size_t count) {
    Body body = make_body();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string payload = std::to_string(next_row_);
      std::uint8_t* end = std::copy(payload.begin(), payload.end(), body->begin_entry());
      body->end_entry(end, "key", "", next_row_++);
    }
    return body;
  }
  void add(std::size_t count) { delivery_->add(body_of(count), clock_.now()); }

  // All actions that are due, one word or two each: `send 1: 0 1 2` names the rows.
  std::string actions() {
    std::string text;
    while (std::optional<Action> action = delivery_->next_action(clock_.now())) {
      if (!text.empty()) text += ", ";
      text += rendered(*action);
    }
    return text;
  }

  void advance(Duration by) { clock_.advance(by); }
  void advance_to_wakeup() { clock_.advance_to(delivery_->next_wakeup()); }

  void stored(RequestId request) { delivery_->answered(request, {}, clock_.now()); }
  // The entries named are refused with the code, the others stored.
  void partly(RequestId request, std::vector<std::uint32_t> failed,
              kinesis::ErrorClass error_class = kinesis::ErrorClass::throttled) {
    kinesis::PutRecordsAnswer answer;
    for (const std::uint32_t index : failed)
      answer.failed.push_back({index, error_class, "Code", "said no"});
    delivery_->answered(request, std::move(answer), clock_.now());
  }
  void failed(RequestId request, kinesis::ErrorClass error_class, bool may_have_been_stored = false,
              ErrorKind kind = ErrorKind::transient) {
    Failure failure{error_class, make_error(kind, "said no"), may_have_been_stored};
    failure.error.aws_code = "Code";
    failure.error.request_id = "id-1";
    delivery_->failed(request, std::move(failure), clock_.now());
  }

  // received = acknowledged + rejected + skipped + abandoned + pending.
  std::string accounts() const {
    const Stats stats = delivery_->stats();
    EXPECT_EQ(stats.received, stats.acknowledged + stats.rejected + stats.skipped +
                                  stats.abandoned + stats.pending);
    std::string text = std::to_string(stats.received) + " =";
    const auto add = [&text](std::uint64_t rows, const char* what) {
      if (rows > 0) text += ' ' + std::to_string(rows) + ' ' + what;
    };
    add(stats.acknowledged, "acknowledged");
    add(stats.rejected, "rejected");
    add(stats.skipped, "skipped");
    add(stats.abandoned, "abandoned");
    add(stats.pending, "pending");
    return text;
  }

  ManualClock clock_;
  std::unique_ptr<Delivery> delivery_;
  std::int64_t next_row_ = 0;
  std::vector<std::uint64_t> tokens_;  // of dead letters seen

 private:
  std::string rendered(const Action& action) {
    if (const auto* send = std::get_if<Send>(&action)) {
      kinesis::PutRecordsRequest request;
      EXPECT_TRUE(kinesis::parse_put_records_request(kinesis::Wire::cbor, send->body, request));
      EXPECT_EQ(request.records.size(), send->record_count);
      std::string text = "send " + std::to_string(send->request) + ":";
      for (const auto& record : request.records) text += ' ' + std::string(record.data);
      return text;
    }
    if (std::holds_alternative<Release>(action)) return "release";
    if (std::holds_alternative<RefreshCredentials>(action)) return "refresh";
    if (const auto* letter = std::get_if<DeadLetter>(&action)) {
      tokens_.push_back(letter->token);
      return "dead letter " + std::to_string(letter->row) + " '" + letter->kept.payload + "' " +
             letter->code + " after " + std::to_string(letter->attempts);
    }
    const auto& done = std::get<CheckpointDone>(action);
    return "checkpoint " + std::to_string(done.checkpoint) +
           (done.result ? " ok" : ' ' + std::string(name_of(done.result.error().kind)));
  }
};

}  // namespace kinesink::delivery
