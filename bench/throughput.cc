// kinesink_throughput: rows that lie in memory, through sinks, into an endpoint; one JSON line with
// what that cost this process. The clock runs from the first process_batch to the end of on_close:
// loading, starting and a first request come before.
//
//   kinesink_throughput --endpoint-url http://127.0.0.1:4567 --in-flight 16 events.arrows
//   kinesink_throughput --discard --threads 2 events.arrows
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_rows.h"
#include "bench/discarding_transport.h"
#include "bench/process_usage.h"
#include "client/client_core.h"
#include "http/client.h"
#include "kinesink/sink.h"

namespace kinesink::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string endpoint_url;
  std::string ca_bundle;
  bool discard = false;
  std::string file;
  std::string stream = "events";
  std::int64_t rows = 2'000'000;
  std::int64_t rows_of_a_batch = 16'384;
  std::int64_t payload = 0;
  double seconds = 0;
  std::size_t batches = 0;
  double report_every = 0;
  double rate = 0;
  std::uint32_t in_flight = 0;
  int threads = 1;
  int io_threads = 1;
  std::vector<std::string> settings;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "kinesink_throughput: %s\n", what.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  return *std::move(result);
}
void must(const Result<void>& result) {
  if (!result) give_up(result.error().to_string());
}

// The parts of a client that the network is left out of.
struct Discarding {
  std::unique_ptr<http::EventLoop> loop = http::make_io_loop(1);
  DiscardingTransport transport{*loop};
};

class KeysThatAnyoneKnows final : public CredentialsProvider {
 public:
  void get_credentials(bool, Callback done) override {
    done(Credentials{"AKIDEXAMPLE", "secret", "", std::nullopt});
  }
};

class Run {
 public:
  explicit Run(const Arguments& arguments) : arguments_(arguments) {
    options_.stream_name = arguments.stream;
    options_.max_in_flight = arguments.in_flight;
    options_.partition_key = PartitionKey::random;
    if (arguments.payload > 0) options_.serializer.format = Format::raw_bytes;
    for (const std::string& setting : arguments.settings) {
      const std::size_t equals = setting.find('=');
      if (equals == std::string::npos) give_up("--set wants NAME=VALUE");
      must(set_option(options_, setting.substr(0, equals), setting.substr(equals + 1)));
    }
    load();
    client_.emplace(open_client());
  }

