#include "cli/state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "aws/sha256.h"
#include "kinesis/value.h"

namespace kinesink::cli {
namespace {

using kinesis::Value;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kSample = 64 * kKiB;

Error system_error(const std::string& path, const char* what) {
  const ErrorKind kind = errno == ENOENT ? ErrorKind::not_found : ErrorKind::resource;
  return make_error(kind, path + ": cannot " + what + ": " + std::strerror(errno));
}

Error unreadable(const std::string& what) {
  return make_error(ErrorKind::invalid_data, "it is no state of kinesink write: " + what);
}

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Result<void> write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(file, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(path, "write");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<std::string> read_part(int file, off_t begin, std::size_t size, const std::string& path) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(file, text.data() + done, size - done, begin + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

Result<RowRanges> ranges_of(const Value& value) {
  RowRanges ranges;
  std::int64_t last = 0;
  for (const Value& pair : value.list()) {
    if (pair.list().size() != 2) return unreadable("'settled' must be pairs of rows");
    const auto begin = pair.list()[0].integer();
    const auto end = pair.list()[1].integer();
    if (!begin || !end || *begin < last || *end <= *begin)
      return unreadable("'settled' must be pairs of rows that ascend");
    last = *end;
    ranges.push_back({*begin, *end});
  }
  return ranges;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Result<InputIdentity> InputIdentity::of(const std::string& name) {
  const Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error(name, "read");
  if (!S_ISREG(status.st_mode)) {
    return make_error(ErrorKind::invalid_argument,
                      name + " is no regular file: it cannot be read again, as --state needs");
  }
  InputIdentity identity;
  std::error_code error;
  identity.path = std::filesystem::absolute(name, error).lexically_normal().string();
  identity.size = status.st_size;
  identity.modified_ns =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  const std::size_t first = std::min<std::size_t>(kSample, static_cast<std::size_t>(identity.size));
  KINESINK_ASSIGN(std::string sample, read_part(file.get(), 0, first, name));
  const auto begin_of_last = static_cast<off_t>(static_cast<std::size_t>(identity.size) - first);
  KINESINK_ASSIGN(const std::string last, read_part(file.get(), begin_of_last, first, name));
  sample += last;
  identity.sha256 = aws::hex(aws::sha256(sample));
  return identity;
}

InputState* State::find(std::string_view path) {
  const auto found = std::ranges::find(
      inputs, path, [](const InputState& input) { return std::string_view(input.identity.path); });
  return found == inputs.end() ? nullptr : &*found;
}

std::string to_text(const State& state) {
  Value::List inputs;
  for (const InputState& input : state.inputs) {
    Value::List settled;
    for (const RowRange& range : input.settled)
      settled.emplace_back(Value::List{Value(range.begin), Value(range.end)});
    Value::Members members;
    members.emplace_back("path", Value(input.identity.path));
    members.emplace_back("size", Value(input.identity.size));
    members.emplace_back("modified_ns", Value(input.identity.modified_ns));
    members.emplace_back("sha256", Value(input.identity.sha256));
    members.emplace_back("settled", Value(std::move(settled)));
    inputs.emplace_back(std::move(members));
  }
  Value::Members members;
  members.emplace_back("version", Value(kVersion));
  members.emplace_back("stream", Value(state.stream));
  members.emplace_back("inputs", Value(std::move(inputs)));
  return kinesis::encode(Value(std::move(members)), kinesis::Wire::json) + '\n';
}

Result<State> parse_state(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const Result<Value> root = kinesis::decode(text, kinesis::Wire::json);
  if (!root) return unreadable(root.error().message);
  const auto version = (*root)["version"].integer();
  if (!version) return unreadable("'version' is missing");
  if (*version != kVersion) {
    return unreadable("its version is " + std::to_string(*version) + ", this program knows " +
                      std::to_string(kVersion));
  }
  State state;
  const auto stream = (*root)["stream"].text();
  if (!stream) return unreadable("'stream' is missing");
  state.stream = *stream;
  for (const Value& input : (*root)["inputs"].list()) {
    const auto path = input["path"].text();
    const auto size = input["size"].integer();
    const auto modified_ns = input["modified_ns"].integer();
    const auto sha256 = input["sha256"].text();
    if (!path || !size || !modified_ns || !sha256)
      return unreadable("an input lacks path, size, modified_ns or sha256");
    InputState read;
    read.identity = {std::string(*path), *size, *modified_ns, std::string(*sha256)};
    KINESINK_ASSIGN(read.settled, ranges_of(input["settled"]));
    state.inputs.push_back(std::move(read));
  }
  return state;
}

Result<StateFile> StateFile::open(const std::string& path, const std::string& stream,
                                  const std::vector<std::string>& inputs) {
  const std::string lock_path = path + ".lock";
  Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return system_error("--state " + path, "lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return make_error(ErrorKind::invalid_argument,
                      "--state " + path + " is in use by another kinesink write");
  }
  StateFile file(path, lock.release());
  KINESINK_TRY(file.read(stream));
  KINESINK_TRY(file.match(inputs));
  // So that a file that cannot be written is told before anything is sent.
  KINESINK_TRY(file.save(file.settled_));
  return file;
}

StateFile::StateFile(StateFile&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      state_(std::move(other.state_)),
      places_(std::move(other.places_)),
      settled_(std::move(other.settled_)) {}

// The lock's file stays: were it removed, two writers could each hold a lock of that name.
StateFile::~StateFile() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> StateFile::read(const std::string& stream) {
  state_.stream = stream;
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return {};
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return system_error("--state " + path_, "read");
  KINESINK_ASSIGN(const std::string text,
                  read_part(file.get(), 0, static_cast<std::size_t>(status.st_size), path_));
  Result<State> state = parse_state(text);
  if (!state) {
    state.error().message = "--state " + path_ + ": " + state.error().message;
    return std::move(state).error();
  }
  state_ = *std::move(state);
  if (state_.stream != stream) {
    return make_error(ErrorKind::invalid_argument, "--state " + path_ + " is of stream " +
                                                       state_.stream + ", not " + stream +
                                                       ": use another file for each stream");
  }
  return {};
}

Result<void> StateFile::match(const std::vector<std::string>& inputs) {
  for (const std::string& name : inputs) {
    if (name == "-") {
      return make_error(ErrorKind::invalid_argument,
                        "stdin cannot be read again, as --state needs: name a file");
    }
    KINESINK_ASSIGN(InputIdentity identity, InputIdentity::of(name));
    InputState* known = state_.find(identity.path);
    if (known == nullptr) {
      state_.inputs.push_back({std::move(identity), {}});
      known = &state_.inputs.back();
    } else if (known->identity != identity) {
      return make_error(ErrorKind::invalid_argument,
                        name + " is not the file that --state " + path_ +
                            " knows: its size, time or content has changed, so that its rows may "
                            "be others. Write it with a new state file");
    }
    const auto place = static_cast<std::size_t>(known - state_.inputs.data());
    if (std::ranges::find(places_, place) != places_.end()) {
      return make_error(ErrorKind::invalid_argument,
                        name + " is named twice: --state cannot tell its rows apart");
    }
    places_.push_back(place);
    settled_.push_back(known->settled);
  }
  return {};
}

Result<void> StateFile::save(const std::vector<RowRanges>& settled) {
  for (std::size_t i = 0; i < places_.size(); ++i) state_.inputs[places_[i]].settled = settled[i];
  const std::string shown = "--state " + path_;
  const std::string temporary = path_ + ".new";
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return system_error(shown, "write");
    KINESINK_TRY(write_all(file.get(), to_text(state_), shown));
    if (::fdatasync(file.get()) != 0) return system_error(shown, "sync");
  }
  if (::rename(temporary.c_str(), path_.c_str()) != 0) return system_error(shown, "replace");
  const Descriptor folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return system_error(shown, "sync");
  return {};
}

}  // namespace kinesink::cli
