#include "delivery/delivery_fixture.h"

namespace kinesink::delivery {
namespace {

using Endings = DeliveryTest;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(Endings, a_checkpoint_waits_for_all_rows_below_its_barrier_only) {
  start();
  add(2);
  delivery_->checkpoint(7, 2, kNever);
  add(1);
  EXPECT_EQ(actions(), "send 1: 0 1, send 2: 2");
  stored(1);
  EXPECT_EQ(actions(), "release, checkpoint 7 ok");
}

TEST_F(Endings, a_checkpoint_of_nothing_is_done_at_once) {
  start();
  delivery_->checkpoint(1, 0, kNever);
  EXPECT_EQ(actions(), "checkpoint 1 ok");
}

TEST_F(Endings, checkpoints_complete_in_order) {
  start();
  add(1);
  delivery_->checkpoint(1, 1, kNever);
  add(1);
  delivery_->checkpoint(2, 2, kNever);
  actions();
  stored(2);
  EXPECT_EQ(actions(), "release");
  stored(1);
  EXPECT_EQ(actions(), "release, checkpoint 1 ok, checkpoint 2 ok");
}

TEST_F(Endings, a_checkpoint_waits_for_the_dead_letter) {
  start();
  delivery_->row_rejected(0, make_error(ErrorKind::invalid_data, "bad"));
  delivery_->checkpoint(1, 1, kNever);
  EXPECT_EQ(actions(), "dead letter 0 '' invalid_data after 0");
  delivery_->dead_lettered(tokens_[0], {});
  EXPECT_EQ(actions(), "checkpoint 1 ok");
}

TEST_F(Endings, a_checkpoint_gives_up_at_its_deadline_but_delivery_goes_on) {
  start();
  add(1);
  delivery_->checkpoint(1, 1, clock_.now() + seconds(1));
  actions();
  failed(1, kinesis::ErrorClass::transient);
  EXPECT_LE(delivery_->next_wakeup(), clock_.now() + seconds(1));
  advance(seconds(1));
  EXPECT_EQ(actions(), "checkpoint 1 timeout, send 2: 0");
  stored(2);
  EXPECT_EQ(accounts(), "1 = 1 acknowledged");
  EXPECT_FALSE(delivery_->failure());
}

TEST_F(Endings, a_permanent_failure_stops_the_sink_and_its_checkpoints) {
  start({.max_in_flight = 1});
  add(1);
  add(1);
  delivery_->checkpoint(1, 2, kNever);
  actions();
  failed(1, kinesis::ErrorClass::permanent, false, ErrorKind::permanent);
  EXPECT_EQ(actions(), "release, release, checkpoint 1 permanent");
  EXPECT_EQ(delivery_->failure()->aws_code, "Code");
  EXPECT_EQ(accounts(), "2 = 2 abandoned");
  add(1);
  EXPECT_EQ(actions(), "release");
  EXPECT_EQ(accounts(), "3 = 3 abandoned");
}

TEST_F(Endings, what_was_in_flight_when_the_sink_failed_still_counts) {
  start();
  add(1);
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::permanent);
  stored(2);
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 abandoned");
}

TEST_F(Endings, abandoning_settles_everything_at_once_and_releases_bodies_when_their_requests_end) {
  start({.max_in_flight = 1});
  add(1);
  add(1);
  delivery_->row_rejected(2, make_error(ErrorKind::invalid_data, "bad"));
  next_row_ = 3;
  delivery_->checkpoint(1, 3, kNever);
  EXPECT_EQ(actions(), "dead letter 2 '' invalid_data after 0, send 1: 0");
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  EXPECT_EQ(accounts(), "3 = 3 abandoned");
  EXPECT_EQ(actions(), "release, checkpoint 1 cancelled");
  delivery_->dead_lettered(tokens_[0], {});  // too late
  stored(1);
  EXPECT_EQ(accounts(), "3 = 3 abandoned");
  EXPECT_EQ(actions(), "release");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Endings, requests_that_fail_after_the_end_count_once) {
  start();
  add(2);
  actions();
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  failed(1, kinesis::ErrorClass::transient);
  EXPECT_EQ(accounts(), "2 = 2 abandoned");
  EXPECT_EQ(actions(), "release");
}

TEST_F(Endings, nothing_is_left_to_do_after_the_end) {
  start({.max_in_flight = 1});
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::transient);  // waits for its time
  add(1);
  actions();
  failed(2, kinesis::ErrorClass::auth);  // waits for credentials
  EXPECT_EQ(actions(), "refresh");
  delivery_->row_rejected(2, make_error(ErrorKind::invalid_data, "bad"));
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  delivery_->credentials_refreshed(make_error(ErrorKind::auth, "no provider"), clock_.now());
  EXPECT_EQ(actions(), "release, release");
  EXPECT_EQ(delivery_->next_wakeup(), kNever);
  EXPECT_EQ(accounts(), "3 = 3 abandoned");
}

