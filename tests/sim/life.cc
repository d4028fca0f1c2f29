// What happens in a life; how it is judged is in judgement.cc.
#include "tests/sim/life.h"

#include <utility>

#include "aws/sha256.h"
#include "aws/sigv4.h"
#include "client/client_core.h"
#include "kinesis/hash_key.h"

namespace kinesink::sim {
namespace {

constexpr std::size_t kMostShards = 12;
constexpr double kTickChance = 0.1;
constexpr double kSkewChance = 0.2;  // a batch at which the clock, half wrong before, is all wrong

// Has credentials most of the time, a moment after it was asked.
class SimulatedProvider final : public CredentialsProvider {
 public:
  SimulatedProvider(tests::SimulatedLoop& loop, Witness& witness, double fails, std::uint64_t seed)
      : loop_(loop), witness_(witness), fails_(fails), random_(seed) {}

  void get_credentials(bool, Callback done) override {
    const bool fail = random_.chance(fails_);
    loop_.call_at(loop_.now() + std::chrono::milliseconds(random_.below(500)),
                  [this, fail, done = std::move(done)] {
                    if (fail) return done(make_error(ErrorKind::auth, "none at the moment"));
                    witness_.credentials_renewed();
                    done(Credentials{"AKIDEXAMPLE", "secret", "", std::nullopt});
                  });
  }

