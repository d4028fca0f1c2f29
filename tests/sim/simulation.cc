#include "tests/sim/simulation.h"

#include <charconv>
#include <map>
#include <set>

#include "client/client_core.h"
#include "tests/support/rows.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::sim {
namespace {

class FixedCredentials final : public CredentialsProvider {
 public:
  void get_credentials(bool, Callback done) override {
    done(Credentials{"AKIDEXAMPLE", "secret", "", std::nullopt});
  }
};

// The rows that are in the stream, with how often each is.
std::map<std::int64_t, std::size_t> stored_rows(const local::Store& store) {
  constexpr std::string_view kPrefix = "{\"id\":";
  std::map<std::int64_t, std::size_t> rows;
  for (const auto& shard : store.find("events")->shards) {
    for (std::uint64_t i = shard->log.first(); i < shard->log.end(); ++i) {
      const std::string_view data = shard->log.record(i).data;
      std::int64_t id = -1;
      if (data.starts_with(kPrefix)) {
        std::from_chars(data.data() + kPrefix.size(), data.data() + data.size(), id);
      }
      ++rows[id];
    }
  }
  return rows;
}

// Runs one scenario and keeps what it must remember to judge it.
class Life {
 public:
  explicit Life(const Scenario& scenario)
      : scenario_(scenario),
        random_(scenario.seed ^ 0x5eed),
        service_(service_options(scenario)),
        faulty_(service_, scenario.faults, scenario.seed + 1),
        transport_(loop_, faulty_, scenario.network, scenario.seed + 2) {}

  Report run() {
    if (Result<void> started = start(); !started) {
      report_.broken.push_back("on_start: " + started.error().to_string());
      return std::move(report_);
    }
    for (std::size_t i = 0; i < scenario_.batches && !failed_; ++i) step();
    const Result<void> closed = sink_->on_close();
    report_.closed_well = closed.has_value();
    note("on_close " + (closed ? "ok" : closed.error().to_string()));
    if (!closed && expect_success()) broke("on_close: " + closed.error().to_string());
    loop_.run_until_idle();
    judge();
    sink_.reset();
    loop_.run_until_idle();
    report_.trace = trace_ + transport_.trace();
    return std::move(report_);
  }

 private:
  static local::ServiceOptions service_options(const Scenario& scenario) {
    local::ServiceOptions options;
    options.streams = {{"events", scenario.shards}};
    options.enforce_limits = scenario.enforce_limits;
    options.seed = scenario.seed;
    return options;
  }

  Result<void> start() {
    ClientOptions client;
    client.aws_region = "us-east-1";
    client.endpoint_url = "http://127.0.0.1:1";
    client.credentials = std::make_shared<FixedCredentials>();
    KINESINK_ASSIGN(auto core, client::make_client_core(
                                   client, {&loop_, &transport_, {"127.0.0.1", 1, false}}));
    SinkOptions options = scenario_.options;
    options.stream_name = "events";
    options.dead_letter = [this](const DeadLetterRecord& record) -> Result<void> {
      dead_.insert(record.row);
      return {};
    };
    sink_.emplace(std::move(options), Client(std::move(core)));
    return sink_->on_start();
  }

  void step() {
    std::vector<tests::Row> rows;
    const std::size_t count = random_.below(scenario_.max_rows_per_batch + 1);
    for (std::size_t i = 0; i < count; ++i) rows.push_back(next_row());
    const tests::Rows batch(rows);
    const Result<void> taken = sink_->process_batch(batch.view());
    if (batch.released() != 0) broke("process_batch released a borrowed struct");
    if (!taken) return fail("process_batch: " + taken.error().to_string());
    if (random_.chance(scenario_.idle_chance)) {
      loop_.advance(std::chrono::milliseconds(random_.below(3000)));
    }
    if (random_.chance(scenario_.checkpoint_chance)) checkpoint();
  }

  tests::Row next_row() {
    tests::Row row{next_id_++, std::nullopt};
    std::size_t size = random_.below(scenario_.max_text + 1);
    if (random_.chance(scenario_.oversized_chance)) size = 1'100'000;
    if (random_.below(10) != 0)
      row.text = std::string(size, static_cast<char>('a' + random_.below(26)));
    return row;
  }

  void checkpoint() {
    const std::int64_t before = next_id_;
    const std::uint64_t epoch = ++epoch_;
    if (random_.chance(scenario_.asynchronous_chance)) {
      const Result<void> begun =
          sink_->handle_checkpoint_async({epoch, false}, [this, before, epoch](Result<void> done) {
            if (epoch <= last_done_) broke("checkpoints completed out of order");
            last_done_ = epoch;
            check_checkpoint(before, done);
          });
      if (!begun) fail("handle_checkpoint_async: " + begun.error().to_string());
      return;
    }
    check_checkpoint(before, sink_->handle_checkpoint({epoch, false}));
  }

  // Promise 1: after success every row before the barrier is in the stream or in the dead-letter
  // output.
  void check_checkpoint(std::int64_t before, const Result<void>& done) {
    note("checkpoint " + std::to_string(before) + (done ? " ok" : " " + done.error().to_string()));
    if (!done) return fail("handle_checkpoint: " + done.error().to_string());
    const auto stored = stored_rows(service_.store());
    for (std::int64_t id = 0; id < before; ++id) {
      if (!stored.contains(id) && !dead_.contains(id)) {
        return broke("row " + std::to_string(id) + " is lost after a checkpoint");
      }
    }
  }

