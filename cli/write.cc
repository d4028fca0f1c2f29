// kinesink write: files into a stream.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/rehearsal.h"
#include "cli/sink_settings.h"
#include "cli/summary.h"
#include "kinesink/arrow.h"
#include "kinesink/sink.h"

namespace kinesink::cli {
namespace {

struct WriteArguments {
  SinkSettings settings;
  std::vector<std::string> inputs;
  std::string stats = "text";
  std::string progress = "auto";
  bool dry_run = false;
};

class Writer {
 public:
  Writer(const WriteArguments& arguments, SinkOptions options)
      : arguments_(arguments),
        stream_(options.stream_name),
        sink_(make_sink(arguments, std::move(options))) {}

  int run() {
    Interruption interruption([this] {
      const Stats stats = sink_.stats();
      say("interrupted again: " + with_commas(stats.pending) + " rows were NOT stored");
    });
    Result<void> result = sink_.on_start();
    started_ = result.has_value();
    for (std::size_t i = 0; result && i < arguments_.inputs.size() && interruption.signal() == 0;
         ++i) {
      result = write(arguments_.inputs[i], interruption);
    }
    if (started_) {
      // What was accepted is flushed, whatever happened.
      Result<void> closed = sink_.on_close();
      if (result && !closed) result = std::move(closed);
    }
    if (!result) say_error(result.error());
    if (interruption.signal() != 0)
      say("interrupted: what was read is flushed, the rest was not read");
    report(result.has_value());
    return exit_code(result, interruption.signal());
  }

 private:
  static KinesisSink make_sink(const WriteArguments& arguments, SinkOptions options) {
    if (!arguments.dry_run) return KinesisSink(std::move(options));
    Client rehearsal(make_rehearsal(options.client.log, options.client.log_level, {}));
    return KinesisSink(std::move(options), std::move(rehearsal));
  }

  Result<void> write(const std::string& name, const Interruption& interruption) {
    Result<std::unique_ptr<Input>> opened = Input::open(name, interruption.descriptor());
    if (!opened && interruption.signal() != 0) return {};
    KINESINK_ASSIGN(const std::unique_ptr<Input> input, std::move(opened));
    const bool shown = arguments_.progress == "always" ||
                       (arguments_.progress == "auto" && ::isatty(STDERR_FILENO) != 0);
    std::optional<std::int64_t> total = input->row_count();
    if (total) *total += static_cast<std::int64_t>(sink_.stats().received);
    Progress progress(shown, total);
    std::int64_t row = 0;
    while (interruption.signal() == 0) {
      Result<std::shared_ptr<arrow::RecordBatch>> next = input->next();
      if (!next && interruption.signal() != 0) return {};  // stdin was cut off in the middle
      KINESINK_ASSIGN(const std::shared_ptr<arrow::RecordBatch> batch, std::move(next));
      if (batch == nullptr) return {};
      Result<void> taken = process_batch(sink_, *batch);
      if (!taken) {
        Error error = std::move(taken).error();
        if (error.row) *error.row += row;
        error.message = name + ": " + error.message;
        return error;
      }
      row += batch->num_rows();
      progress.update(sink_.stats());
    }
    return {};
  }

  // An error before any row is told without a summary of nothing.
  void report(bool worked) const {
    Run run;
    run.stats = sink_.stats();
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    run.cpu_seconds = cpu_seconds() - cpu_at_start_;
    if (arguments_.stats == "json") {
      std::printf("%s\n", summary_json(run).c_str());
    } else if (started_ && (worked || run.stats.received > 0)) {
      std::printf("%s", summary_text(run, stream_, arguments_.dry_run).c_str());
    }
    std::fflush(stdout);
  }

  int exit_code(const Result<void>& result, int signal) const {
    const Stats stats = sink_.stats();
    if (signal != 0) return 128 + signal;
    if (!result && stats.received == 0) return kUsage;
    const bool all_stored =
        result && stats.rejected == 0 && stats.abandoned == 0 && stats.pending == 0;
    return all_stored ? kStored : kNotStored;
  }

  const WriteArguments& arguments_;
  const std::string stream_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double cpu_at_start_ = cpu_seconds();
  bool started_ = false;
  KinesisSink sink_;
};

int run_write(const WriteArguments& arguments) {
  Result<SinkOptions> options = arguments.settings.resolve();
  if (options && options->stream_name.empty() && arguments.dry_run)
    options->stream_name = "dry-run";
  if (options && options->stream_name.empty()) {
    options = make_error(ErrorKind::invalid_argument,
                         "no stream is named: use --stream NAME or --stream ARN");
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
  command->add_flag("--dry-run", arguments->dry_run,
                    "Do everything but send; say what would be sent.");
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
