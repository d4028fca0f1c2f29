#include "sink/dead_letter_output.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kinesis/value.h"

namespace kinesink::sink {
namespace {

using kinesis::Value;

Error file_error(const std::string& path, const char* what) {
  return make_error(ErrorKind::resource,
                    "dead_letter_file " + path + ": cannot " + what + ": " + std::strerror(errno) +
                        ". Rejected rows cannot be kept; free space or choose another file.");
}

std::string line_of(const DeadLetterRecord& record) {
  Value::Members members;
  members.emplace_back("row", Value(record.row));
  members.emplace_back("code", Value(std::string(record.code)));
  members.emplace_back("message", Value(std::string(record.message)));
  members.emplace_back("attempts", Value(static_cast<std::int64_t>(record.attempts)));
  if (!record.partition_key.empty()) {
    members.emplace_back("partition_key", Value(std::string(record.partition_key)));
  }
  if (!record.explicit_hash_key.empty()) {
    members.emplace_back("explicit_hash_key", Value(std::string(record.explicit_hash_key)));
  }
  if (simdjson::validate_utf8(record.payload.data(), record.payload.size())) {
    members.emplace_back("payload", Value(std::string(record.payload)));
  } else {
    members.emplace_back("payload_base64", Value(kinesis::Bytes{std::string(record.payload)}));
  }
  return kinesis::encode(Value(std::move(members)), kinesis::Wire::json) + '\n';
}

class FileOutput final : public DeadLetterOutput {
 public:
  FileOutput(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~FileOutput() override { ::close(descriptor_); }

  Result<void> write(const DeadLetterRecord& record) override {
    const std::string line = line_of(record);
    std::size_t done = 0;
    while (done < line.size()) {
      const ssize_t wrote = ::write(descriptor_, line.data() + done, line.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return file_error(path_, "write");
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
  std::string path_;
  int descriptor_;
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
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    Error error = file_error(path, "open");
    error.kind = ErrorKind::invalid_argument;
    return error;
  }
  return std::unique_ptr<DeadLetterOutput>(std::make_unique<FileOutput>(path, descriptor));
}

}  // namespace kinesink::sink
