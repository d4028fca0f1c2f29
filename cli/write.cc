// kinesink write: files into a stream.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/rehearsal.h"
#include "cli/row_map.h"
#include "cli/sink_settings.h"
#include "cli/state_keeper.h"
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
  std::string state;
  std::int64_t state_interval_ms = 1000;
  bool dry_run = false;
};

class Writer {
 public:
  Writer(const WriteArguments& arguments, SinkOptions options)
      : arguments_(arguments),
        stream_(options.stream_name),
        sink_(make_sink(arguments, with_origins(std::move(options)))) {}

  int run() {
    Interruption interruption([this] {
      const Stats stats = sink_.stats();
      say("interrupted again: " + with_commas(stats.pending) + " rows were NOT stored");
    });
    Result<void> result = open_state();
    if (result) result = sink_.on_start();
    started_ = result.has_value();
    for (std::size_t i = 0; result && i < arguments_.inputs.size() && interruption.signal() == 0;
         ++i) {
      result = write(i, interruption);
    }
    if (started_) {
      // What was accepted is flushed, whatever happened.
      Result<void> closed = sink_.on_close();
      if (result && !closed) result = std::move(closed);
    }
    if (state_) {
      Result<void> kept = state_->finish();
      if (result && !kept) result = std::move(kept);
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

  // Dead letters name the file and its row.
  SinkOptions with_origins(SinkOptions options) {
    options.row_origin = [this](std::int64_t sequence) -> RowOrigin {
      const auto place = rows_.find(sequence);
      if (!place) return {};
      return {arguments_.inputs[place->input], place->row};
    };
    return options;
  }

  Result<void> open_state() {
    if (arguments_.state.empty()) return {};
    KINESINK_ASSIGN(StateFile file, StateFile::open(arguments_.state, stream_, arguments_.inputs));
    for (const RowRanges& settled : file.settled()) {
      for (const RowRange& range : settled)
        settled_before_ += static_cast<std::uint64_t>(range.end - range.begin);
    }
    state_.emplace(
        std::move(file), rows_, [this] { return sink_.settled_rows(); },
        std::chrono::milliseconds(arguments_.state_interval_ms));
    return {};
  }

  Result<void> write(std::size_t input_index, const Interruption& interruption) {
    const std::string& name = arguments_.inputs[input_index];
    const RowRanges settled = state_ ? state_->before()[input_index] : RowRanges();
    const bool begun = !settled.empty() && settled.front().begin == 0;
    Result<std::unique_ptr<Input>> opened =
        Input::open(name, {interruption.descriptor(), arguments_.settings.dead_letters(),
                           begun ? settled.front().end : 0});
    if (!opened && interruption.signal() != 0) return {};
    KINESINK_ASSIGN(const std::unique_ptr<Input> input, std::move(opened));
    const bool shown = arguments_.progress == "always" ||
                       (arguments_.progress == "auto" && ::isatty(STDERR_FILENO) != 0);
    Progress progress(shown, rows_to_come(*input, settled));
    while (interruption.signal() == 0) {
      Result<std::shared_ptr<arrow::RecordBatch>> next = input->next();
      if (!next && interruption.signal() != 0) return {};  // stdin was cut off in the middle
      KINESINK_ASSIGN(const std::shared_ptr<arrow::RecordBatch> batch, std::move(next));
      if (batch == nullptr) return {};
      const RowRange rows{input->position(), input->position() + batch->num_rows()};
      for (const RowRange& part : without(rows, settled)) {
        KINESINK_TRY(write_rows(*batch->Slice(part.begin - rows.begin, part.end - part.begin),
                                input_index, part.begin));
      }
      progress.update(sink_.stats());
    }
    return {};
  }

  Result<void> write_rows(const arrow::RecordBatch& batch, std::size_t input_index,
                          std::int64_t first_row) {
    rows_.add(input_index, first_row, batch.num_rows());
    Result<void> taken = process_batch(sink_, batch);
    if (taken) return {};
    Error error = std::move(taken).error();
    if (error.row) *error.row += first_row;
    // What the service or the network said is not about the file.
    if (error.kind == ErrorKind::invalid_data || error.kind == ErrorKind::invalid_argument)
      error.message = arguments_.inputs[input_index] + ": " + error.message;
    return error;
  }

  std::optional<std::int64_t> rows_to_come(const Input& input, const RowRanges& settled) const {
    if (!input.row_count()) return std::nullopt;
    std::int64_t rows = static_cast<std::int64_t>(sink_.stats().received);
    for (const RowRange& part : without({0, *input.row_count()}, settled))
      rows += part.end - part.begin;
    return rows;
  }

  // An error before any row is told without a summary of nothing.
  void report(bool worked) const {
    Run run;
    run.stats = sink_.stats();
    run.settled_before = settled_before_;
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    run.cpu_seconds = cpu_seconds() - cpu_at_start_;
    if (letters_without_payload() > 0) {
      say(with_commas(letters_without_payload()) +
          " letters have no payload, because the rows could not be expressed: they were not sent");
    }
    if (arguments_.stats == "json") {
      std::printf("%s\n", summary_json(run).c_str());
    } else if (started_ && (worked || run.stats.received > 0)) {
      std::printf("%s", summary_text(run, stream_, arguments_.dry_run).c_str());
    }
    std::fflush(stdout);
  }

  std::uint64_t letters_without_payload() const {
    return arguments_.settings.dead_letters() ? sink_.stats().skipped : 0;
  }

  int exit_code(const Result<void>& result, int signal) const {
    const Stats stats = sink_.stats();
    if (signal != 0) return 128 + signal;
    if (!result && stats.received == 0) return kUsage;
    const bool all_stored = result && stats.rejected == 0 && stats.abandoned == 0 &&
                            stats.pending == 0 && letters_without_payload() == 0;
    return all_stored ? kStored : kNotStored;
  }

  const WriteArguments& arguments_;
  const std::string stream_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double cpu_at_start_ = cpu_seconds();
  bool started_ = false;
  std::uint64_t settled_before_ = 0;
  RowMap rows_;
  KinesisSink sink_;
  std::optional<StateKeeper> state_;
};

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
  Result<SinkOptions> options = arguments.settings.resolve();
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
