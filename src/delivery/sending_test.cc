#include "delivery/delivery_fixture.h"

namespace kinesink::delivery {
namespace {

using Sending = DeliveryTest;
using std::chrono::milliseconds;

TEST_F(Sending, sends_bodies_in_order_and_settles_them_in_any) {
  start();
  add(2);
  add(1);
  EXPECT_EQ(actions(), "send 1: 0 1, send 2: 2");
  EXPECT_EQ(accounts(), "3 = 3 pending");
  stored(2);
  EXPECT_EQ(delivery_->watermark(), 0);
  EXPECT_EQ(actions(), "release");
  stored(1);
  EXPECT_EQ(accounts(), "3 = 3 acknowledged");
  EXPECT_EQ(delivery_->watermark(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Sending, keeps_to_a_fixed_number_in_flight) {
  start({.max_in_flight = 1});
  add(1);
  add(1);
  EXPECT_EQ(actions(), "send 1: 0");
  stored(1);
  EXPECT_EQ(actions(), "release, send 2: 1");
}

TEST_F(Sending, starts_with_four_in_flight_and_grows_while_answers_are_clean) {
  start();
  for (int i = 0; i < 20; ++i) add(1);
  EXPECT_EQ(actions(), "send 1: 0, send 2: 1, send 3: 2, send 4: 3");
  for (RequestId i = 1; i <= 4; ++i) {
    stored(i);
    actions();
  }
  EXPECT_EQ(delivery_->stats().in_flight_limit, 8U);
  EXPECT_EQ(delivery_->stats().in_flight, 8U);
}

TEST_F(Sending, halves_the_limit_once_per_congestion) {
  start();
  for (int i = 0; i < 20; ++i) add(1);
  actions();
  for (RequestId i = 1; i <= 4; ++i) {
    stored(i);
    actions();
  }
  ASSERT_EQ(delivery_->stats().in_flight_limit, 8U);
  for (RequestId i = 5; i <= 12; ++i) failed(i, kinesis::ErrorClass::throttled);
  // All eight met the same congestion.
  EXPECT_EQ(delivery_->stats().in_flight_limit, 4U);
}

TEST_F(Sending, a_hot_shard_that_throttles_one_record_in_ten_hardly_slows_the_others) {
  start();
  for (int i = 0; i < 20; ++i) add(10);
  actions();
  for (RequestId i = 1; i <= 4; ++i) {
    stored(i);
    actions();
  }
  partly(5, {3});
  EXPECT_EQ(delivery_->stats().in_flight_limit, 7U);  // 8 * (1 - 0.5 / 10)
}

TEST_F(Sending, never_sends_more_than_the_largest_limit) {
  start();
  for (int i = 0; i < 2'000; ++i) add(1);
  actions();
  for (RequestId i = 1; i < 1'500; ++i) {
    stored(i);
    actions();
    ASSERT_LE(delivery_->stats().in_flight, kMaxInFlight);
  }
  EXPECT_EQ(delivery_->stats().in_flight_limit, kMaxInFlight);
}

TEST_F(Sending, sends_again_only_what_failed) {
  start();
  add(4);
  actions();
  partly(1, {1, 3});
  EXPECT_EQ(accounts(), "4 = 2 acknowledged 2 pending");
  EXPECT_EQ(actions(), "");
  advance_to_wakeup();
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 2: 1 3");
  stored(2);
  EXPECT_EQ(accounts(), "4 = 4 acknowledged");
  const Stats stats = delivery_->stats();
  EXPECT_EQ(stats.retries, 2U);
  EXPECT_EQ(stats.throttled, 2U);
  EXPECT_EQ(stats.possible_duplicates, 0U);
}

TEST_F(Sending, new_rows_do_not_wait_for_a_backoff) {
  start();
  add(1);
  actions();
  partly(1, {0});
  add(1);
  EXPECT_EQ(actions(), "send 2: 1");
}

TEST_F(Sending, retries_that_are_due_go_before_new_rows) {
  start({.max_in_flight = 1});
  add(1);
  actions();
  partly(1, {0});
  add(1);
  EXPECT_EQ(actions(), "send 2: 1");
  add(1);
  advance(milliseconds(100));
  stored(2);
  EXPECT_EQ(actions(), "release, send 3: 0");
}

TEST_F(Sending, gathers_what_is_due_in_several_bodies_into_one_request) {
  start();
  add(2);
  add(2);
  add(2);
  actions();
  partly(1, {0});
  partly(2, {1});
  partly(3, {0, 1});
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 4: 0 3 4 5, release, release, release");
}

TEST_F(Sending, waits_between_half_and_all_of_the_backoff) {
  start();
  Duration least = std::chrono::hours(1);
  Duration most{};
  for (int i = 0; i < 200; ++i) {
    add(1);
    actions();
    const auto request = static_cast<RequestId>(2 * i + 1);
    failed(request, kinesis::ErrorClass::transient);
    const Duration wait = delivery_->next_wakeup() - clock_.now();
    least = std::min(least, wait);
    most = std::max(most, wait);
    advance_to_wakeup();
    actions();
    stored(request + 1);
    actions();
  }
  EXPECT_GE(least, milliseconds(50));
  EXPECT_LT(least, milliseconds(55));
  EXPECT_LE(most, milliseconds(100));
  EXPECT_GT(most, milliseconds(95));
}

TEST_F(Sending, counts_rows_of_an_unknown_outcome_as_possible_duplicates_once_they_are_sent_again) {
  start();
  add(3);
  actions();
  failed(1, kinesis::ErrorClass::transient, true);
  EXPECT_EQ(delivery_->stats().possible_duplicates, 0U);
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 2: 0 1 2");
  EXPECT_EQ(delivery_->stats().possible_duplicates, 3U);
  failed(2, kinesis::ErrorClass::transient, false);
  advance(milliseconds(200));
  EXPECT_EQ(actions(), "send 3: 0 1 2");
  EXPECT_EQ(delivery_->stats().possible_duplicates, 3U);
}

TEST_F(Sending, the_bodies_of_a_long_life_all_come_back) {
  start();
  RequestId request = 0;
  for (int round = 0; round < 50; ++round) {
    add(10);
    actions();
    partly(++request, {1, 2, 3, 4, 5});
    advance(std::chrono::seconds(5));
    actions();
    partly(++request, {0, 1});
    advance(std::chrono::seconds(5));
    actions();
    stored(++request);
    actions();
    ASSERT_EQ(delivery_->buffered_bytes(), 0U) << round;
  }
  EXPECT_EQ(accounts(), "500 = 500 acknowledged");
}

TEST_F(Sending, the_limit_only_grows_while_it_holds_requests_back) {
  start();
  for (RequestId i = 1; i <= 20; ++i) {
    add(1);
    actions();
    stored(i);
  }
  EXPECT_EQ(delivery_->stats().in_flight_limit, 4U);
}

TEST_F(Sending, after_a_congestion_the_limit_grows_by_one_a_round_trip) {
  start();
  for (int i = 0; i < 20; ++i) add(1);
  actions();
  failed(1, kinesis::ErrorClass::throttled);
  ASSERT_EQ(delivery_->stats().in_flight_limit, 2U);
  std::vector<std::uint32_t> limits;
  for (RequestId i = 2; i <= 8; ++i) {
    stored(i);
    actions();
    limits.push_back(delivery_->stats().in_flight_limit);
  }
  // 2 + 1/2 + 1/2.5 + 1/2.9 = 3.24; + 1/3.24 + 1/3.55 + 1/3.84 = 4.1
  EXPECT_EQ(limits, (std::vector<std::uint32_t>{2, 2, 3, 3, 3, 4, 4}));
}

TEST_F(Sending, an_answer_with_failures_lets_nothing_grow) {
  start();
  for (int i = 0; i < 8; ++i) add(1);
  actions();
  partly(1, {0}, kinesis::ErrorClass::transient);
  EXPECT_EQ(delivery_->stats().in_flight_limit, 4U);
}

TEST_F(Sending, records_of_a_request_that_was_throttled_as_a_whole_are_counted) {
  start();
  add(3);
  actions();
  failed(1, kinesis::ErrorClass::throttled);
  EXPECT_EQ(delivery_->stats().throttled, 3U);
}

TEST_F(Sending, a_time_out_lowers_the_limit_and_a_reset_does_not) {
  start();
  for (int i = 0; i < 4; ++i) add(1);
  actions();
  failed(1, kinesis::ErrorClass::transient, true, ErrorKind::transient);
  EXPECT_EQ(delivery_->stats().in_flight_limit, 4U);
  failed(2, kinesis::ErrorClass::transient, true, ErrorKind::timeout);
  EXPECT_EQ(delivery_->stats().in_flight_limit, 2U);
}

TEST_F(Sending, rows_count_from_the_acceptance_of_the_oldest_until_they_are_stored) {
  start({.retry = {20, milliseconds(100), milliseconds(100)}});
  add(4);
  advance(milliseconds(40));
  add(2);
  EXPECT_EQ(actions(), "send 1: 0 1 2 3, send 2: 4 5");
  advance(milliseconds(10));
  partly(1, {0});  // three are stored after 50 ms
  partly(2, {1});  // one after 10 ms
  actions();
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 3: 0 5, release, release");  // gathered: the older one counts
  stored(3);
  const DurationHistogram& after = delivery_->stats().stored_after;
  EXPECT_EQ(after.count(), 6U);
  EXPECT_EQ(after.counts()[DurationHistogram::bucket_of(milliseconds(50))], 3U);
  EXPECT_EQ(after.counts()[DurationHistogram::bucket_of(milliseconds(10))], 1U);
  EXPECT_EQ(after.counts()[DurationHistogram::bucket_of(milliseconds(150))], 2U);
}

}  // namespace
}  // namespace kinesink::delivery