TEST_F(Endings, the_first_error_is_the_one_that_is_told) {
  start();
  delivery_->fail_callers(make_error(ErrorKind::invalid_data, "first"));
  delivery_->fail_callers(make_error(ErrorKind::invalid_data, "second"));
  EXPECT_EQ(delivery_->failure()->message, "first");
}

TEST_F(Endings, a_deadline_wakes_delivery_up) {
  start();
  add(1);
  actions();
  delivery_->checkpoint(1, 1, clock_.now() + seconds(3));
  EXPECT_EQ(actions(), "");
  EXPECT_EQ(delivery_->next_wakeup(), clock_.now() + seconds(3));
  advance_to_wakeup();
  EXPECT_EQ(actions(), "checkpoint 1 timeout");
  EXPECT_EQ(delivery_->next_wakeup(), kNever);
}

TEST_F(Endings, abandoning_twice_counts_once) {
  start();
  add(2);
  actions();
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  delivery_->abandon(make_error(ErrorKind::cancelled, "again"));
  EXPECT_EQ(accounts(), "2 = 2 abandoned");
  EXPECT_EQ(delivery_->failure()->message, "destroyed");
}

TEST_F(Endings, callers_can_fail_while_what_was_accepted_still_goes) {
  start();
  add(1);
  delivery_->row_abandoned(7);
  delivery_->fail_callers(make_error(ErrorKind::invalid_data, "row 1 is bad"));
  delivery_->checkpoint(1, 2, kNever);
  EXPECT_EQ(actions(), "send 1: 0");
  stored(1);
  EXPECT_EQ(actions(), "release, checkpoint 1 invalid_data");
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 abandoned");
}

TEST_F(Endings, refused_credentials_are_refreshed_once_for_all_requests) {
  start();
  add(1);
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::auth);
  failed(2, kinesis::ErrorClass::auth);
  EXPECT_EQ(actions(), "refresh");
  delivery_->credentials_refreshed({}, clock_.now());
  EXPECT_EQ(actions(), "send 3: 1, send 4: 0");
  stored(3);
  stored(4);
  EXPECT_EQ(accounts(), "2 = 2 acknowledged");
}

TEST_F(Endings, a_request_signed_before_the_refresh_does_not_ask_for_another) {
  start();
  add(1);
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::auth);
  actions();
  delivery_->credentials_refreshed({}, clock_.now());
  EXPECT_EQ(actions(), "send 3: 0");
  failed(2, kinesis::ErrorClass::auth);
  EXPECT_EQ(actions(), "send 4: 1");
}

TEST_F(Endings, credentials_that_stay_refused_fail_the_sink_after_five_refreshes) {
  start();
  add(1);
  actions();
  for (RequestId request = 1; request <= 5; ++request) {
    failed(request, kinesis::ErrorClass::auth);
    ASSERT_EQ(actions(), "refresh") << request;
    delivery_->credentials_refreshed({}, clock_.now());
    actions();
  }
  failed(6, kinesis::ErrorClass::auth);
  ASSERT_TRUE(delivery_->failure());
  EXPECT_EQ(delivery_->failure()->kind, ErrorKind::auth);
  EXPECT_EQ(accounts(), "1 = 1 abandoned");
}

