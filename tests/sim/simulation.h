// One simulated life of a sink: the whole of it (serializer, bodies, delivery, client, signing,
// HTTP codec) over the local service, in one thread under virtual time, and its judgement.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kinesink/sink.h"
#include "tests/sim/scenario.h"

namespace kinesink::sim {

struct Report {
  std::vector<std::string> broken;  // promises that did not hold; empty: all held
  std::string trace;                // the same for the same seed
  Stats stats;
  bool closed_well = false;
  std::size_t duplicates = 0;  // rows found more than once in the stream
  std::uint64_t faults = 0;    // injected
  Duration lasted{};           // virtual time
};

Report simulate(const Scenario& scenario);

}  // namespace kinesink::sim
