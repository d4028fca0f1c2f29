#include "delivery/ledger.h"

#include <algorithm>
#include <cassert>

namespace kinesink::delivery {

void Ledger::add(const kinesis::RequestBody& body) {
  const std::span<const kinesis::Entry> entries = body.entries();
  assert(!entries.empty());
  const std::int64_t end = entries.back().row + entries.back().rows;
  assert(groups_.empty() || groups_.back().end <= entries.front().row);
  groups_.push_back({entries.front().row, end, body.row_count()});
  unsettled_ += body.row_count();
}

Ledger::Group& Ledger::group_of(std::int64_t row) {
  const auto after = std::upper_bound(
      groups_.begin(), groups_.end(), row,
      [](std::int64_t wanted, const Group& group) { return wanted < group.first; });
  assert(after != groups_.begin());
  return *std::prev(after);
}

void Ledger::settle_rows(Group& group, std::uint64_t rows) {
  assert(group.unsettled >= rows);
  group.unsettled -= rows;
  unsettled_ -= rows;
}

void Ledger::forget_settled() {
  while (!groups_.empty() && groups_.front().unsettled == 0) groups_.pop_front();
}

void Ledger::settle(const kinesis::RequestBody& body) {
  settle_rows(group_of(body.entries().front().row), body.row_count());
  forget_settled();
}

void Ledger::settle(const kinesis::Entry& entry) { settle(std::span(&entry, 1)); }

void Ledger::settle(std::span<const kinesis::Entry> entries) {
  std::size_t i = 0;
  while (i < entries.size()) {
    Group& group = group_of(entries[i].row);
    std::uint64_t rows = 0;
    for (; i < entries.size() && entries[i].row >= group.first && entries[i].row < group.end; ++i) {
      rows += entries[i].rows;
    }
    settle_rows(group, rows);
  }
  forget_settled();
}

std::int64_t Ledger::watermark() const {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  if (!groups_.empty()) lowest = groups_.front().first;
  if (!held_.empty()) lowest = std::min(lowest, *held_.begin());
  return lowest;
}

}  // namespace kinesink::delivery
