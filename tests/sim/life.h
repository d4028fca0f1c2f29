// One simulated life: runs a scenario and keeps what it must remember to judge it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "kinesis/value.h"
#include "local/service.h"
#include "tests/sim/simulated_transport.h"
#include "tests/sim/simulation.h"
#include "tests/sim/witness.h"
#include "tests/sim/workload.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::sim {

// Longer than any of these lives needs: something waits for what will never be.
inline constexpr Duration kLongestLife = std::chrono::hours(12);
inline constexpr std::uint64_t kMostEvents = 5'000'000;

class Life {
 public:
  explicit Life(const Scenario& scenario);

  Report run();

 private:
  Result<void> start();
  void step();
  bool offer(const tests::Rows& batch);
  void administer(std::string_view operation, kinesis::Value::Members input);
  void reshard();
  void checkpoint();
  void checkpoint_done(std::int64_t before, const Result<void>& done);
  void close();
  void check_quiet();
  void look();
  void check_settled();
  void judge();
  void judge_rows(const std::map<std::int64_t, std::size_t>& stored, std::int64_t end,
                  const char* when);
  std::map<std::int64_t, std::size_t> stored_rows(std::size_t& nameless) const;

  void fail(const char* where, const Error& error);
  void note(const std::string& what) {
    trace_ += std::to_string(loop_.now().time_since_epoch().count()) + ' ' + what + '\n';
  }

  const Scenario& scenario_;
  const std::set<ErrorKind> allowed_;
  Random random_;
  tests::SimulatedLoop loop_;
  local::Service service_;
  local::FaultyService faulty_;
  Witness witness_;
  Workload workload_;
  SimulatedTransport transport_;
  std::optional<KinesisSink> sink_;
  std::set<std::int64_t> dead_;
  std::uint64_t epoch_ = 0;
  std::uint64_t last_done_ = 0;
  std::size_t open_checkpoints_ = 0;
  std::int64_t quiet_ = 0;  // all rows below it were seen to be sent
  bool failed_ = false;
  std::string trace_;
  Report report_;
};

}  // namespace kinesink::sim
