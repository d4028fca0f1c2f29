#include "delivery/delivery_fixture.h"

namespace kinesink::delivery {
namespace {

using Budget = DeliveryTest;
using std::chrono::seconds;

// Fails request after request until nothing is sent any more; how often the record was sent.
int times_sent(Delivery& delivery, ManualClock& clock, kinesis::ErrorClass error_class) {
  for (int sent = 0; sent < 1'000; ++sent) {
    std::optional<RequestId> request;
    while (std::optional<Action> action = delivery.next_action(clock.now())) {
      if (const auto* send = std::get_if<Send>(&*action)) request = send->request;
    }
    if (!request) return sent;
    delivery.failed(*request, {error_class, make_error(ErrorKind::transient, "no"), false},
                    clock.now());
    clock.advance(seconds(20));
  }
  return 1'000;
}

TEST_F(Budget, twenty_retries_then_the_sink_fails_and_says_so) {
  start();
  add(2);
  EXPECT_EQ(times_sent(*delivery_, clock_, kinesis::ErrorClass::transient), 21);
  ASSERT_TRUE(delivery_->failure());
  EXPECT_EQ(delivery_->failure()->kind, ErrorKind::exhausted);
  EXPECT_EQ(delivery_->failure()->message,
            "the record of row 0 was sent 21 times and not stored; 2 rows are not settled. The "
            "last answer: no");
  EXPECT_EQ(accounts(), "2 = 2 abandoned");
}

TEST_F(Budget, thirty_for_rows_that_a_checkpoint_waits_for) {
  start();
  add(1);
  delivery_->checkpoint(1, 1, kNever);
  EXPECT_EQ(times_sent(*delivery_, clock_, kinesis::ErrorClass::transient), 31);
}

TEST_F(Budget, a_row_at_the_barrier_is_not_covered_and_the_last_checkpoint_counts) {
  // Row 0 stays in flight, so that the checkpoints stay open.
  for (const bool covered : {false, true}) {
    start();
    next_row_ = 0;
    add(1);
    actions();
    delivery_->checkpoint(1, 1, kNever);
    add(1);
    if (covered) delivery_->checkpoint(2, 2, kNever);
    EXPECT_EQ(times_sent(*delivery_, clock_, kinesis::ErrorClass::transient), covered ? 31 : 21);
  }
}

TEST_F(Budget, a_throttled_record_spends_nothing_while_others_are_stored) {
  start({.max_in_flight = 2});
  add(1);
  RequestId request = 1;
  actions();
  for (int i = 0; i < 100; ++i) {
    add(1);
    actions();
    stored(request + 1);  // the new row's
    partly(request, {0});
    ASSERT_FALSE(delivery_->failure()) << i;
    advance(seconds(3));
    actions();
    request += 2;
  }
  EXPECT_EQ(accounts(), "101 = 100 acknowledged 1 pending");
}

TEST_F(Budget, a_throttled_record_is_given_up_when_nothing_at_all_is_stored) {
  start();
  add(1);
  EXPECT_EQ(times_sent(*delivery_, clock_, kinesis::ErrorClass::throttled), 21);
  EXPECT_EQ(delivery_->failure()->kind, ErrorKind::exhausted);
}

TEST_F(Budget, what_was_stored_before_the_last_try_saves_no_throttled_record) {
  start();
  add(1);
  actions();
  stored(1);
  add(1);
  EXPECT_EQ(times_sent(*delivery_, clock_, kinesis::ErrorClass::throttled), 21);
}

TEST_F(Budget, an_exhausted_record_goes_to_the_dead_letter_when_asked) {
  start({.retry = {.max_retries = 1}, .on_exhausted = OnReject::dead_letter});
  add(2);
  actions();
  partly(1, {1}, kinesis::ErrorClass::transient);
  advance(seconds(3));
  EXPECT_EQ(actions(), "send 2: 1");
  partly(2, {0}, kinesis::ErrorClass::transient);
  EXPECT_EQ(actions(), "dead letter 1 '1' Code after 2, release");
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 pending");
  delivery_->dead_lettered(tokens_[0], {});
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 rejected");
}

TEST_F(Budget, a_dead_letter_that_cannot_be_kept_fails_the_sink) {
  start({.retry = {.max_retries = 0}, .on_exhausted = OnReject::dead_letter});
  add(1);
  actions();
  partly(1, {0}, kinesis::ErrorClass::transient);
  actions();
  delivery_->dead_lettered(tokens_[0], make_error(ErrorKind::resource, "disk full"));
  EXPECT_EQ(delivery_->failure()->message, "disk full");
  EXPECT_EQ(accounts(), "1 = 1 abandoned");
}

TEST_F(Budget, too_many_rejects_fail_the_sink) {
  start({.max_rejected = 2});
  for (std::int64_t row = 0; row < 3; ++row) {
    delivery_->row_rejected(row, make_error(ErrorKind::invalid_data, "bad"));
    actions();
    delivery_->dead_lettered(tokens_.back(), {});
    EXPECT_EQ(delivery_->failure().has_value(), row == 2) << row;
  }
  EXPECT_EQ(delivery_->failure()->kind, ErrorKind::exhausted);
  EXPECT_EQ(accounts(), "3 = 3 rejected");
}

}  // namespace
}  // namespace kinesink::delivery
