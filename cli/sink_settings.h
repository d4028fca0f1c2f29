// The sink's options on the command line: flags, --set NAME=VALUE, --config FILE. Flags win over
// --set, --set over the file.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "kinesink/options.h"

namespace kinesink::cli {

// Which flags a command has. offline: all, but --help does not show those of the connection.
enum class FlagSet : std::uint8_t { connection, all, offline };

class SinkSettings {
 public:
  // Adds the flags to `command`; must live as long as the parser.
  void add_to(CLI::App& command, FlagSet flags);
  // After parsing. `io_threads`: of the client, unless the user says another number.
  Result<SinkOptions> resolve(int io_threads = SinkOptions().client.io_threads) const;
  bool verbose() const { return verbose_; }
  // --format dead_letter: the inputs are dead-letter files, sent again as they are.
  bool dead_letters() const;

 private:
  Result<void> apply_dead_letters(SinkOptions& options) const;
  void add_flag_of(CLI::App& command, const std::string& flag, const std::string& option);
  Result<void> apply_file(SinkOptions& options) const;

  struct Flag {
    std::string option;
    std::string value;
    CLI::Option* given = nullptr;
  };
  const Flag* format() const;
  std::vector<std::unique_ptr<Flag>> flags_;
  std::vector<std::string> sets_;
  std::string config_;
  std::string partition_key_;
  std::string dead_letter_;
  bool no_verify_ssl_ = false;
  bool verbose_ = false;
};

}  // namespace kinesink::cli
