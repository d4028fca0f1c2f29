#include "sink/dead_letter_output.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/clock.h"
#include "kinesis/value.h"

namespace kinesink::sink {
namespace {

using kinesis::Value;

Error file_error(const std::string& path, const char* what) {
  return make_error(ErrorKind::resource,
                    "dead_letter_file " + path + ": cannot " + what + ": " + std::strerror(errno) +
                        ". Rejected rows cannot be kept; free space or choose another file.");
}

std::string now_as_text() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(SystemClock().wall_now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof(text) - size, ".%03dZ",
                static_cast<int>(now.time_since_epoch().count() % 1000));
  return text;
}

// Several sinks, of one process or of several, may append to one file: its end belongs to whoever
// holds this. Where files cannot be locked, one sink must have it alone.
class EndOfFile {
 public:
  explicit EndOfFile(int descriptor) : descriptor_(descriptor) {
    while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~EndOfFile() { ::flock(descriptor_, LOCK_UN); }
  EndOfFile(const EndOfFile&) = delete;
  EndOfFile& operator=(const EndOfFile&) = delete;

 private:
  const int descriptor_;
};

class FileOutput final : public DeadLetterOutput {
 public:
  FileOutput(const SinkOptions& options, int descriptor)
      : path_(options.dead_letter_file),
        stream_(options.stream_name),
        max_bytes_(options.dead_letter_max_bytes),
        row_origin_(options.row_origin),
        descriptor_(descriptor) {}
  ~FileOutput() override { ::close(descriptor_); }

  // Also makes sure that the file can be read and repaired.
  Result<void> look() {
    const EndOfFile held(descriptor_);
    KINESINK_TRY(find_end());
    return {};
  }

  Result<void> write(const DeadLetterRecord& record) override {
    const std::string line = line_of(record);
    const EndOfFile held(descriptor_);
    KINESINK_ASSIGN(const std::size_t size, find_end());
    if (is_regular_ && size + line.size() > max_bytes_) {
      return make_error(ErrorKind::resource,
                        "dead_letter_file " + path_ + " would exceed dead_letter_max_bytes (" +
                            std::to_string(max_bytes_) + "): move it away, or raise the bound");
    }
    std::size_t done = 0;
    while (done < line.size()) {
      const ssize_t wrote = ::write(descriptor_, line.data() + done, line.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) {
        Error error = file_error(path_, "write");
        // Half a line would spoil the file for its readers.
        if (is_regular_ && ::ftruncate(descriptor_, as_offset(size)) != 0)
          error.message += " Its last line is incomplete.";
        return error;
      }
      done += static_cast<std::size_t>(wrote);
    }
    return {};
  }

  Result<void> sync() override {
    // A pipe or a terminal cannot be synced, and need not be.
    if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) {
      return file_error(path_, "sync");
    }
    return {};
  }

 private:
  static off_t as_offset(std::size_t size) { return static_cast<off_t>(size); }

  // The size of the file, held. A line that a killed process has left unfinished was never counted
  // as kept: it goes.
  Result<std::size_t> find_end() {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return file_error(path_, "read");
    is_regular_ = S_ISREG(status.st_mode);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (!is_regular_) return size;
    std::size_t end = size;
    std::array<char, 4096> block{};
    while (end > 0) {
      const std::size_t begin = end - std::min(end, block.size());
      const ssize_t got = ::pread(descriptor_, block.data(), end - begin, as_offset(begin));
      if (got != static_cast<ssize_t>(end - begin)) return file_error(path_, "read");
      const std::string_view text(block.data(), end - begin);
      if (const std::size_t line = text.rfind('\n'); line != text.npos) {
        end = begin + line + 1;
        break;
      }
      end = begin;
    }
    if (end != size && ::ftruncate(descriptor_, as_offset(end)) != 0)
      return file_error(path_, "repair");
    return end;
  }

  std::string line_of(const DeadLetterRecord& record) const {
    Value::Members members;
    const auto add = [&members](const char* name, std::string_view text) {
      if (!text.empty()) members.emplace_back(name, Value(std::string(text)));
    };
    add("time", now_as_text());
    add("stream", stream_);
    if (row_origin_) {
      const RowOrigin origin = row_origin_(record.row);
      add("input", origin.input);
      members.emplace_back("input_row", Value(origin.row));
    }
    members.emplace_back("row", Value(record.row));
    add("code", record.code);
    add("message", record.message);
    members.emplace_back("attempts", Value(static_cast<std::int64_t>(record.attempts)));
    add("partition_key", record.partition_key);
    add("explicit_hash_key", record.explicit_hash_key);
    if (!record.columns.empty()) {
      // It is JSON already.
      std::string line = kinesis::encode(Value(std::move(members)), kinesis::Wire::json);
      line.pop_back();
      return line.append(",\"columns\":").append(record.columns).append("}\n");
    }
    if (simdjson::validate_utf8(record.payload.data(), record.payload.size())) {
      members.emplace_back("payload", Value(std::string(record.payload)));
    } else {
      members.emplace_back("payload_base64", Value(kinesis::Bytes{std::string(record.payload)}));
    }
    return kinesis::encode(Value(std::move(members)), kinesis::Wire::json) + '\n';
  }

  const std::string path_;
  const std::string stream_;
  const std::size_t max_bytes_;
  const RowOriginCallback row_origin_;
  const int descriptor_;
  bool is_regular_ = false;
};

class CallbackOutput final : public DeadLetterOutput {
 public:
  explicit CallbackOutput(DeadLetterCallback callback) : callback_(std::move(callback)) {}
  Result<void> write(const DeadLetterRecord& record) override { return callback_(record); }
  Result<void> sync() override { return {}; }

 private:
  DeadLetterCallback callback_;
};

}  // namespace

Result<std::unique_ptr<DeadLetterOutput>> DeadLetterOutput::open(const SinkOptions& options) {
  if (options.dead_letter) {
    return std::unique_ptr<DeadLetterOutput>(std::make_unique<CallbackOutput>(options.dead_letter));
  }
  if (options.dead_letter_file.empty()) return std::unique_ptr<DeadLetterOutput>();
  const std::string& path = options.dead_letter_file;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    Error error = file_error(path, "open");
    error.kind = ErrorKind::invalid_argument;
    return error;
  }
  auto output = std::make_unique<FileOutput>(options, descriptor);
  KINESINK_TRY(output->look());
  return std::unique_ptr<DeadLetterOutput>(std::move(output));
}

}  // namespace kinesink::sink
