// kinesink local: a Kinesis-compatible server on this machine.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/summary.h"
#include "local/server.h"

namespace kinesink::cli {
namespace {

constexpr int kDefaultPort = 4567;

struct LocalArguments {
  int port = kDefaultPort;
  std::string bind = "127.0.0.1";
  std::vector<std::string> streams;
  std::string faults;
  std::uint64_t seed = 1;
  std::int64_t latency_ms = 0;
  int threads = 1;
  bool discard = false;
  bool enforce_limits = false;
  bool tls = false;
  std::string certificate;
  std::string key;
  std::string ca_file;
  bool verify_signatures = false;
  std::string data_dir;
  bool data_dir_sync = false;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::optional<local::AcceptedKey>> own_key() {
  local::AcceptedKey key{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"),
                         variable("AWS_SESSION_TOKEN")};
  if (!key.access_key_id.empty() && !key.secret_access_key.empty()) return std::optional(key);
  return make_error(ErrorKind::invalid_argument,
                    "--verify-signatures: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to what "
                    "clients must sign with");
}

Result<local::LocalServerOptions> options_of(const LocalArguments& arguments) {
  local::LocalServerOptions options;
  options.bind = arguments.bind;
  options.port = static_cast<std::uint16_t>(arguments.port);
  options.latency = std::chrono::milliseconds(arguments.latency_ms);
  options.seed = arguments.seed;
  options.threads = arguments.threads;
  options.service.discard = arguments.discard;
  options.service.enforce_limits = arguments.enforce_limits;
  options.service.seed = arguments.seed;
  options.log = Log(log_to_stderr(), LogLevel::warning);
  for (const std::string& text : arguments.streams) {
    KINESINK_ASSIGN(auto streams, local::parse_streams(text));
    for (local::StreamToCreate& stream : streams)
      options.service.streams.push_back(std::move(stream));
  }
  KINESINK_ASSIGN(options.faults, local::parse_faults(arguments.faults));
  if (arguments.verify_signatures) {
    KINESINK_ASSIGN(options.service.verify_signatures, own_key());
  }
  if (!arguments.data_dir.empty())
    options.data = local::DataFolder{arguments.data_dir, arguments.data_dir_sync};
  if (arguments.tls || !arguments.certificate.empty()) {
    options.tls = local::ServerTls{arguments.certificate, arguments.key, arguments.ca_file};
  }
  return options;
}

void introduce(const local::LocalServer& server, const LocalArguments& arguments) {
  std::printf("%s\n", server.endpoint_url().c_str());
  if (!server.ca_file().empty()) std::printf("CA bundle: %s\n", server.ca_file().c_str());
  const std::string stream =
      arguments.streams.empty()
          ? "NAME"
          : arguments.streams.front().substr(0, arguments.streams.front().find(':'));
  const std::string trust = server.ca_file().empty() ? "" : " --ca-bundle " + server.ca_file();
  std::printf(
      "\nTry, with AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x in the environment:\n"
      "  kinesink write --region us-east-1 --endpoint-url %s --stream %s%s FILE.parquet\n",
      server.endpoint_url().c_str(), stream.c_str(), trust.c_str());
  std::fflush(stdout);
}

int run_local(const LocalArguments& arguments) {
  Result<local::LocalServerOptions> options = options_of(arguments);
  if (!options) {
    say_error(options.error());
    return kUsage;
  }
  auto started = local::LocalServer::start(*std::move(options));
  if (!started) {
    say_error(started.error());
    return kUsage;
  }
  local::LocalServer& server = **started;
  Interruption interruption([] {});
  introduce(server, arguments);
  interruption.wait();
  server.stop();
  const local::LocalServerCounters counters = server.counters();
  char cpu[32];
  std::snprintf(cpu, sizeof(cpu), "%.2f", counters.cpu_seconds);
  say("served " + with_commas(counters.service.requests) + " requests, " +
      with_commas(counters.service.records) + " records, " + megabytes(counters.service.bytes) +
      " in " + cpu + " s of CPU");
  return kStored;
}

}  // namespace

Command add_local(CLI::App& program) {
  const auto arguments = std::make_shared<LocalArguments>();
  CLI::App* command =
      program.add_subcommand("local", "Serve a Kinesis-compatible endpoint on this machine.");
  command->add_option("--port", arguments->port, "Port; 0 takes any free one.")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  command->add_option("--bind", arguments->bind, "Address to listen on.")->capture_default_str();
  command->add_option("--stream", arguments->streams,
                      "NAME:SHARDS of a stream that is there from the start (1 shard without "
                      ":SHARDS); may be repeated.");
  command->add_flag("--discard", arguments->discard, "Count records and forget them.");
  CLI::Option* data_dir =
      command->add_option("--data-dir", arguments->data_dir,
                          "Folder that keeps streams and records: what was acknowledged is there "
                          "again after a restart or a crash.");
  command
      ->add_flag("--data-dir-sync", arguments->data_dir_sync,
                 "Sync before each answer, so that it also outlives a power failure; slower.")
      ->needs(data_dir);
  command
      ->add_option("--latency-ms", arguments->latency_ms,
                   "Every answer waits so long (milliseconds).")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  command->add_option("--fault", arguments->faults,
                      "Probabilities of faults, such as throttle=0.1,error=0.01,lost_answer=0.01; "
                      "see docs/local-server.md.");
  command->add_option("--seed", arguments->seed, "Seed of the faults.")->capture_default_str();
  command->add_flag("--enforce-limits", arguments->enforce_limits,
                    "Throttle each shard at 1 MiB/s and 1,000 records/s.");
  command->add_option("--threads", arguments->threads, "Threads that carry bytes.")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--verify-signatures", arguments->verify_signatures,
                    "Refuse requests that are not signed with AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) of the server's environment.");
  command->add_flag("--tls", arguments->tls,
                    "Speak TLS with a certificate made for this run; its CA bundle is printed.");
  command->add_option("--certificate", arguments->certificate,
                      "PEM file of a certificate to use for TLS.");
  command->add_option("--key", arguments->key, "PEM file of its private key.");
  command->add_option("--ca-file", arguments->ca_file,
                      "Where --tls writes its CA bundle. Default: a temporary file.");
  command->footer(
      "Example:\n  kinesink local --stream flights:4\n\nThe first line printed is the endpoint. "
      "Ends on SIGINT or SIGTERM.");
  return [arguments] { return run_local(*arguments); };
}

}  // namespace kinesink::cli
