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
  // Adds what is settled by now to the rows of each input. Any thread.
  using Settle = std::function<void(std::vector<RowRanges>& inputs)>;

  // Writes every `interval` what is settled by then, if that has changed.
  StateKeeper(StateFile file, Settle settle, std::chrono::milliseconds interval);
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // The last word; stops the thread. The error of the last attempt to write.
  Result<void> finish();

 private:
  void run();
  Result<void> save();

  StateFile file_;
  const Settle settle_;
  const std::chrono::milliseconds interval_;
  std::vector<RowRanges> saved_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kinesink::cli
