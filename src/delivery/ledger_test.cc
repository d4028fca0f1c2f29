#include "delivery/ledger.h"

#include <gtest/gtest.h>

namespace kinesink::delivery {
namespace {

std::vector<kinesis::Entry> rows(std::int64_t first, std::int64_t end) {
  std::vector<kinesis::Entry> entries;
  for (std::int64_t row = first; row < end; ++row) {
    kinesis::Entry entry;
    entry.row = row;
    entries.push_back(entry);
  }
  return entries;
}

// A body with one row a record.
kinesis::RequestBody body(std::int64_t first, std::int64_t end) {
  kinesis::RequestBody made(kinesis::Wire::cbor, {"events"}, 20, 1'000, 100);
  for (std::int64_t row = first; row < end; ++row) made.end_entry(made.begin_entry(), "k", "", row);
  return made;
}

constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::max();

TEST(Ledger, the_watermark_is_the_first_row_of_the_first_unsettled_body) {
  Ledger ledger;
  EXPECT_EQ(ledger.watermark(), kNothing);
  ledger.add(body(0, 10));
  ledger.add(body(12, 20));
  ledger.settle(body(12, 20));
  EXPECT_EQ(ledger.watermark(), 0);
  ledger.settle(rows(0, 9));
  EXPECT_EQ(ledger.watermark(), 0);
  ledger.settle(rows(9, 10));
  EXPECT_EQ(ledger.watermark(), kNothing);
  EXPECT_EQ(ledger.unsettled(), 0U);
}

TEST(Ledger, entries_of_several_bodies_are_settled_together) {
  Ledger ledger;
  ledger.add(body(0, 2));
  ledger.add(body(2, 4));
  std::vector<kinesis::Entry> mixed = {rows(1, 2)[0], rows(2, 3)[0], rows(0, 1)[0]};
  ledger.settle(mixed);
  EXPECT_EQ(ledger.watermark(), 2);
  EXPECT_EQ(ledger.unsettled(), 1U);
}

TEST(Ledger, a_held_row_keeps_the_watermark_down) {
  Ledger ledger;
  ledger.hold(5);
  ledger.add(body(6, 8));
  EXPECT_EQ(ledger.watermark(), 5);
  ledger.release(5);
  EXPECT_EQ(ledger.watermark(), 6);
}

TEST(Ledger, bodies_are_settled_in_any_order) {
  Ledger ledger;
  for (std::int64_t i = 0; i < 5; ++i) ledger.add(body(i, i + 1));
  for (const std::int64_t i : {1, 2, 4}) ledger.settle(body(i, i + 1));
  EXPECT_EQ(ledger.watermark(), 0);
  EXPECT_EQ(ledger.unsettled(), 2U);
  ledger.settle(body(0, 1));
  EXPECT_EQ(ledger.watermark(), 3);
}

TEST(Ledger, the_watermark_is_the_lower_of_bodies_and_held_rows) {
  Ledger ledger;
  ledger.add(body(3, 4));
  ledger.hold(4);
  EXPECT_EQ(ledger.watermark(), 3);
  ledger.hold(2);
  EXPECT_EQ(ledger.watermark(), 2);
  ledger.release(2);
  ledger.settle(rows(3, 4)[0]);
  EXPECT_EQ(ledger.watermark(), 4);
}

}  // namespace
}  // namespace kinesink::delivery
