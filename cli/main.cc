// kinesink: Arrow record batches into Kinesis data streams, from the command line.
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"

namespace {

// What was wrong with the command line, in one line: the parser's own words, what can be typed
// instead of an unknown command, and where the help is.
std::string usage_error(const CLI::App* program, const CLI::Error& error) {
  std::string what = error.what();
  std::string help = "kinesink --help";
  if (const auto typed = program->get_subcommands(); !typed.empty()) {
    help = "kinesink " + typed.front()->get_name() + " --help";
  } else {
    const std::vector<std::string> unknown = program->remaining();
    if (!unknown.empty()) what = "there is no command '" + unknown.front() + "'";
    what += "; the commands are";
    for (const CLI::App* command : program->get_subcommands([](const CLI::App*) { return true; }))
      what += " " + command->get_name();
  }
  return "kinesink: error: " + what + " (see " + help + ")\n";
}

// Without the destructors of static objects: Arrow's threads read ahead, and an input that was left
// in the middle leaves them at work on what these would take away.
[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kinesink::cli;
  // A file at its limit is an error of the write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  block_signals();
  CLI::App program(
      "Writes Apache Arrow record batches to AWS Kinesis Data Streams.\n\n"
      "  kinesink local --port 4567 --stream events:4 &\n"
      "  kinesink write --endpoint-url http://127.0.0.1:4567 --region us-east-1 --stream events "
      "data.parquet\n",
      "kinesink");
  program.set_version_flag("--version", "kinesink " KINESINK_VERSION);
  program.require_subcommand(1);
  program.failure_message(usage_error);
  std::vector<std::pair<CLI::App*, Command>> commands;
  for (const auto add : {add_write, add_tail, add_local, add_inspect, add_options}) {
    Command command = add(program);
    commands.emplace_back(program.get_subcommands([](CLI::App*) { return true; }).back(),
                          std::move(command));
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kStored : kUsage;
  }
  for (const auto& [parser, command] : commands) {
    if (parser->parsed()) leave(command());
  }
  return kUsage;
}
