// Keeps the state file up to date while a sink works.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "cli/row_map.h"
#include "cli/state.h"

namespace kinesink::cli {

class StateKeeper {
 public:
  using SettledRows = std::function<std::vector<RowRange>()>;  // any thread

  // Writes every `interval` what is settled by then, if that has changed. `rows` outlives this.
  StateKeeper(StateFile file, const RowMap& rows, SettledRows settled_rows,
              std::chrono::milliseconds interval);
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // Settled before this run, by input.
  const std::vector<RowRanges>& before() const { return file_.settled(); }
  // The last word; stops the thread. The error of the last attempt to write.
  Result<void> finish();

 private:
  void run();
  Result<void> save();

  StateFile file_;
  const RowMap& rows_;
  const SettledRows settled_rows_;
  const std::chrono::milliseconds interval_;
  std::vector<RowRanges> saved_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kinesink::cli