TEST_F(Endings, an_answer_between_refusals_makes_their_count_start_again) {
  start();
  RequestId request = 0;
  for (int i = 0; i < 20; ++i) {
    add(1);
    actions();
    failed(++request, kinesis::ErrorClass::auth);
    ASSERT_EQ(actions(), "refresh") << i;
    delivery_->credentials_refreshed({}, clock_.now());
    actions();
    stored(++request);
    actions();
  }
  EXPECT_EQ(accounts(), "20 = 20 acknowledged");
}

TEST_F(Endings, credentials_that_stay_refused_for_thirty_seconds_fail_the_sink) {
  for (const int milliseconds_more : {0, 1}) {
    start();
    next_row_ = 0;
    add(1);
    actions();
    failed(1, kinesis::ErrorClass::auth);
    ASSERT_EQ(actions(), "refresh");
    delivery_->credentials_refreshed({}, clock_.now());
    actions();
    advance(seconds(30) + milliseconds(milliseconds_more));
    failed(2, kinesis::ErrorClass::auth);
    EXPECT_EQ(delivery_->failure().has_value(), milliseconds_more == 1);
  }
}

TEST_F(Endings, a_refresh_that_fails_is_tried_again_after_a_second) {
  start();
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::auth);
  actions();
  delivery_->credentials_refreshed(make_error(ErrorKind::auth, "no provider"), clock_.now());
  EXPECT_EQ(actions(), "");
  EXPECT_EQ(delivery_->next_wakeup(), clock_.now() + seconds(1));
  advance(seconds(1));
  EXPECT_EQ(actions(), "refresh");
}

TEST_F(Endings, a_clock_error_is_retried_once_at_once) {
  start();
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::clock);
  EXPECT_EQ(actions(), "send 2: 0");
  failed(2, kinesis::ErrorClass::clock);
  ASSERT_TRUE(delivery_->failure());
  EXPECT_EQ(delivery_->failure()->kind, ErrorKind::auth);
}

TEST_F(Endings, a_clock_that_was_right_once_more_may_be_corrected_again) {
  start();
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::clock);
  EXPECT_EQ(actions(), "send 2: 0");
  partly(2, {0});  // the signature was good
  advance_to_wakeup();
  EXPECT_EQ(actions(), "send 3: 0");
  failed(3, kinesis::ErrorClass::clock);
  EXPECT_EQ(actions(), "send 4: 0");
}

TEST_F(Endings, skipped_rows_are_settled_at_once) {
  start();
  delivery_->row_skipped();
  EXPECT_EQ(accounts(), "1 = 1 skipped");
}

// What a caller may leave out when it begins anew after a crash.
TEST_F(DeliveryTest, names_the_rows_that_are_not_settled) {
  start({.max_in_flight = 8, .on_exhausted = OnReject::fail});
  add(3);
  add(3);
  add(3);
  using Ranges = std::vector<RowRange>;
  EXPECT_EQ(delivery_->unsettled_rows(), (Ranges{{0, 9}}));
  actions();
  partly(1, {1});
  stored(3);
  // One record that waits for its retry does not hold back its neighbours.
  EXPECT_EQ(delivery_->unsettled_rows(), (Ranges{{1, 2}, {3, 6}}));
  delivery_->abandon(make_error(ErrorKind::closed, "enough"));
  EXPECT_EQ(delivery_->unsettled_rows(), (Ranges{{1, 2}, {3, 6}}));
  stored(2);  // too late to count
  EXPECT_EQ(delivery_->unsettled_rows(), (Ranges{{1, 2}, {3, 6}}));
}

}  // namespace
}  // namespace kinesink::delivery
