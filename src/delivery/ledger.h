// Which rows are settled. Counts rows per sealed body, not per row: a clean answer settles its
// body's rows at once.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <set>
#include <span>
#include <vector>

#include "kinesis/request_body.h"

namespace kinesink::delivery {

class Ledger {
 public:
  // The rows of a body, in order and after those of the one before.
  void add(const kinesis::RequestBody& body);
  // All that were in the body when it was added; no matter how many.
  void settle(const kinesis::RequestBody& body);
  void settle(const kinesis::Entry& entry);
  void settle(std::span<const kinesis::Entry> entries);
  // Rows that wait for the dead letter without having been an entry.
  void hold(std::int64_t row) { held_.insert(row); }
  void release(std::int64_t row) { held_.erase(row); }

  // No unsettled row lies below it; the largest number if none is unsettled.
  std::int64_t watermark() const;
  std::uint64_t unsettled() const { return unsettled_; }

 private:
  struct Group {
    std::int64_t first;       // row
    std::int64_t end;         // one past the last row
    std::uint64_t unsettled;  // rows
  };
  Group& group_of(std::int64_t row);
  void settle_rows(Group& group, std::uint64_t rows);
  void forget_settled();

  std::deque<Group> groups_;  // the front one is unsettled
  std::set<std::int64_t> held_;
  std::uint64_t unsettled_ = 0;
};

}  // namespace kinesink::delivery