 private:
  tests::SimulatedLoop& loop_;
  Witness& witness_;
  const double fails_;
  Random random_;
};

local::ServiceOptions service_options(const Scenario& scenario) {
  local::ServiceOptions options;
  options.streams = {{"events", scenario.shards}};
  options.enforce_limits = scenario.enforce_limits;
  options.seed = scenario.seed;
  if (scenario.verify_signatures)
    options.verify_signatures = local::AcceptedKey{"AKIDEXAMPLE", "secret", ""};
  return options;
}

}  // namespace

Life::Life(const Scenario& scenario)
    : scenario_(scenario),
      allowed_(scenario.allowed_failures()),
      random_(scenario.seed ^ 0x5eed),
      service_(service_options(scenario)),
      faulty_(service_, scenario.faults, scenario.seed + 1),
      witness_(scenario),
      workload_(scenario, scenario.seed + 3),
      transport_(loop_, faulty_, witness_, scenario.network, scenario.seed + 2,
                 [this] { look(); }) {}

Report Life::run() {
  if (Result<void> started = start(); !started) {
    // Its few calls have few tries.
    const bool expected = scenario_.network.control > 0 || scenario_.credentials_fail > 0 ||
                          scenario_.network.stalls_for > std::chrono::seconds(20);
    if (!expected) witness_.broke("on_start: " + started.error().to_string());
    note("on_start " + started.error().to_string());
  } else {
    for (std::size_t i = 0; i < scenario_.batches && !failed_; ++i) step();
    close();
  }
  if (!loop_.run_until_idle(kMostEvents)) witness_.broke("events go on for ever");
  if (open_checkpoints_ > 0) witness_.broke("a checkpoint was never answered");
  report_.lasted = loop_.now().time_since_epoch();
  report_.trace = trace_ + transport_.trace();
  report_.broken = witness_.broken();
  const local::ServiceCounters& service = service_.counters();
  report_.faults = transport_.faults_injected() + service.throttled + service.failed;
  return std::move(report_);
}

Result<void> Life::start() {
  administer("DescribeLimits", {});  // its streams are there from the first request on
  if (scenario_.max_record_kib != 1024) {
    kinesis::Value::Members input;
    input.emplace_back("StreamARN",
                       kinesis::Value("arn:aws:kinesis:us-east-1:000000000000:stream/events"));
    input.emplace_back("MaxRecordSizeInKiB", kinesis::Value(scenario_.max_record_kib));
    administer("UpdateMaxRecordSize", std::move(input));
  }
  transport_.set_clock_skew(scenario_.clock_skew / 2);
  ClientOptions client = scenario_.options.client;
  client.endpoint_url = "http://127.0.0.1:1";
  client.credentials = std::make_shared<SimulatedProvider>(
      loop_, witness_, scenario_.credentials_fail, scenario_.seed + 4);
  KINESINK_ASSIGN(auto core,
                  client::make_client_core(
                      client, {&loop_, &transport_, {"127.0.0.1", 1, false}, scenario_.seed + 5}));
  SinkOptions options = scenario_.options;
  options.stream_name = "events";
  options.dead_letter = [this](const DeadLetterRecord& record) -> Result<void> {
    if (random_.chance(scenario_.dead_letter_fails))
      return make_error(ErrorKind::resource, "no room for dead letters");
    std::vector<std::int64_t> rows = {record.row};
    // A row that never became part of a record has no frame.
    if (scenario_.packed && record.payload.ends_with('\n')) rows = rows_of(record.payload, true);
    for (const std::int64_t row : rows) {
      if (!dead_.insert(row).second)
        witness_.broke("row " + std::to_string(row) + " is a dead letter twice");
    }
    return {};
  };
  sink_.emplace(std::move(options), Client(std::move(core)));
  return sink_->on_start();
}

// Asks the service directly, past all faults.
void Life::administer(std::string_view operation, kinesis::Value::Members input) {
  const std::string body = kinesis::encode(kinesis::Value(std::move(input)), kinesis::Wire::json);
  http::Request request;
  request.headers = {{"Content-Type", std::string(kinesis::content_type_of(kinesis::Wire::json))},
                     {"X-Amz-Target", "Kinesis_20131202." + std::string(operation)}};
  request.body = body;
  const Result<void> is_signed =
      aws::sign(request, "127.0.0.1:1", aws::sha256(body), {"us-east-1"},
                {"AKIDEXAMPLE", "secret", "", std::nullopt}, transport_.true_time());
  request.headers.push_back({"Host", "127.0.0.1:1"});
  const http::Response answer = service_.handle(request, transport_.true_time());
  note(std::string(operation) + ' ' + std::to_string(answer.status));
  if (!is_signed || answer.status != 200) witness_.broke(std::string(operation) + answer.body);
}

// Splits an open shard, or merges two neighbours.
void Life::reshard() {
  const local::Stream& stream = *service_.store().find("events");
  const std::size_t at = random_.below(stream.open.size());
  const local::Shard& shard = *stream.open[at];
  kinesis::Value::Members input;
  input.emplace_back("StreamName", kinesis::Value("events"));
  if (random_.below(2) == 0 && at + 1 < stream.open.size()) {
    input.emplace_back("ShardToMerge", kinesis::Value(shard.id()));
    input.emplace_back("AdjacentShardToMerge", kinesis::Value(stream.open[at + 1]->id()));
    return administer("MergeShards", std::move(input));
  }
  if (stream.open.size() >= kMostShards) return;
  const kinesis::HashKey middle =
      shard.range.first + (shard.range.last - shard.range.first) / 2 + 1;
  input.emplace_back("ShardToSplit", kinesis::Value(shard.id()));
  input.emplace_back("NewStartingHashKey", kinesis::Value(kinesis::to_decimal(middle)));
  administer("SplitShard", std::move(input));
}

void Life::step() {
  if (random_.chance(kSkewChance)) transport_.set_clock_skew(scenario_.clock_skew);
  const std::unique_ptr<tests::Rows> batch = workload_.next_batch();
  const bool taken = offer(*batch);
  if (batch->released() != 0) witness_.broke("a borrowed struct was released");
  if (!taken) return;
  if (random_.chance(scenario_.idle_chance)) {
    const auto pause = std::chrono::milliseconds(random_.below(4000));
    loop_.advance(pause);
    if (pause > scenario_.options.flush_config.max_age) check_quiet();
  }
  if (random_.chance(kTickChance)) {
    if (Result<void> ticked = sink_->handle_tick(epoch_); !ticked)
      fail("handle_tick", ticked.error());
  }
  if (random_.chance(scenario_.reshard_chance)) reshard();
  if (!failed_ && random_.chance(scenario_.checkpoint_chance)) checkpoint();
}

bool Life::offer(const tests::Rows& batch) {
  if (!random_.chance(scenario_.try_chance)) {
    const Result<void> taken = sink_->process_batch(batch.view());
    if (!taken) fail("process_batch", taken.error());
    return taken.has_value();
  }
  for (std::int64_t row = 0; row < batch.view().array->length;) {
    const Result<std::int64_t> taken = sink_->try_process_batch(batch.view(), row);
    if (!taken) {
      fail("try_process_batch", taken.error());
      return false;
    }
    row += *taken;
    if (*taken == 0) loop_.advance(std::chrono::milliseconds(20));
    if (loop_.now().time_since_epoch() > kLongestLife) {
      witness_.broke("there is never room again");
      return false;
    }
  }
  return true;
}

void Life::checkpoint() {
  const std::int64_t before = workload_.next_row();
  const std::uint64_t epoch = ++epoch_;
  if (!random_.chance(scenario_.asynchronous_chance))
    return checkpoint_done(before, sink_->handle_checkpoint({epoch, false}));
  ++open_checkpoints_;
  const Result<void> begun = sink_->handle_checkpoint_async(
      {epoch, false}, [this, before, epoch](const Result<void>& done) {
        --open_checkpoints_;
        if (epoch <= last_done_) witness_.broke("checkpoints were answered out of order");
        last_done_ = epoch;
        checkpoint_done(before, done);
      });
  if (begun) return;
  --open_checkpoints_;
  fail("handle_checkpoint_async", begun.error());
}

void Life::close() {
  if (scenario_.destroyed) {
    if (random_.below(2) == 0) loop_.advance(std::chrono::milliseconds(random_.below(1000)));
    return sink_.reset();
  }
  const Result<void> closed = sink_->on_close();
  report_.closed_well = closed.has_value();
  note("on_close " + (closed ? "ok" : closed.error().to_string()));
  if (!closed) fail("on_close", closed.error());
  if (loop_.now().time_since_epoch() > kLongestLife) witness_.broke("it took half a day");
  // What was sent may still arrive.
  if (!loop_.run_until_idle(kMostEvents)) witness_.broke("events go on for ever");
  judge();
  sink_.reset();
}

Report simulate(const Scenario& scenario) { return Life(scenario).run(); }

}  // namespace kinesink::sim
