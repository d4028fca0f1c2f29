// kinesink write: files into a stream.
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/writer.h"

namespace kinesink::cli {
namespace {

constexpr int kMaxThreads = 128;

// A letter that is rejected again would be read again, without end.
Result<void> check_letters(const WriteArguments& arguments, const SinkOptions& options) {
  if (!arguments.settings.dead_letters()) return {};
  for (const std::string& input : arguments.inputs) {
    std::error_code error;
    if (std::filesystem::equivalent(input, options.dead_letter_file, error)) {
      return make_error(ErrorKind::invalid_argument,
                        input +
                            " is the input and the --dead-letter file: name another for what "
                            "is rejected again");
    }
  }
  return {};
}

int run_write(const WriteArguments& arguments) {
  // One I/O thread takes in the answers of about two writers.
  Result<SinkOptions> options = arguments.settings.resolve((arguments.threads + 1) / 2);
  if (options && options->stream_name.empty() && arguments.dry_run)
    options->stream_name = "dry-run";
  if (options && options->stream_name.empty()) {
    options = make_error(ErrorKind::invalid_argument,
                         "no stream is named: use --stream NAME or --stream ARN");
  }
  if (options) {
    if (Result<void> checked = check_letters(arguments, *options); !checked)
      options = std::move(checked).error();
  }
  if (!options) {
    say_error(options.error());
    return kUsage;
  }
  return Writer(arguments, *std::move(options)).run();
}

}  // namespace

Command add_write(CLI::App& program) {
  const auto arguments = std::make_shared<WriteArguments>();
  CLI::App* command = program.add_subcommand("write", "Write the rows of files into a stream.");
  command
      ->add_option("INPUT", arguments->inputs,
                   ".parquet .arrow .arrows .feather .csv .ndjson .jsonl files, or - for stdin "
                   "(Arrow IPC stream or NDJSON).")
      ->required();
  arguments->settings.add_to(*command, FlagSet::all);
  command
      ->add_option("--stats", arguments->stats, "Summary on stdout: text, or json with one object.")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      ->add_option("--progress", arguments->progress,
                   "Progress line on stderr: auto (on a terminal), always, never.")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  CLI::Option* state = command->add_option(
      "--state", arguments->state,
      "File that says which rows of which input are settled: the same command, after a crash, "
      "sends only the others. See docs/state.md.");
  command
      ->add_option("--state-interval-ms", arguments->state_interval_ms,
                   "How often --state is written (milliseconds).")
      ->check(CLI::Range(10, 3'600'000))
      ->capture_default_str();
  command
      ->add_option("--threads", arguments->threads,
                   "Threads that write, each with a sink of its own: inputs, and row groups of "
                   "Parquet files, are read side by side, so rows do not keep their order. Limits "
                   "such as max_buffered_bytes are those of each.")
      ->check(CLI::Range(1, kMaxThreads))
      ->capture_default_str();
  command
      ->add_flag("--dry-run", arguments->dry_run, "Do everything but send; say what would be sent.")
      ->excludes(state);
  command->footer(
      "Example:\n  kinesink write --stream flights --region eu-west-1 --partition-key carrier "
      "flights.parquet\n\n"
      "Exit codes: 0 every row is stored and none rejected; 1 usage or configuration, nothing was "
      "accepted; 2 accepted rows\n"
      "are not stored, or were rejected into the dead-letter file; 130, 143 interrupted (SIGINT, "
      "SIGTERM), after a flush.\n"
      "A second signal leaves at once.");
  return [arguments] { return run_write(*arguments); };
}

}  // namespace kinesink::cli
