#include "local/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace kinesink::local {
namespace {

constexpr std::string_view kMagic = "kinesink journal 1\n";
constexpr std::size_t kFrameHead = 12;
// Below that the file is not worth the work of writing it anew.
constexpr std::uint64_t kSmall = 64 * kMiB;
// Entries of a file that is written anew come in frames of about this size.
constexpr std::size_t kFrame = 4 * kMiB;

std::uint32_t checksum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::array<char, kFrameHead> head_of(std::string_view entries) {
  std::array<char, kFrameHead> head;
  const auto size = static_cast<std::uint32_t>(entries.size());
  const std::uint32_t sum = checksum(entries);
  std::memcpy(head.data(), &size, sizeof(size));
  std::memcpy(head.data() + 4, &sum, sizeof(sum));
  const std::uint32_t head_sum = checksum({head.data(), 8});
  std::memcpy(head.data() + 8, &head_sum, sizeof(head_sum));
  return head;
}

// What stands at the front of the bytes: a frame, the unfinished end of the file, or damage. The
// head has a sum of its own, so that a size that is wrong is not taken for an unfinished end.
struct Frame {
  enum class State : std::uint8_t { good, unfinished, damaged };
  State state = State::unfinished;
  std::string_view entries;
};
Frame frame_of(std::string_view bytes) {
  // Power that fails may leave zeros where the file had grown.
  const bool zeros = bytes.find_first_not_of('\0') == bytes.npos;
  if (bytes.size() < kFrameHead || zeros) return {};
  std::array<std::uint32_t, 3> head;  // size, sum of the entries, sum of those two
  std::memcpy(head.data(), bytes.data(), kFrameHead);
  if (checksum(bytes.substr(0, 8)) != head[2]) return {Frame::State::damaged, {}};
  if (bytes.size() - kFrameHead < head[0]) return {};
  const std::string_view entries = bytes.substr(kFrameHead, head[0]);
  if (checksum(entries) == head[1]) return {Frame::State::good, entries};
  const bool last = kFrameHead + head[0] == bytes.size();
  return {last ? Frame::State::unfinished : Frame::State::damaged, {}};
}

bool write_at(int file, std::string_view bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    at += static_cast<std::uint64_t>(wrote);
  }
  return true;
}

