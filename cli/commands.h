// The commands of the program, one file each. Each adds itself to the parser and returns what runs
// it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace kinesink::cli {

// Exit codes, as `kinesink write --help` says.
enum ExitCode : int {
  kStored = 0,     // every row settled as asked and none rejected
  kUsage = 1,      // usage or configuration; nothing was accepted
  kNotStored = 2,  // accepted rows are not stored, or were rejected
  kInterrupted = 130,
  kTerminated = 143,
};

using Command = std::function<int()>;

Command add_write(CLI::App& program);
Command add_tail(CLI::App& program);
Command add_local(CLI::App& program);
Command add_inspect(CLI::App& program);
Command add_options(CLI::App& program);

}  // namespace kinesink::cli
