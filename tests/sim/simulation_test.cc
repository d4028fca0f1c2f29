#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kinesink::sim {
namespace {

constexpr std::uint64_t kSeeds = 300;

std::string rendered(const Report& report) {
  std::string text;
  for (const std::string& line : report.broken) text += line + '\n';
  return text;
}

std::string replay(std::uint64_t seed) {
  return "replay: KINESINK_SIM_SEED=" + std::to_string(seed) +
         " build/bin/kinesink_sim_test --gtest_filter=Simulation.holds_every_promise";
}

TEST(Simulation, holds_every_promise) {
  std::uint64_t first = 1;
  std::uint64_t last = kSeeds;
  if (const char* seed = std::getenv("KINESINK_SIM_SEED"))
    first = last = std::strtoull(seed, nullptr, 10);
  if (const char* count = std::getenv("KINESINK_SIM_SEEDS"))
    last = std::strtoull(count, nullptr, 10);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Report report = simulate(Scenario::draw(seed));
    EXPECT_EQ(rendered(report), "") << replay(seed);
    if (first == last) std::printf("%s", report.trace.c_str());
  }
}

TEST(Simulation, is_the_same_for_the_same_seed) {
  for (const std::uint64_t seed : {3, 17, 92}) {
    const Report once = simulate(Scenario::draw(seed));
    const Report again = simulate(Scenario::draw(seed));
    EXPECT_EQ(once.trace, again.trace) << replay(seed);
    EXPECT_NE(once.trace, "");
  }
}

TEST(Simulation, sends_no_row_twice_when_nothing_is_lost_on_the_way) {
  Scenario scenario = Scenario::draw(5);
  scenario.faults = {};
  scenario.faults.throttle = 0.4;  // partial failures only
  scenario.network.refused = 0;
  scenario.batches = 20;
  const Report report = simulate(scenario);
  EXPECT_EQ(rendered(report), "");
  EXPECT_EQ(report.duplicates, 0U);
  EXPECT_EQ(report.stats.possible_duplicates, 0U);
  EXPECT_GT(report.stats.retries, 0U);
}

}  // namespace
}  // namespace kinesink::sim