  void measure() {
    std::vector<std::unique_ptr<KinesisSink>> sinks;
    for (int i = 0; i < arguments_.threads; ++i) {
      sinks.push_back(std::make_unique<KinesisSink>(options_, *client_));
      must(sinks.back()->on_start());
      // A first request: connection, TLS, memory.
      must(sinks.back()->process_batch(views_[0].view()));
      must(sinks.back()->handle_checkpoint({}));
    }
    const std::size_t rss_before = memory("VmRSS");
    std::ofstream("/proc/self/clear_refs") << "5";  // the highest counts from here
    const auto before = totals(sinks);
    const std::uint64_t allocations_before = allocations();
    const CpuTime cpu_before = cpu_time(RUSAGE_SELF);
    const CpuTime caller_before = cpu_time(RUSAGE_THREAD);
    const Clock::time_point start = Clock::now();
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < sinks.size(); ++i)
      threads.emplace_back([this, i, &sinks] { write(*sinks[i], i); });
    write(*sinks[0], 0);
    for (std::thread& thread : threads) thread.join();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const CpuTime cpu = cpu_time(RUSAGE_SELF) - cpu_before;
    const CpuTime caller = cpu_time(RUSAGE_THREAD) - caller_before;
    const std::uint64_t allocated = allocations() - allocations_before;
    report(before, totals(sinks), seconds, cpu, caller, allocated, rss_before);
  }

 private:
  struct Totals {
    std::uint64_t rows = 0, requests = 0, payload_bytes = 0, wire_bytes = 0, retries = 0,
                  throttled = 0, in_flight_limit = 0;
    DurationHistogram stored_after;
  };

  void load() {
    arrow::Result<Batches> batches =
        arguments_.payload > 0 ? text_batches(arguments_.payload, rows_of_a_batch())
                               : read_batches(arguments_.file, arguments_.rows, rows_of_a_batch());
    if (!batches.ok()) give_up(batches.status().ToString());
    batches_ = *std::move(batches);
    views_ = must(exported(batches_));
  }
  // Batches of a few megabytes, whatever the rows are.
  std::int64_t rows_of_a_batch() const {
    constexpr std::int64_t kMostBytes = 4 << 20;
    if (arguments_.payload == 0) return arguments_.rows_of_a_batch;
    return std::clamp<std::int64_t>(kMostBytes / arguments_.payload, 1, arguments_.rows_of_a_batch);
  }

  Client open_client() {
    if (arguments_.discard) {
      discarding_.emplace();
      ClientOptions options;
      options.credentials = std::make_shared<KeysThatAnyoneKnows>();
      options.wire = WireChoice::cbor;
      client::InjectedClient injected;
      injected.loop = discarding_->loop.get();
      injected.transport = &discarding_->transport;
      injected.endpoint = {"kinesis.us-east-1.amazonaws.com", 443, true};
      return Client(must(client::make_client_core(options, injected)));
    }
    ClientOptions options = options_.client;
    options.endpoint_url = arguments_.endpoint_url;
    options.ca_bundle = arguments_.ca_bundle;
    options.io_threads = arguments_.io_threads;
    return must(Client::open(options));
  }

  // Every sink takes each n-th batch, and closes when it has no more. At a rate: batches begin when
  // they are due.
  void write(KinesisSink& sink, std::size_t first) const {
    const auto step = static_cast<std::size_t>(arguments_.threads);
    const Clock::time_point start = Clock::now();
    const auto due = [&](double seconds) {
      return start +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    };
    const std::size_t end = arguments_.batches > 0 ? arguments_.batches : views_.size();
    double next_report = arguments_.report_every;
    std::int64_t rows = 0;
    for (std::size_t i = first;; i += step) {
      if (arguments_.seconds == 0 ? i >= end : Clock::now() >= due(arguments_.seconds)) break;
      if (arguments_.report_every > 0 && first == 0 && Clock::now() >= due(next_report)) {
        tell_progress(sink, std::chrono::duration<double>(Clock::now() - start).count());
        next_report += arguments_.report_every;
      }
      if (arguments_.rate > 0)
        std::this_thread::sleep_until(due(static_cast<double>(rows) / arguments_.rate));
      const ExportedBatch& batch = views_[i % views_.size()];
      must(sink.process_batch(batch.view()));
      rows += batch.view().array->length;
    }
    must(sink.on_close());
  }

  // So far, of one sink; the process's CPU time.
  static void tell_progress(const KinesisSink& sink, double seconds) {
    std::printf("{\"seconds\":%.3f,\"rows\":%llu,\"cpu_seconds\":%.6f,\"rss_bytes\":%zu}\n",
                seconds, static_cast<unsigned long long>(sink.stats().acknowledged),
                cpu_time(RUSAGE_SELF).all(), memory("VmRSS"));
    std::fflush(stdout);
  }

  static Totals totals(const std::vector<std::unique_ptr<KinesisSink>>& sinks) {
    Totals sum;
    for (const auto& sink : sinks) {
      const Stats stats = sink->stats();
      if (stats.abandoned + stats.rejected + stats.skipped > 0) give_up("rows were not stored");
      sum.rows += stats.acknowledged;
      sum.requests += stats.requests;
      sum.payload_bytes += stats.payload_bytes;
      sum.wire_bytes += stats.wire_bytes;
      sum.retries += stats.retries;
      sum.throttled += stats.throttled;
      sum.in_flight_limit += stats.in_flight_limit;
      for (std::size_t bucket = 0; bucket < DurationHistogram::kBuckets; ++bucket) {
        sum.stored_after.add(DurationHistogram::bound_of(bucket),
                             stats.stored_after.counts()[bucket]);
      }
    }
    return sum;
  }

  void report(const Totals& before, const Totals& after, double seconds, const CpuTime& cpu,
              const CpuTime& caller, std::uint64_t allocated, std::size_t rss_before) const {
    const auto rows = static_cast<double>(after.rows - before.rows);
    const auto payload = static_cast<double>(after.payload_bytes - before.payload_bytes);
    DurationHistogram stored_after;
    for (std::size_t bucket = 0; bucket < DurationHistogram::kBuckets; ++bucket) {
      stored_after.add(DurationHistogram::bound_of(bucket),
                       after.stored_after.counts()[bucket] - before.stored_after.counts()[bucket]);
    }
    const auto milliseconds = [&stored_after](double share) {
      return std::chrono::duration<double, std::milli>(stored_after.quantile(share)).count();
    };
    std::printf(
        "{\"program\":\"kinesink\",\"rows\":%.0f,\"seconds\":%.4f,\"cpu_seconds\":%.4f,"
        "\"user_seconds\":%.4f,\"system_seconds\":%.4f,\"caller_user_seconds\":%.4f,\"caller_"
        "system_seconds\":%.4f,"
        "\"cpu_seconds_per_million_rows\":%.4f,\"cpu_seconds_per_gb\":%.4f,\"rows_per_second\":"
        "%.0f,\"payload_bytes\":%.0f,\"wire_bytes\":%llu,\"requests\":%llu,\"retries\":%llu,"
        "\"throttled\":%llu,\"in_flight\":%u,\"in_flight_limit\":%llu,\"threads\":%d,"
        "\"peak_rss_bytes\":%zu,\"rss_before_bytes\":%zu,\"allocations_per_row\":%.4f,"
        "\"stored_after_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f}}\n",
        rows, seconds, cpu.all(), cpu.user, cpu.system, caller.user, caller.system,
        cpu.all() / rows * 1e6, cpu.all() / payload * 1e9, rows / seconds, payload,
        static_cast<unsigned long long>(after.wire_bytes - before.wire_bytes),
        static_cast<unsigned long long>(after.requests - before.requests),
        static_cast<unsigned long long>(after.retries - before.retries),
        static_cast<unsigned long long>(after.throttled - before.throttled), arguments_.in_flight,
        static_cast<unsigned long long>(after.in_flight_limit), arguments_.threads, memory("VmHWM"),
        rss_before, static_cast<double>(allocated) / rows, milliseconds(0.5), milliseconds(0.99),
        milliseconds(0.999));
  }

  const Arguments& arguments_;
  SinkOptions options_;
  Batches batches_;  // what the views point into
  std::vector<ExportedBatch> views_;
  std::optional<Discarding> discarding_;
  std::optional<Client> client_;
};

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App program("Rows in memory through sinks into an endpoint; one JSON line of what it cost.");
  program.add_option("FILE", arguments.file, "Arrow IPC stream (bench/gen_events.py makes one).");
  program.add_option("--endpoint-url", arguments.endpoint_url);
  program.add_option("--ca-bundle", arguments.ca_bundle);
  program.add_flag("--discard", arguments.discard, "No network: a transport that takes all.");
  program.add_option("--rows", arguments.rows, "Of the file.");
  program.add_option("--batch-rows", arguments.rows_of_a_batch);
  program.add_option("--payload", arguments.payload, "Instead of a file: rows of so many bytes.");
  program.add_option("--seconds", arguments.seconds, "Over and over, instead of once.");
  program.add_option("--batches", arguments.batches, "So many, over and over, instead of once.");
  program.add_option("--report-every", arguments.report_every,
                     "Seconds; a line each of rows, CPU and memory so far.");
  program.add_option("--rate", arguments.rate, "Rows per second of each sink; 0: all it can.");
  program.add_option("--in-flight", arguments.in_flight, "Requests; 0: automatic.");
  program.add_option("--threads", arguments.threads, "Sinks on threads of their own, one client.");
  program.add_option("--io-threads", arguments.io_threads);
  program.add_option("--set", arguments.settings, "NAME=VALUE of any option of the sink.");
  program.add_option("--stream", arguments.stream);
  CLI11_PARSE(program, argc, argv);
  Run(arguments).measure();
  return 0;
}

}  // namespace
}  // namespace kinesink::bench

int main(int argc, char** argv) { return kinesink::bench::run(argc, argv); }
