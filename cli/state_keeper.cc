#include "cli/state_keeper.h"

#include <utility>

#include "cli/console.h"

namespace kinesink::cli {

StateKeeper::StateKeeper(StateFile file, Settle settle, std::chrono::milliseconds interval)
    : file_(std::move(file)),
      settle_(std::move(settle)),
      interval_(interval),
      saved_(file_.settled()),
      thread_([this] { run(); }) {}

StateKeeper::~StateKeeper() { static_cast<void>(finish()); }

void StateKeeper::run() {
  bool told = false;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval_, [this] { return ending_; })) {
    lock.unlock();
    const Result<void> done = save();
    // Rows still flow: a state that is old only means that more is sent again.
    if (!done && !told) say("warning: " + done.error().message);
    told = !done;
    lock.lock();
  }
}

Result<void> StateKeeper::save() {
  std::vector<RowRanges> settled = file_.settled();
  settle_(settled);
  if (settled == saved_) return {};
  KINESINK_TRY(file_.save(settled));
  saved_ = std::move(settled);
  return {};
}

Result<void> StateKeeper::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return {};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
  return save();
}

}  // namespace kinesink::cli
