#include <sstream>

#include "delivery/delivery_fixture.h"

namespace kinesink::delivery {
namespace {

using DueTimes = DeliveryTest;
using std::chrono::milliseconds;

std::size_t count_rows(const std::string& send) {
  std::istringstream words(send.substr(send.find(':') + 1));
  std::size_t rows = 0;
  for (std::string word; words >> word;) ++rows;
  return rows;
}

TEST_F(DueTimes, an_entry_does_not_wait_for_its_neighbours_of_the_same_answer) {
  start();
  add(10);
  actions();
  partly(1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  advance_to_wakeup();
  const std::string first = actions();
  ASSERT_EQ(first.substr(0, 7), "send 2:");
  const std::size_t rows = count_rows(first);
  EXPECT_GE(rows, 1U);
  EXPECT_LT(rows, 10U);
  // The one reserve body is under way: the others leave together, as they lie.
  ASSERT_GT(delivery_->next_wakeup(), clock_.now());
  advance_to_wakeup();
  const std::string others = actions();
  ASSERT_EQ(others.substr(0, 7), "send 3:");
  EXPECT_EQ(count_rows(others), 10 - rows);
  stored(2);
  stored(3);
  actions();
  EXPECT_EQ(accounts(), "10 = 10 acknowledged");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(DueTimes, what_failed_as_one_request_is_sent_as_one_again) {
  start();
  add(10);
  actions();
  failed(1, kinesis::ErrorClass::transient);
  advance_to_wakeup();
  EXPECT_EQ(actions(), "send 2: 0 1 2 3 4 5 6 7 8 9");
}

TEST_F(DueTimes, the_reserve_is_counted_while_it_is_filled) {
  start();
  add(2);
  add(2);
  actions();
  partly(1, {0});
  partly(2, {1});
  const std::size_t waiting = delivery_->buffered_bytes();
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 3: 0 3, release, release");
  EXPECT_GT(delivery_->buffered_bytes(), 0U);
  EXPECT_LT(delivery_->buffered_bytes(), waiting);
  stored(3);
  EXPECT_EQ(actions(), "");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(DueTimes, what_does_not_fit_into_the_reserve_stays_behind) {
  start();
  add(kCapacity);
  add(kCapacity);
  actions();
  std::vector<std::uint32_t> most{0, 1, 2, 3, 4, 5, 6};
  partly(1, most);
  partly(2, most);
  advance(milliseconds(100));
  EXPECT_EQ(actions(), "send 3: 0 1 2 3 4 5 6 10 11 12, release, send 4: 13 14 15 16");
  stored(3);
  stored(4);
  actions();
  EXPECT_EQ(accounts(), "20 = 20 acknowledged");
  EXPECT_EQ(delivery_->buffered_bytes(), 0U);
}

TEST_F(DueTimes, the_backoff_doubles_up_to_its_largest) {
  start();
  add(1);
  actions();
  for (const int full : {100, 200, 400, 800, 1600, 2000, 2000}) {
    failed(delivery_->stats().requests, kinesis::ErrorClass::transient);
    const Duration wait = delivery_->next_wakeup() - clock_.now();
    EXPECT_GE(wait, milliseconds(full) / 2) << full;
    EXPECT_LE(wait, milliseconds(full)) << full;
    advance_to_wakeup();
    actions();
  }
}

TEST_F(DueTimes, nothing_wakes_delivery_up_while_all_places_in_flight_are_taken) {
  start({.max_in_flight = 1});
  add(1);
  add(1);
  actions();
  failed(1, kinesis::ErrorClass::transient);
  EXPECT_EQ(actions(), "send 2: 1");
  EXPECT_EQ(delivery_->next_wakeup(), kNever);
}

}  // namespace
}  // namespace kinesink::delivery