// A file's bytes, without a copy.
class Mapping {
 public:
  Mapping(int file, std::size_t size) : size_(size) {
    if (size > 0) bytes_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  }
  ~Mapping() {
    if (size_ > 0 && bytes_ != MAP_FAILED) ::munmap(bytes_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool ok() const { return bytes_ != MAP_FAILED; }
  std::string_view bytes() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_;
};

}  // namespace

Error Journal::failed(const char* what) const {
  return make_error(ErrorKind::resource,
                    "--data-dir: " + path_ + ": cannot " + what + ": " + std::strerror(errno));
}

Result<std::unique_ptr<Journal>> Journal::open(const DataFolder& folder, Store& store,
                                               std::string& note) {
  std::error_code error;
  const std::filesystem::path path(folder.path);
  if (!std::filesystem::exists(path, error)) {
    std::filesystem::create_directories(path, error);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  const int lock = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::unique_ptr<Journal> journal(new Journal((path / "journal").string(), folder.sync, lock));
  if (lock < 0) return journal->failed("lock the folder");
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return make_error(ErrorKind::invalid_argument,
                      "--data-dir: " + folder.path + " is in use by another server");
  }
  journal->file_ = ::open(journal->path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (journal->file_ < 0) return journal->failed("open");
  KINESINK_TRY(journal->replay(store, note));
  return journal;
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
  if (lock_ >= 0) ::close(lock_);
}

Result<void> Journal::replay(Store& store, std::string& note) {
  struct stat status {};
  if (::fstat(file_, &status) != 0) return failed("read");
  const Mapping mapping(file_, static_cast<std::size_t>(status.st_size));
  if (!mapping.ok()) return failed("read");
  const std::string_view all = mapping.bytes();
  // A process that died while it made the file leaves a part of its first line.
  if (all.size() < kMagic.size() && kMagic.starts_with(all)) {
    if (!write_at(file_, kMagic, 0)) return failed("write");
    size_ = kMagic.size();
    return sync_folder();
  }
  const auto damaged = [this](std::uint64_t at, const std::string& what) {
    return make_error(ErrorKind::invalid_data, "--data-dir: " + path_ + " is damaged at byte " +
                                                   std::to_string(at) + ": " + what);
  };
  if (!all.starts_with(kMagic)) return damaged(0, "it is no journal of this program's version");
  std::size_t at = kMagic.size();
  while (at < all.size()) {
    const Frame frame = frame_of(all.substr(at));
    if (frame.state == Frame::State::unfinished) break;
    if (frame.state == Frame::State::damaged) return damaged(at, "a checksum is wrong");
    if (Result<void> applied = apply_entries(frame.entries, store); !applied)
      return damaged(at, applied.error().message);
    at += kFrameHead + frame.entries.size();
  }
  if (at < all.size()) {
    note = "the last " + std::to_string(all.size() - at) + " bytes of " + path_ +
           " are unfinished: they were not acknowledged, and are dropped";
    if (::ftruncate(file_, static_cast<off_t>(at)) != 0) return failed("repair");
  }
  size_ = at;
  return {};
}

Result<void> Journal::commit(const Store& store) {
  entries_.end_records();
  if (pending_.empty()) return {};
  const std::array<char, kFrameHead> head = head_of(pending_);
  pending_.insert(0, head.data(), head.size());
  // Written at the end of the last whole frame: what a failed call has left there is overwritten.
  const bool written = write_at(file_, pending_, size_) && (!sync_ || ::fdatasync(file_) == 0);
  if (!written) {
    pending_.erase(0, head.size());
    return failed("write");
  }
  size_ += pending_.size();
  pending_.clear();
  // The second bound keeps a full store from being written anew all the time.
  if (size_ > kSmall && size_ / 2 > store.committed_bytes() && size_ / 2 > written_anew_at_)
    // What the request changed is written: if this fails it is tried again when as much has come.
    if (!write_anew(store)) written_anew_at_ = size_;
  return {};
}

Result<void> Journal::write_anew(const Store& store) {
  const std::string temporary = path_ + ".new";
  const int file = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed("write anew");
  std::uint64_t at = 0;
  bool good = write_at(file, kMagic, at);
  at += kMagic.size();
  std::string frame;
  EntryWriter entries(frame);
  const auto flush = [&] {
    entries.end_records();
    const std::array<char, kFrameHead> head = head_of(frame);
    frame.insert(0, head.data(), head.size());
    good = good && write_at(file, frame, at);
    at += frame.size();
    frame.clear();
  };
  for (const auto& [name, stream] : store.streams()) {
    entries.stream(*stream);
    for (const auto& shard : stream->shards) {
      for (std::uint64_t index = shard->log.first(); index < shard->log.end(); ++index) {
        const Record record = shard->log.record(index);
        entries.record(name, shard->index, record.arrival_ms, record.data, record.partition_key);
        if (frame.size() >= kFrame) flush();
      }
    }
  }
  if (!frame.empty()) flush();
  good = good && ::fdatasync(file) == 0 && ::rename(temporary.c_str(), path_.c_str()) == 0;
  if (!good) {
    const Error error = failed("write anew");
    ::close(file);
    ::unlink(temporary.c_str());
    return error;
  }
  ::close(std::exchange(file_, file));
  size_ = written_anew_at_ = at;
  return sync_folder();
}

Result<void> Journal::sync_folder() const {
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  if (opened >= 0) ::close(opened);
  return synced ? Result<void>() : Result<void>(failed("sync the folder"));
}

}  // namespace kinesink::local
