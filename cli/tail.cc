// kinesink tail: what is in a stream, to stdout.
#include <simdjson.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/sink_settings.h"
#include "kinesis/value.h"
#include "reader/reader.h"

namespace kinesink::cli {
namespace {

struct TailArguments {
  SinkSettings settings;
  std::string from = "trim_horizon";
  std::uint64_t max_records = 0;
  std::string output = "raw";
  bool until_caught_up = false;
};

// trim_horizon, latest, seconds since 1970, or a UTC time such as 2026-11-23T16:00:00Z.
Result<client::ShardPosition> position_of(const std::string& from) {
  using Kind = client::ShardPosition::Kind;
  if (from == "trim_horizon" || from == "TRIM_HORIZON") return client::ShardPosition{};
  if (from == "latest" || from == "LATEST") return client::ShardPosition{Kind::latest, "", 0};
  std::tm fields{};
  const char* end = ::strptime(from.c_str(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  if (end != nullptr && *end == '\0') {
    return client::ShardPosition{Kind::at_timestamp, "",
                                 static_cast<std::int64_t>(::timegm(&fields)) * 1000};
  }
  if (!from.empty() && from.size() <= 11 &&
      from.find_first_not_of("0123456789") == std::string::npos) {
    return client::ShardPosition{Kind::at_timestamp, "", std::stoll(from) * 1000};
  }
  return make_error(ErrorKind::invalid_argument,
                    "--from " + from +
                        ": it must be trim_horizon, latest, seconds since 1970, or a time like "
                        "2026-11-23T16:00:00Z");
}

std::string json_line(const reader::ReadRecord& read) {
  using kinesis::Value;
  Value::Members members;
  members.emplace_back("shard_id", Value(read.shard_id));
  members.emplace_back("sequence_number", Value(read.record.sequence_number));
  members.emplace_back("partition_key", Value(read.record.partition_key));
  members.emplace_back("arrival_milliseconds", Value(read.record.arrival_milliseconds));
  const std::string& data = read.record.data;
  if (simdjson::validate_utf8(data.data(), data.size())) {
    members.emplace_back("data", Value(data));
  } else {
    members.emplace_back("data_base64", Value(kinesis::Bytes{data}));
  }
  return kinesis::encode(Value(std::move(members)), kinesis::Wire::json);
}

// False when nobody reads any more (a closed pipe).
bool print(const std::vector<reader::ReadRecord>& records, const TailArguments& arguments,
           std::uint64_t& printed) {
  for (const reader::ReadRecord& read : records) {
    if (arguments.max_records != 0 && printed == arguments.max_records) break;
    const std::string line = arguments.output == "json" ? json_line(read) : read.record.data;
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size() ||
        std::fputc('\n', stdout) == EOF)
      return false;
    ++printed;
  }
  return std::fflush(stdout) == 0;
}

Result<void> tail(const TailArguments& arguments, const SinkOptions& options,
                  const Interruption& interruption) {
  KINESINK_ASSIGN(client::ShardPosition from, position_of(arguments.from));
  KINESINK_ASSIGN(const auto core, client::open_client_core(options.client));
  const kinesis::StreamReference stream{options.stream_name};
  const auto soon = [&core](std::chrono::seconds seconds) { return core->loop().now() + seconds; };
  KINESINK_TRY(core->choose_wire(stream, soon(std::chrono::seconds(30))));
  reader::Reader reader(core, stream, {std::move(from), arguments.until_caught_up});
  KINESINK_TRY(reader.open(soon(std::chrono::seconds(30))));
  std::uint64_t printed = 0;
  while (!reader.done() && interruption.signal() == 0) {
    // Short, so that a signal is seen soon.
    KINESINK_ASSIGN(const auto records, reader.next(soon(std::chrono::seconds(1))));
    if (!print(records, arguments, printed)) return {};
    if (arguments.max_records != 0 && printed >= arguments.max_records) return {};
  }
  return {};
}

int run_tail(const TailArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  Interruption interruption([] {});
  Result<SinkOptions> options = arguments.settings.resolve();
  Result<void> result = options ? Result<void>() : Result<void>(options.error());
  if (options && options->stream_name.empty()) {
    result = make_error(ErrorKind::invalid_argument,
                        "no stream is named: use --stream NAME or --stream ARN");
  }
  if (result) result = tail(arguments, *options, interruption);
  if (!result) {
    say_error(result.error());
    return kUsage;
  }
  return interruption.signal() == 0 ? kStored : 128 + interruption.signal();
}

}  // namespace

Command add_tail(CLI::App& program) {
  const auto arguments = std::make_shared<TailArguments>();
  CLI::App* command = program.add_subcommand("tail", "Print the records of a stream as they come.");
  arguments->settings.add_to(*command, FlagSet::connection);
  command
      ->add_option("--from", arguments->from,
                   "Where to start: trim_horizon (the oldest kept), latest, seconds since 1970, or "
                   "a time like 2026-11-23T16:00:00Z.")
      ->capture_default_str();
  command->add_option("--max-records", arguments->max_records, "Stop after so many. 0: no limit.")
      ->capture_default_str();
  command->add_flag("--until-caught-up", arguments->until_caught_up,
                    "Stop when all that is there now was printed.");
  command
      ->add_option(
          "--output", arguments->output,
          "raw: the payload and a newline; json: one object a line with key, shard and time.")
      ->check(CLI::IsMember({"raw", "json"}))
      ->capture_default_str();
  command->footer(
      "Example:\n  kinesink tail --stream flights --region eu-west-1 --from latest --output json");
  return [arguments] { return run_tail(*arguments); };
}

}  // namespace kinesink::cli
