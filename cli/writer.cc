#include "cli/writer.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/rehearsal.h"
#include "cli/summary.h"
#include "kinesink/arrow.h"

namespace kinesink::cli {
namespace {

KinesisSink make_sink(SinkOptions options, const std::optional<Client>& client) {
  return client ? KinesisSink(std::move(options), *client) : KinesisSink(std::move(options));
}

}  // namespace

Writer::Lane::Lane(SinkOptions options, const std::optional<Client>& client)
    : sink(make_sink(std::move(options), client)) {}

Writer::Writer(const WriteArguments& arguments, SinkOptions options)
    : arguments_(arguments), options_(std::move(options)) {}

Writer::~Writer() = default;

int Writer::run() {
  const Interruption interruption([this] {
    say("interrupted again: " + with_commas(stats().pending) + " rows were NOT stored");
  });
  Result<void> started = open_inputs(interruption.descriptor());
  if (started) started = start();
  if (!started) {
    fail(std::move(started).error());
  } else {
    started_ = true;
    write_all(interruption);
  }
  if (failed_) say_error(*failed_);
  if (interruption.signal() != 0)
    say("interrupted: what was read is flushed, the rest was not read");
  const Stats all = stats();
  report(all);
  return exit_code(all, interruption.signal());
}

Result<void> Writer::open_inputs(int stop) {
  std::vector<RowRanges> settled;
  if (!arguments_.state.empty()) {
    KINESINK_ASSIGN(StateFile file,
                    StateFile::open(arguments_.state, options_.stream_name, arguments_.inputs));
    state_file_.emplace(std::move(file));
    settled = state_file_->settled();
    for (const RowRanges& ranges : settled) {
      for (const RowRange& range : ranges)
        settled_before_ += static_cast<std::uint64_t>(range.end - range.begin);
    }
  }
  KINESINK_ASSIGN(queue_,
                  InputQueue::open(arguments_.inputs, std::move(settled), arguments_.threads, stop,
                                   arguments_.settings.dead_letters()));
  return {};
}

void Writer::add_lane(const std::optional<Client>& client) {
  SinkOptions options = options_;
  const std::size_t index = lanes_.size();
  // Dead letters name the file and its row.
  options.row_origin = [this, index](std::int64_t sequence) -> RowOrigin {
    const auto place = lanes_[index]->rows.find(sequence);
    if (!place) return {};
    return {arguments_.inputs[place->input], place->row};
  };
  auto lane = std::make_unique<Lane>(std::move(options), client);
  const std::lock_guard lock(mutex_);
  lanes_.push_back(std::move(lane));
}

Result<void> Writer::start() {
  std::optional<Client> client;
  if (arguments_.dry_run)
    client.emplace(make_rehearsal(options_.client.log, options_.client.log_level, {}));
  while (lanes_.size() < static_cast<std::size_t>(arguments_.threads)) {
    add_lane(client);
    KINESINK_TRY(lanes_.back()->sink.on_start());
    client = lanes_.back()->sink.client();
  }
  return {};
}

void Writer::write_all(const Interruption& interruption) {
  std::optional<StateKeeper> state;
  if (state_file_) {
    const auto settle = [this](std::vector<RowRanges>& inputs) {
      for (const auto& lane : lanes_) lane->rows.settle(lane->sink.settled_rows(), inputs);
    };
    state.emplace(*std::move(state_file_), settle,
                  std::chrono::milliseconds(arguments_.state_interval_ms));
  }
  {
    const bool shown = arguments_.progress == "always" ||
                       (arguments_.progress == "auto" && ::isatty(STDERR_FILENO) != 0);
    const Progress progress(
        shown, [this] { return stats(); }, [this] { return queue_->row_count(); });
    std::vector<std::thread> threads;
    try {
      for (std::size_t lane = 1; lane < lanes_.size(); ++lane)
        threads.emplace_back([&, lane] { run_lane(*lanes_[lane], interruption); });
    } catch (const std::system_error& error) {
      fail(make_error(ErrorKind::resource, "--threads " + std::to_string(lanes_.size()) +
                                               ": a thread cannot be started: " + error.what()));
    }
    run_lane(*lanes_.front(), interruption);
    for (std::thread& thread : threads) thread.join();
  }
  if (!state) return;
  if (Result<void> kept = state->finish(); !kept) fail(std::move(kept).error());
}

void Writer::run_lane(Lane& lane, const Interruption& interruption) {
  if (Result<void> written = write(lane, interruption); !written) fail(std::move(written).error());
  if (Result<void> closed = lane.sink.on_close(); !closed) fail(std::move(closed).error());
}

Result<void> Writer::write(Lane& lane, const Interruption& interruption) {
  InputQueue::Reader reader(*queue_);
  while (interruption.signal() == 0 && !stopped_) {
    Result<std::optional<InputQueue::Rows>> rows = reader.next();
    if (!rows && interruption.signal() != 0) return {};  // stdin was cut off in the middle
    if (!rows) return std::move(rows).error();
    if (!*rows) return {};
    KINESINK_TRY(write_rows(lane, **rows));
  }
  return {};
}

Result<void> Writer::write_rows(Lane& lane, const InputQueue::Rows& rows) {
  lane.rows.add(rows.input, rows.first_row, rows.batch->num_rows());
  Result<void> taken = process_batch(lane.sink, *rows.batch);
  if (taken) return {};
  Error error = std::move(taken).error();
  if (error.row) *error.row += rows.first_row;
  // What the service or the network said is not about the file.
  if (error.kind == ErrorKind::invalid_data || error.kind == ErrorKind::invalid_argument)
    error.message = arguments_.inputs[rows.input] + ": " + error.message;
  return error;
}

void Writer::fail(Error error) {
  stopped_ = true;
  const std::lock_guard lock(mutex_);
  if (!failed_) failed_ = std::move(error);
}

Stats Writer::stats() const {
  const std::lock_guard lock(mutex_);
  Stats sum;
  for (const auto& lane : lanes_) sum += lane->sink.stats();
  return sum;
}

// An error before any row is told without a summary of nothing.
void Writer::report(const Stats& stats) const {
  Run run;
  run.stats = stats;
  run.settled_before = settled_before_;
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  run.cpu_seconds = cpu_seconds() - cpu_at_start_;
  if (letters_without_payload(stats) > 0) {
    say(with_commas(letters_without_payload(stats)) +
        " letters have no payload, because the rows could not be expressed: they were not sent");
  }
  if (arguments_.stats == "json") {
    std::printf("%s\n", summary_json(run).c_str());
  } else if (started_ && (!failed_ || stats.received > 0)) {
    std::printf("%s", summary_text(run, options_.stream_name, arguments_.dry_run).c_str());
  }
  std::fflush(stdout);
}

std::uint64_t Writer::letters_without_payload(const Stats& stats) const {
  return arguments_.settings.dead_letters() ? stats.skipped : 0;
}

int Writer::exit_code(const Stats& stats, int signal) const {
  if (signal != 0) return 128 + signal;
  if (failed_ && stats.received == 0) return kUsage;
  const bool all_stored = !failed_ && stats.rejected == 0 && stats.abandoned == 0 &&
                          stats.pending == 0 && letters_without_payload(stats) == 0;
  return all_stored ? kStored : kNotStored;
}

}  // namespace kinesink::cli
