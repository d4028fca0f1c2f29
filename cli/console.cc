#include "cli/console.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

namespace kinesink::cli {
namespace {

constexpr int kWakeUp = SIGUSR2;  // ends the waiting thread

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, kWakeUp);
  return set;
}

}  // namespace

void say(const std::string& message) { std::fprintf(stderr, "kinesink: %s\n", message.c_str()); }

void say_error(const Error& error) {
  std::string where;
  const auto add = [&where](const char* label, const std::string& value) {
    if (!value.empty()) where += (where.empty() ? " (" : ", ") + std::string(label) + value;
  };
  add("column ", error.column);
  if (error.row) add("row ", std::to_string(*error.row));
  add("AWS code ", error.aws_code);
  add("request id ", error.request_id);
  say("error: " + error.message + (where.empty() ? "" : where + ")"));
}

LogCallback log_to_stderr() {
  return [](const LogRecord& record) {
    static std::mutex mutex;
    std::string line(record.level == LogLevel::error     ? "error: "
                     : record.level == LogLevel::warning ? "warning: "
                                                         : "");
    line += record.message;
    for (const LogField& field : record.fields)
      line.append(" ").append(field.name).append("=").append(field.value);
    const std::lock_guard lock(mutex);
    say(line);
  };
}

void block_signals() {
  const sigset_t set = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

struct Interruption::State {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  int signal = 0;
  int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  bool ending = false;
  std::function<void()> leave;
  std::thread thread;

  void run() {
    const sigset_t set = awaited_signals();
    while (true) {
      int number = 0;
      if (::sigwait(&set, &number) != 0) continue;
      std::unique_lock lock(mutex);
      if (ending) return;
      if (number == kWakeUp) continue;
      if (signal != 0) {
        lock.unlock();
        leave();
        ::_exit(128 + number);
      }
      signal = number;
      ::eventfd_write(descriptor, 1);
      changed.notify_all();
    }
  }
};

Interruption::Interruption(std::function<void()> leave) : state_(new State) {
  state_->leave = std::move(leave);
  state_->thread = std::thread([state = state_] { state->run(); });
}

Interruption::~Interruption() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  ::pthread_kill(state_->thread.native_handle(), kWakeUp);
  state_->thread.join();
  ::close(state_->descriptor);
  delete state_;
}

int Interruption::signal() const {
  const std::lock_guard lock(state_->mutex);
  return state_->signal;
}

int Interruption::descriptor() const { return state_->descriptor; }

int Interruption::wait() const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return state_->signal != 0; });
  return state_->signal;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace kinesink::cli
