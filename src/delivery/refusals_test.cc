#include "delivery/delivery_fixture.h"

namespace kinesink::delivery {
namespace {

using Refusals = DeliveryTest;

TEST_F(Refusals, halve_the_request_until_the_guilty_record_stands_alone) {
  start({.max_in_flight = 1, .on_refused = OnReject::dead_letter});
  add(1);
  actions();
  stored(1);
  add(4);  // row 3 is the guilty one
  EXPECT_EQ(actions(), "release, send 2: 1 2 3 4");
  failed(2, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 3: 3 4");
  failed(3, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 4: 4");
  stored(4);
  EXPECT_EQ(actions(), "release, send 5: 3");
  failed(5, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "dead letter 3 '3' Code after 3, release, send 6: 1 2");
  delivery_->dead_lettered(tokens_[0], {});
  stored(6);
  actions();
  EXPECT_EQ(accounts(), "5 = 4 acknowledged 1 rejected");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Refusals, fail_the_sink_by_default_and_name_the_row) {
  start();
  add(1);
  actions();
  stored(1);
  add(1);
  actions();
  failed(2, kinesis::ErrorClass::refused);
  ASSERT_TRUE(delivery_->failure());
  EXPECT_EQ(delivery_->failure()->to_string(),
            "transient: the service refuses the record of row 1: said no (AWS code Code, request "
            "id id-1)");
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 abandoned");
}

TEST_F(Refusals, reject_nothing_when_nothing_was_ever_accepted) {
  start({.max_in_flight = 1, .on_refused = OnReject::dead_letter});
  add(2);
  actions();
  failed(1, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 2: 1");
  failed(2, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 3: 0");
  failed(3, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "release, release");
  ASSERT_TRUE(delivery_->failure());
  EXPECT_EQ(delivery_->failure()->message.substr(0, 44),
            "nothing was accepted by the stream, so no ro");
  EXPECT_EQ(accounts(), "2 = 2 abandoned");
}

TEST_F(Refusals, wait_for_the_first_accepted_record_before_they_judge) {
  start({.max_in_flight = 1, .on_refused = OnReject::dead_letter});
  add(2);
  actions();
  failed(1, kinesis::ErrorClass::refused);
  actions();
  failed(2, kinesis::ErrorClass::refused);  // row 1, alone
  EXPECT_EQ(actions(), "send 3: 0");
  stored(3);
  EXPECT_EQ(actions(), "release, dead letter 1 '1' Code after 2, release");
  delivery_->dead_lettered(tokens_[0], {});
  EXPECT_EQ(accounts(), "2 = 1 acknowledged 1 rejected");
}

TEST_F(Refusals, judge_nobody_while_others_have_not_been_tried) {
  start({.max_in_flight = 1, .on_refused = OnReject::dead_letter});
  add(1);
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 2: 1");
  stored(2);
  EXPECT_EQ(actions(), "release, dead letter 0 '0' Code after 1, release");
}

TEST_F(Refusals, judge_nobody_while_others_wait_for_their_time_or_for_credentials) {
  for (const auto error_class : {kinesis::ErrorClass::transient, kinesis::ErrorClass::auth}) {
    start({.on_refused = OnReject::dead_letter});
    next_row_ = 0;
    add(1);
    add(1);
    actions();
    failed(1, error_class);
    failed(2, kinesis::ErrorClass::refused);
    actions();
    EXPECT_FALSE(delivery_->failure());
  }
}

TEST_F(Refusals, a_body_of_guilty_records_only_does_not_hold_up_the_next) {
  start({.max_in_flight = 2, .on_refused = OnReject::dead_letter});
  add(1);
  actions();
  stored(1);
  actions();
  add(2);
  add(2);
  actions();
  for (RequestId request = 2; request <= 7; ++request) {
    failed(request, kinesis::ErrorClass::refused);
    actions();
  }
  ASSERT_EQ(tokens_.size(), 4U);
  for (const std::uint64_t token : tokens_) delivery_->dead_lettered(token, {});
  actions();
  EXPECT_EQ(accounts(), "5 = 1 acknowledged 4 rejected");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Refusals, rows_rejected_after_the_end_are_abandoned) {
  start();
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  delivery_->row_rejected(0, make_error(ErrorKind::invalid_data, "bad"));
  EXPECT_EQ(actions(), "");
  EXPECT_EQ(accounts(), "1 = 1 abandoned");
}

TEST_F(Refusals, a_part_that_fails_otherwise_is_tried_again_and_the_next_body_has_its_turn) {
  start({.on_refused = OnReject::dead_letter});
  add(1);
  actions();
  stored(1);
  actions();
  add(2);
  add(2);
  actions();
  failed(2, kinesis::ErrorClass::refused);
  failed(3, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 4: 2, send 5: 1");
  failed(4, kinesis::ErrorClass::transient);
  partly(5, {0}, kinesis::ErrorClass::transient);
  advance(std::chrono::seconds(1));
  // Both parts leave with the reserve body, and with them the body is done.
  EXPECT_EQ(actions(), "send 6: 2 1, release, release, send 7: 4, send 8: 3");
  stored(6);
  stored(7);
  stored(8);
  actions();
  EXPECT_EQ(accounts(), "5 = 5 acknowledged");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Refusals, are_all_abandoned_with_the_sink_wherever_they_wait) {
  start({.max_in_flight = 2, .on_refused = OnReject::dead_letter});
  add(2);
  add(2);
  actions();
  failed(1, kinesis::ErrorClass::refused);  // halves are ready
  failed(2, kinesis::ErrorClass::refused);  // waits for its turn
  delivery_->abandon(make_error(ErrorKind::cancelled, "destroyed"));
  EXPECT_EQ(accounts(), "4 = 4 abandoned");
  EXPECT_EQ(actions(), "release, release, release");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(Refusals, take_one_body_apart_at_a_time) {
  start({.on_refused = OnReject::dead_letter});
  add(1);
  actions();
  stored(1);
  actions();
  add(2);
  add(2);
  EXPECT_EQ(actions(), "send 2: 1 2, send 3: 3 4");
  failed(2, kinesis::ErrorClass::refused);
  failed(3, kinesis::ErrorClass::refused);
  EXPECT_EQ(actions(), "send 4: 2, send 5: 1");
  stored(4);
  EXPECT_EQ(actions(), "release");
  stored(5);
  EXPECT_EQ(actions(), "release, send 6: 4, send 7: 3");
  stored(6);
  stored(7);
  EXPECT_EQ(accounts(), "5 = 5 acknowledged");
}

TEST_F(Refusals, a_row_that_never_became_a_record_goes_to_the_dead_letter_too) {
  start();
  Error error = make_error(ErrorKind::invalid_data, "not a number");
  error.column = "price";
  delivery_->row_rejected(0, error);
  EXPECT_EQ(delivery_->watermark(), 0);
  EXPECT_EQ(actions(), "dead letter 0 '' invalid_data after 0");
  EXPECT_EQ(accounts(), "1 = 1 pending");
  delivery_->dead_lettered(tokens_[0], {});
  EXPECT_EQ(accounts(), "1 = 1 rejected");
}

}  // namespace
}  // namespace kinesink::delivery
