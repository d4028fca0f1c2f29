#include "tests/sim/scenario.h"

#include <algorithm>

#include "base/random.h"
#include "sink/body_pool.h"

namespace kinesink::sim {
namespace {

// Each fault is there in about a third of the lives, so that they also meet alone.
double sometimes(Random& random, double most) {
  return random.below(3) != 0 ? 0.0 : random.unit() * most;
}

void draw_workload(Random& random, Scenario& scenario) {
  scenario.shards = static_cast<std::uint32_t>(1 + random.below(6));
  scenario.batches = 1 + random.below(25);
  scenario.max_rows_per_batch = random.below(5) == 0 ? 3000 : 1 + random.below(300);
  scenario.max_text = random.below(8) == 0 ? 60'000 : random.below(400);
  if (scenario.max_text > 1000) scenario.max_rows_per_batch = 1 + random.below(60);
  scenario.checkpoint_chance = sometimes(random, 0.5);
  scenario.asynchronous_chance = random.unit();
  scenario.idle_chance = sometimes(random, 0.7);
  scenario.oversized_chance = sometimes(random, 0.002);
  scenario.edge_chance = sometimes(random, 0.003);
  scenario.schema_change_chance = sometimes(random, 0.3);
  scenario.reshard_chance = sometimes(random, 0.3);
  scenario.try_chance = sometimes(random, 1.0);
  scenario.raw = random.below(6) == 0;
  scenario.destroyed = random.below(20) == 0;
  if (random.below(20) == 0) scenario.max_record_kib = 3072;
}

void draw_network(Random& random, NetworkFaults& network) {
  network.max_latency = std::chrono::milliseconds(1 + random.below(200));
  network.refused = sometimes(random, 0.1);
  network.cut = sometimes(random, 0.1);
  network.wrong_length = sometimes(random, 0.05);
  network.extra_entry = sometimes(random, 0.05);
  network.odd_answer = sometimes(random, 0.15);
  network.control = sometimes(random, 0.3);
  network.summary_denied = random.below(20) == 0;
  network.permanent = random.below(25) == 0 ? 0.02 : 0.0;
  if (random.below(6) == 0) {
    network.stalls_every = std::chrono::seconds(1 + random.below(300));
    network.stalls_for = std::chrono::seconds(random.below(180));
  }
  if (random.below(12) == 0) network.max_request_size = 200'000 + random.below(4'000'000);
  if (random.below(8) == 0)
    network.poison_every = static_cast<std::int64_t>(50 + random.below(500));
}

void draw_faults(Random& random, Scenario& scenario) {
  local::FaultRates& faults = scenario.faults;
  faults.throttle = sometimes(random, 0.5);
  faults.error = sometimes(random, 0.2);
  faults.lost_request = sometimes(random, 0.15);
  faults.lost_answer = sometimes(random, 0.15);
  faults.server_error = sometimes(random, 0.2);
  faults.wrong_count = sometimes(random, 0.1);
  // Both together would be an answer of the right count that lies: nobody could tell.
  if (faults.wrong_count > 0) scenario.network.extra_entry = 0;
  faults.expired_token = random.below(8) == 0 ? random.unit() * 0.2 : 0.0;
  faults.stall = sometimes(random, 0.05);
  faults.stall_for = std::chrono::milliseconds(random.below(60'000));
  scenario.enforce_limits = random.below(5) == 0;
  scenario.verify_signatures = random.below(8) == 0;
  if (random.below(8) == 0) {
    const auto minutes = static_cast<std::int64_t>(random.below(41)) - 20;
    scenario.clock_skew = std::chrono::minutes(minutes);
    scenario.verify_signatures = true;
  }
  scenario.credentials_fail = random.below(10) == 0 ? random.unit() * 0.3 : 0.0;
  scenario.dead_letter_fails = random.below(20) == 0 ? 0.2 : 0.0;
}

// Anything from just enough to plenty.
std::size_t draw_bound(Random& random, const Scenario& scenario) {
  const SinkOptions& options = scenario.options;
  // A stream that does not say its limit has the usual one.
  const std::size_t record = std::max<std::size_t>(scenario.max_record_kib, 1024) * 1024;
  const std::size_t smallest =
      sink::BodyPool::smallest_bound({kinesis::Wire::json,
                                      {"events"},
                                      options.flush_config.max_record_count,
                                      options.flush_config.max_data_size,
                                      record});
  switch (random.below(3)) {
    case 0:
      return smallest;
    case 1:
      return smallest + random.below(smallest);
    default:
      return std::max<std::size_t>(smallest, 64 << 20);
  }
}

void draw_options(Random& random, Scenario& scenario) {
  SinkOptions& options = scenario.options;
  options.seed = scenario.seed + 1;
  options.client.aws_region = "us-east-1";
  options.client.wire = std::array{WireChoice::automatic, WireChoice::automatic, WireChoice::cbor,
                                   WireChoice::json}[random.below(4)];
  if (scenario.raw) options.serializer.format = Format::raw_string;
  options.max_in_flight = random.below(3) == 0 ? 1 : (random.below(2) == 0 ? 0 : 8);
  options.flush_config.max_record_count = random.below(2) == 0 ? 500 : 1 + random.below(500);
  options.flush_config.max_data_size =
      random.below(2) == 0 ? 4'000'000 : 1000 + random.below(1'000'000);
  options.flush_config.max_age = std::chrono::milliseconds(1 + random.below(2000));
  options.partition_key =
      std::array{PartitionKey::random, PartitionKey::random, PartitionKey::constant,
                 PartitionKey::column, PartitionKey::uuid}[random.below(5)];
  if (options.partition_key == PartitionKey::constant)
    options.partition_key_constant = "one for all";
  if (options.partition_key == PartitionKey::column)
    options.partition_key_column = scenario.raw ? "value" : "text";
  if (random.below(2) == 0) options.on_bad_key = OnBadKey::random;
  options.max_buffered_bytes = draw_bound(random, scenario);
  options.on_invalid = options.on_refused = options.on_exhausted = OnReject::dead_letter;
  if (random.below(8) == 0) options.on_invalid = OnReject::fail;
  if (random.below(8) == 0) options.on_refused = OnReject::fail;
  // An output to which nothing may go is refused, so one of them keeps to it.
  const bool none_left =
      options.on_invalid == OnReject::fail && options.on_refused == OnReject::fail;
  if (!none_left && random.below(4) == 0) options.on_exhausted = OnReject::fail;
  if (random.below(4) == 0) {
    options.retry.max_retries = static_cast<std::uint32_t>(1 + random.below(8));
    options.checkpoint_retry.max_retries = static_cast<std::uint32_t>(1 + random.below(12));
  }
  options.checkpoint_timeout = std::chrono::hours(24);
  if (random.below(10) == 0) options.checkpoint_timeout = std::chrono::milliseconds(500);
  options.close_timeout = std::chrono::hours(24);
  options.block_timeout = std::chrono::hours(24);
}

}  // namespace

Scenario Scenario::draw(std::uint64_t seed) {
  Random random(seed);
  Scenario scenario;
  scenario.seed = seed;
  draw_workload(random, scenario);
  draw_network(random, scenario.network);
  draw_faults(random, scenario);
  draw_options(random, scenario);
  scenario.packed = !scenario.raw && random.below(4) == 0;
  if (scenario.packed) {
    scenario.options.framing = Framing::newline;
    scenario.options.packed_record_size = random.below(4) == 0 ? 0 : 100 + random.below(30'000);
  }
  return scenario;
}

std::set<ErrorKind> Scenario::allowed_failures() const {
  std::set<ErrorKind> kinds;
  if (options.on_exhausted == OnReject::fail) kinds.insert(ErrorKind::exhausted);
  if (options.on_invalid == OnReject::fail) kinds.insert(ErrorKind::invalid_data);
  if (options.on_refused == OnReject::fail) kinds.insert(ErrorKind::invalid_data);
  // A stream that takes nothing at all rejects nothing.
  if (network.poison_every != 0 || network.max_request_size != 0)
    kinds.insert(ErrorKind::invalid_data);
  // A stream whose limit may not be asked for can have a smaller one than is thought.
  if (faults.expired_token > 0 || credentials_fail > 0 || network.permanent > 0)
    kinds.insert(ErrorKind::auth);
  if (network.permanent > 0) kinds.insert({ErrorKind::permanent, ErrorKind::not_found});
  if (dead_letter_fails > 0) kinds.insert(ErrorKind::resource);
  return kinds;
}

bool Scenario::every_retry_waits() const {
  return faults.expired_token == 0 && clock_skew == Duration::zero() && credentials_fail == 0 &&
         network.poison_every == 0 && network.max_request_size == 0;
}

bool Scenario::every_retry_is_paid() const {
  return every_retry_waits() && faults.throttle == 0 && !enforce_limits && network.odd_answer == 0;
}

}  // namespace kinesink::sim
