// The rows of a simulated life, drawn from a seed: sizes from nothing to over the record limit,
// null and overlong keys, schemas that change between batches.
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "base/random.h"
#include "tests/sim/scenario.h"
#include "tests/support/rows.h"

namespace kinesink::sim {

class Workload {
 public:
  // Bytes by which an oversized row exceeds the limit, at most.
  static constexpr std::size_t kMostOver = 100'000;

  Workload(const Scenario& scenario, std::uint64_t seed) : scenario_(scenario), random_(seed) {}

  // The next rows; their numbers go on from next_row().
  std::unique_ptr<tests::Rows> next_batch();
  std::int64_t next_row() const { return next_row_; }

  // Rows of the raw format that store nothing that bears their number: null, or empty.
  bool is_null(std::int64_t row) const { return null_.contains(row); }
  const std::set<std::int64_t>& empty() const { return empty_; }

 private:
  tests::Row draw_row();
  std::size_t draw_size();

  const Scenario& scenario_;
  Random random_;
  std::int64_t next_row_ = 0;
  std::size_t schema_ = 0;
  std::set<std::int64_t> null_;
  std::set<std::int64_t> empty_;
};

}  // namespace kinesink::sim
