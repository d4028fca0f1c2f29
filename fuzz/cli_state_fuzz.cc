// State files of `kinesink write --state`: what is accepted is written as text that is accepted and
// means the same.
#include <cstdint>
#include <cstdlib>

#include "cli/state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink::cli;
  const auto state = parse_state({reinterpret_cast<const char*>(data), size});
  if (!state) return 0;
  for (const InputState& input : state->inputs) {
    RowRanges left = without({0, 1000}, input.settled);
    for (const kinesink::RowRange& range : input.settled) add_range(left, range);
  }
  const std::string text = to_text(*state);
  const auto again = parse_state(text);
  if (!again || to_text(*again) != text) std::abort();
  return 0;
}