  void judge() {
    const auto stored = stored_rows(service_.store());
    const Stats stats = sink_->stats();
    report_.stats = stats;
    for (const auto& [id, times] : stored) {
      if (id < 0 || id >= next_id_) broke("something was stored that was not accepted");
      report_.duplicates += times - 1;
    }
    // Promise 2: exact accounting.
    const auto accepted = static_cast<std::uint64_t>(next_id_);
    if (stats.received != accepted && !failed_) broke("received is not the rows handed over");
    if (stats.received !=
        stats.acknowledged + stats.rejected + stats.skipped + stats.abandoned + stats.pending) {
      broke("the accounts do not add up");
    }
    if (stats.pending != 0) broke("rows are pending after close");
    if (stats.rejected != dead_.size()) broke("rejected is not the rows in the dead-letter output");
    if (report_.closed_well) {
      if (stats.abandoned != 0) broke("rows are abandoned after a successful close");
      // After an error the rest of its batch was not accepted.
      for (std::int64_t id = 0; id < static_cast<std::int64_t>(stats.received); ++id) {
        if (!stored.contains(id) && !dead_.contains(id)) {
          broke("row " + std::to_string(id) + " is lost after a successful close");
          break;
        }
      }
    }
    // Promise 3: only requests whose outcome was unknown may leave a row twice.
    if (report_.duplicates > stats.possible_duplicates) {
      broke(std::to_string(report_.duplicates) + " duplicates, but possible_duplicates says " +
            std::to_string(stats.possible_duplicates));
    }
    // Promise 4: bounds.
    if (transport_.most_in_flight() > 129) broke("more than 128 requests were in flight");
  }

  bool expect_success() const { return scenario_.options.on_exhausted == OnReject::dead_letter; }

  void fail(const std::string& what) {
    note(what);
    failed_ = true;
    if (expect_success()) broke(what);
  }
  void broke(std::string what) { report_.broken.push_back(std::move(what)); }
  void note(const std::string& what) {
    trace_ += std::to_string(loop_.now().time_since_epoch().count()) + ' ' + what + '\n';
  }

  const Scenario& scenario_;
  Random random_;
  tests::SimulatedLoop loop_;
  local::Service service_;
  local::FaultyService faulty_;
  SimulatedTransport transport_;
  std::optional<KinesisSink> sink_;
  std::set<std::int64_t> dead_;
  std::int64_t next_id_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t last_done_ = 0;
  bool failed_ = false;
  std::string trace_;
  Report report_;
};

}  // namespace

Scenario Scenario::draw(std::uint64_t seed) {
  Random random(seed);
  // Each fault is there in about half of the lives, so that they also meet alone.
  const auto sometimes = [&random](double most) {
    return random.below(2) == 0 ? 0.0 : random.unit() * most;
  };
  Scenario scenario;
  scenario.seed = seed;
  scenario.shards = static_cast<std::uint32_t>(1 + random.below(6));
  scenario.batches = 1 + random.below(25);
  scenario.max_rows_per_batch = random.below(4) == 0 ? 3000 : 1 + random.below(300);
  scenario.max_text = random.below(8) == 0 ? 60'000 : random.below(400);
  if (scenario.max_text > 1000) scenario.max_rows_per_batch = 1 + random.below(60);
  scenario.checkpoint_chance = sometimes(0.5);
  scenario.asynchronous_chance = random.unit();
  scenario.idle_chance = sometimes(0.5);
  scenario.oversized_chance = sometimes(0.002);
  scenario.enforce_limits = random.below(4) == 0;
  scenario.network.refused = sometimes(0.1);
  scenario.faults.throttle = sometimes(0.5);
  scenario.faults.error = sometimes(0.2);
  scenario.faults.lost_request = sometimes(0.15);
  scenario.faults.lost_answer = sometimes(0.15);
  scenario.faults.server_error = sometimes(0.2);
  scenario.faults.cut = sometimes(0.1);
  scenario.faults.wrong_count = sometimes(0.1);
  scenario.faults.stall = sometimes(0.05);
  scenario.faults.stall_for = std::chrono::milliseconds(random.below(60'000));
  SinkOptions& options = scenario.options;
  options.seed = seed + 1;
  options.client.aws_region = "us-east-1";
  options.max_in_flight = random.below(3) == 0 ? 1 : (random.below(2) == 0 ? 0 : 8);
  options.flush_config.max_record_count = random.below(2) == 0 ? 500 : 1 + random.below(500);
  options.flush_config.max_data_size =
      random.below(2) == 0 ? 4'000'000 : 1000 + random.below(1'000'000);
  options.flush_config.max_age = std::chrono::milliseconds(1 + random.below(2000));
  options.max_buffered_bytes = random.below(2) == 0 ? 64 << 20 : 16 << 20;
  options.on_invalid = OnReject::dead_letter;
  options.on_refused = OnReject::dead_letter;
  options.on_exhausted = OnReject::dead_letter;
  options.checkpoint_timeout = std::chrono::hours(24);
  options.close_timeout = std::chrono::hours(24);
  options.block_timeout = std::chrono::hours(24);
  return scenario;
}

Report simulate(const Scenario& scenario) { return Life(scenario).run(); }

}  // namespace kinesink::sim
