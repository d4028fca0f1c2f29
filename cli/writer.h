// What `kinesink write` does with its arguments: sinks, each on a thread, that take the rows of all
// inputs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/input_queue.h"
#include "cli/row_map.h"
#include "cli/sink_settings.h"
#include "cli/state_keeper.h"
#include "kinesink/sink.h"

namespace kinesink::cli {

struct WriteArguments {
  SinkSettings settings;
  std::vector<std::string> inputs;
  std::string stats = "text";
  std::string progress = "auto";
  std::string state;
  std::int64_t state_interval_ms = 1000;
  int threads = 1;
  bool dry_run = false;
};

class Writer {
 public:
  Writer(const WriteArguments& arguments, SinkOptions options);
  ~Writer();

  // The exit code.
  int run();

 private:
  // A sink, and what the thread that writes into it has given it.
  struct Lane {
    Lane(SinkOptions options, const std::optional<Client>& client);
    RowMap rows;
    KinesisSink sink;
  };

  // All lanes, over one client.
  Result<void> start();
  Result<void> open_inputs(int stop);
  void add_lane(const std::optional<Client>& client);
  void write_all(const Interruption& interruption);
  // On the lane's thread. What was accepted is flushed, whatever happened.
  void run_lane(Lane& lane, const Interruption& interruption);
  Result<void> write(Lane& lane, const Interruption& interruption);
  Result<void> write_rows(Lane& lane, const InputQueue::Rows& rows);
  // The first error counts; then no lane reads on.
  void fail(Error error);

  Stats stats() const;
  void report(const Stats& stats) const;
  std::uint64_t letters_without_payload(const Stats& stats) const;
  int exit_code(const Stats& stats, int signal) const;

  const WriteArguments& arguments_;
  const SinkOptions options_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double cpu_at_start_ = cpu_seconds();
  bool started_ = false;
  std::uint64_t settled_before_ = 0;
  std::optional<StateFile> state_file_;
  std::unique_ptr<InputQueue> queue_;

  mutable std::mutex mutex_;  // guards the list of lanes, and failed_
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::optional<Error> failed_;
  std::atomic<bool> stopped_{false};
};

}  // namespace kinesink::cli
