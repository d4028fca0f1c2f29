// The state of `kinesink write --state FILE`: which rows of which input are settled, so that the
// same command, after a crash, sends only the others. See docs/state.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/row_map.h"
#include "kinesink/result.h"

namespace kinesink::cli {

// What tells a file from a changed one.
struct InputIdentity {
  std::string path;  // absolute
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::string sha256;  // of its first and last 64 KiB, in hexadecimal

  static Result<InputIdentity> of(const std::string& name);
  friend bool operator==(const InputIdentity&, const InputIdentity&) = default;
};

struct InputState {
  InputIdentity identity;
  RowRanges settled;
};

struct State {
  std::string stream;
  std::vector<InputState> inputs;

  InputState* find(std::string_view path);
};

std::string to_text(const State& state);
// Errors say what is wrong with the text.
Result<State> parse_state(std::string_view text);

// The file itself. Locked while this lives: a second writer is refused.
class StateFile {
 public:
  // An absent file is an empty state. `inputs`: names as the user gave them; a changed one is
  // refused. So is the state of another stream.
  static Result<StateFile> open(const std::string& path, const std::string& stream,
                                const std::vector<std::string>& inputs);
  ~StateFile();
  StateFile(StateFile&& other) noexcept;
  StateFile& operator=(StateFile&&) = delete;

  // What was settled when it was opened, by the inputs of open().
  const std::vector<RowRanges>& settled() const { return settled_; }
  // Replaces the file as a whole, durably. `settled`: by the inputs of open().
  Result<void> save(const std::vector<RowRanges>& settled);

 private:
  StateFile(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  Result<void> read(const std::string& stream);
  Result<void> match(const std::vector<std::string>& inputs);

  std::string path_;
  int lock_;
  State state_;
  std::vector<std::size_t> places_;  // of the inputs of open() in state_.inputs
  std::vector<RowRanges> settled_;
};

}  // namespace kinesink::cli
