// kinesink options: every option, as docs/options.md shows them.
#include <cstdio>

#include "cli/commands.h"
#include "options/table.h"

namespace kinesink::cli {

Command add_options(CLI::App& program) {
  program.add_subcommand("options", "Print every option of --set as a Markdown table.");
  return [] {
    std::printf("%s", options::markdown().c_str());
    return kStored;
  };
}

}  // namespace kinesink::cli
