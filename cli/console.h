// What the program says, and how it is interrupted.
#pragma once

#include <functional>
#include <string>

#include "kinesink/log.h"
#include "kinesink/result.h"

namespace kinesink::cli {

// One line on stderr: `kinesink: message`.
void say(const std::string& message);
// An error, as a person wants it: `kinesink: error: ...`.
void say_error(const Error& error);
// Log records on stderr: warnings and errors, with `verbose` all down to debug.
LogCallback log_to_stderr();

// SIGINT and SIGTERM are not delivered to any thread from now on; call it before there is a second
// one.
void block_signals();
// Waits for them on a thread of its own: the first sets signal(), the second runs `leave` and ends
// the process with 128 + signal.
class Interruption {
 public:
  explicit Interruption(std::function<void()> leave);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // 0, or the number of the signal that came.
  int signal() const;
  // A descriptor that is readable once one came: for those who wait for input.
  int descriptor() const;
  // Blocks until one comes.
  int wait() const;

 private:
  struct State;
  State* const state_;  // owned
};

// User and system time of this process.
double cpu_seconds();

}  // namespace kinesink::cli
