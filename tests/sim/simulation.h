// One simulated life of a sink, drawn from a seed: workload, options, network and faults. The whole
// sink (serializer, bodies, delivery, client, signing) over the local service, in one thread under
// virtual time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kinesink/sink.h"
#include "local/faults.h"
#include "tests/sim/simulated_transport.h"

namespace kinesink::sim {

// What a seed stands for; a test may fix parts of it.
struct Scenario {
  std::uint64_t seed = 0;
  SinkOptions options;
  local::FaultRates faults;
  NetworkOptions network;
  std::uint32_t shards = 4;
  bool enforce_limits = false;
  std::size_t batches = 0;
  std::size_t max_rows_per_batch = 0;
  std::size_t max_text = 0;        // bytes of the text column
  double checkpoint_chance = 0;    // after a batch
  double asynchronous_chance = 0;  // of a checkpoint
  double idle_chance = 0;          // a pause after a batch
  double oversized_chance = 0;     // a row over the record limit

  static Scenario draw(std::uint64_t seed);
};

struct Report {
  std::vector<std::string> broken;  // promises that did not hold; empty: all held
  std::string trace;                // the same for the same seed
  Stats stats;
  bool closed_well = false;
  std::size_t duplicates = 0;  // rows found more than once in the stream
};

Report simulate(const Scenario& scenario);

}  // namespace kinesink::sim
