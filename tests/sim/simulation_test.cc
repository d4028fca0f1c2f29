#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kinesink::sim {
namespace {

constexpr std::uint64_t kSeeds = 2000;
constexpr int kEnoughFailures = 5;  // a bug fails many seeds

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string rendered(const Report& report) {
  std::string text;
  for (const std::string& line : report.broken) text += line + '\n';
  return text;
}

std::string replay(std::uint64_t seed) {
  return "replay: KINESINK_SIM_SEED=" + std::to_string(seed) +
         " build/bin/kinesink_sim_test --gtest_filter=Simulation.holds_every_promise";
}

// KINESINK_SIM_SEED=N: that seed alone, with its trace. KINESINK_SIM_SEEDS=N: N
// seeds from KINESINK_SIM_FIRST (1) on.
TEST(Simulation, holds_every_promise) {
  const std::uint64_t one = from_environment("KINESINK_SIM_SEED", 0);
  const std::uint64_t first = one != 0 ? one : from_environment("KINESINK_SIM_FIRST", 1);
  const std::uint64_t last =
      one != 0 ? one : first - 1 + from_environment("KINESINK_SIM_SEEDS", kSeeds);
  Stats sum;
  std::uint64_t faults = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t closed_well = 0;
  int failures = 0;
  for (std::uint64_t seed = first; seed <= last && failures < kEnoughFailures; ++seed) {
    const Report report = simulate(Scenario::draw(seed));
    EXPECT_EQ(rendered(report), "") << replay(seed);
    failures += report.broken.empty() ? 0 : 1;
    if (one != 0) std::printf("%s", report.trace.c_str());
    sum.received += report.stats.received;
    sum.requests += report.stats.requests;
    sum.retries += report.stats.retries;
    sum.possible_duplicates += report.stats.possible_duplicates;
    faults += report.faults;
    duplicates += report.duplicates;
    closed_well += report.closed_well ? 1 : 0;
  }
  std::printf(
      "%llu lives, %llu closed well: %llu rows, %llu requests, %llu records sent again, %llu "
      "faults, %llu rows stored twice of %llu possible\n",
      static_cast<unsigned long long>(last - first + 1),
      static_cast<unsigned long long>(closed_well), static_cast<unsigned long long>(sum.received),
      static_cast<unsigned long long>(sum.requests), static_cast<unsigned long long>(sum.retries),
      static_cast<unsigned long long>(faults), static_cast<unsigned long long>(duplicates),
      static_cast<unsigned long long>(sum.possible_duplicates));
}

TEST(Simulation, is_the_same_for_the_same_seed) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Report once = simulate(Scenario::draw(seed));
    const Report again = simulate(Scenario::draw(seed));
    EXPECT_EQ(once.trace, again.trace) << replay(seed);
    EXPECT_NE(once.trace, "");
  }
}

TEST(Simulation, sends_no_row_twice_when_nothing_is_lost_on_the_way) {
  Scenario scenario = Scenario::draw(5);
  scenario.network = {};
  scenario.faults = {};
  scenario.faults.throttle = 0.4;  // partial failures only
  scenario.options.on_exhausted = OnReject::dead_letter;
  scenario.batches = 20;
  scenario.max_rows_per_batch = 300;
  scenario.destroyed = false;
  const Report report = simulate(scenario);
  EXPECT_EQ(rendered(report), "");
  EXPECT_TRUE(report.closed_well);
  EXPECT_EQ(report.duplicates, 0U);
  EXPECT_EQ(report.stats.possible_duplicates, 0U);
  EXPECT_GT(report.stats.retries, 0U);
}

// Bodies that were the reserve in turn each grew to the largest size: 86 MB with a bound of 67.
TEST(Simulation, retries_of_large_and_small_records_do_not_outgrow_the_memory) {
  const Report report = simulate(Scenario::draw(5080));
  EXPECT_EQ(rendered(report), "");
  EXPECT_GT(report.stats.retries, 100'000U);
}

}  // namespace
}  // namespace kinesink::sim
