#include "cli/input.h"

#include <arrow/buffer.h>
#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/reader.h>
#include <arrow/json/api.h>
#include <arrow/memory_pool.h>
#include <arrow/table.h>
#include <fcntl.h>
#include <parquet/arrow/reader.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "cli/dead_letter_input.h"

namespace kinesink::cli {
namespace {

using Reader = std::shared_ptr<arrow::RecordBatchReader>;

constexpr std::string_view kIpcFileMagic = "ARROW1";
constexpr std::array<std::string_view, 7> kEndings = {".parquet", ".arrow",  ".arrows", ".feather",
                                                      ".csv",     ".ndjson", ".jsonl"};
constexpr const char* kUnknownEnding =
    "unknown ending; it must be .parquet, .arrow, .arrows, .feather, .csv, .ndjson or .jsonl, or "
    "- for stdin";

struct Opened {
  Reader reader;
  std::optional<std::int64_t> row_count = std::nullopt;
  std::int64_t begin = 0;  // row of the input that the reader gives first
};

// Arrow repeats the text that it could not read, which is nobody's business but its owner's:
// "Expected 2 columns, got 1: TEXT", "conversion error to int64: invalid value 'TEXT'".
std::string without_values(std::string message) {
  if (const std::size_t value = message.find(": invalid value '"); value != message.npos)
    message.resize(value + std::string_view(": invalid value").size());
  const std::size_t got = message.find(" columns, got ");
  if (got != message.npos) message.resize(std::min(message.find(':', got), message.size()));
  return message;
}

Error input_error(const std::string& name, const arrow::Status& status) {
  const ErrorKind kind = status.IsIOError() ? ErrorKind::not_found : ErrorKind::invalid_data;
  std::string message = name + ": " + without_values(status.message());
  // The reason of the operating system.
  if (status.detail() != nullptr) message += ": " + status.detail()->ToString();
  return make_error(kind, message);
}

// Stdin, with the bytes that were looked at first given again.
class StandardInput final : public arrow::io::InputStream {
 public:
  // `lines`: what comes is lines, and a reader need not wait for more than are there, so that the
  // last rows of a quiet pipe are not kept back. The first block, from which the schema is
  // inferred, is a whole one all the same.
  StandardInput(std::string first, int stop, bool lines)
      : first_(std::move(first)), stop_(stop), lines_(lines) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Result<std::int64_t> Read(std::int64_t size, void* out) override {
    auto* to = static_cast<char*>(out);
    std::int64_t done = 0;
    while (done < size) {
      if (!first_.empty()) {
        const auto part =
            std::min<std::int64_t>(size - done, static_cast<std::int64_t>(first_.size()));
        std::memcpy(to + done, first_.data(), static_cast<std::size_t>(part));
        first_.erase(0, static_cast<std::size_t>(part));
        done += part;
        continue;
      }
      const bool whole_lines = lines_ && position_ > 0 && done > 0 && to[done - 1] == '\n';
      if (whole_lines && !has_input()) break;
      if (!wait_for_input()) break;
      const ssize_t got = ::read(STDIN_FILENO, to + done, static_cast<std::size_t>(size - done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return arrow::Status::IOError(std::strerror(errno));
      if (got == 0) break;
      done += got;
    }
    position_ += done;
    return done;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const std::int64_t got, Read(size, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(got, false));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }

 private:
  static bool has_input() {
    pollfd waited{STDIN_FILENO, POLLIN, 0};
    return ::poll(&waited, 1, 0) > 0;
  }
  // False when it is time to stop, though there may be more.
  bool wait_for_input() const {
    pollfd waited[] = {{STDIN_FILENO, POLLIN, 0}, {stop_, POLLIN, 0}};
    while (::poll(waited, 2, -1) < 0 && errno == EINTR) {
    }
    return waited[1].revents == 0;
  }

  std::string first_;
  const int stop_;
  const bool lines_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

// Batches of an IPC file, one at a time.
class IpcFileReader final : public arrow::RecordBatchReader {
 public:
  explicit IpcFileReader(std::shared_ptr<arrow::ipc::RecordBatchFileReader> file)
      : file_(std::move(file)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return file_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = nullptr;
    if (next_ == file_->num_record_batches()) return arrow::Status::OK();
    return file_->ReadRecordBatch(next_++).Value(batch);
  }

 private:
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> file_;
  int next_ = 0;
};

// Row groups without any of `rows` are not read.
arrow::Result<Opened> open_parquet(const std::string& name, RowRange rows) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(name));
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(file));
  parquet::ArrowReaderProperties properties(false);
  properties.set_batch_size(kRowsPerBatch);
  properties.set_pre_buffer(false);
  builder.properties(properties);
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<parquet::arrow::FileReader> reader, builder.Build());
  Opened opened;
  const auto metadata = reader->parquet_reader()->metadata();
  opened.row_count = metadata->num_rows();
  std::vector<int> groups;
  std::int64_t begin = 0;
  for (int group = 0; group < metadata->num_row_groups() && begin < rows.end; ++group) {
    const std::int64_t end = begin + metadata->RowGroup(group)->num_rows();
    if (groups.empty()) opened.begin = end <= rows.begin ? end : begin;
    if (end > rows.begin) groups.push_back(group);
    begin = end;
  }
  ARROW_ASSIGN_OR_RAISE(auto batches, reader->GetRecordBatchReader(groups));
  // The batches are read through the file reader, which must live as long.
  opened.reader =
      Reader(batches.release(), [reader](arrow::RecordBatchReader* owned) { delete owned; });
  return opened;
}

arrow::Result<Opened> open_ipc(const std::string& name) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(name));
  ARROW_ASSIGN_OR_RAISE(auto start,
                        file->ReadAt(0, static_cast<std::int64_t>(kIpcFileMagic.size())));
  Opened opened;
  if (start->ToString() == kIpcFileMagic) {
    ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchFileReader::Open(file));
    ARROW_ASSIGN_OR_RAISE(opened.row_count, reader->CountRows());
    opened.reader = std::make_shared<IpcFileReader>(std::move(reader));
    return opened;
  }
  ARROW_RETURN_NOT_OK(file->Seek(0));
  ARROW_ASSIGN_OR_RAISE(opened.reader, arrow::ipc::RecordBatchStreamReader::Open(file));
  return opened;
}

arrow::Result<Opened> open_csv(const std::string& name) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(name));
  ARROW_ASSIGN_OR_RAISE(auto reader,
                        arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), file,
                                                          arrow::csv::ReadOptions::Defaults(),
                                                          arrow::csv::ParseOptions::Defaults(),
                                                          arrow::csv::ConvertOptions::Defaults()));
  return Opened{std::move(reader)};
}

arrow::Result<Opened> open_ndjson(std::shared_ptr<arrow::io::InputStream> stream) {
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::json::StreamingReader::Make(
                                         std::move(stream), arrow::json::ReadOptions::Defaults(),
                                         arrow::json::ParseOptions::Defaults()));
  return Opened{std::move(reader)};
}

arrow::Result<Opened> open_stdin(int stop) {
  StandardInput raw("", stop, false);
  std::string first(4, '\0');
  ARROW_ASSIGN_OR_RAISE(const std::int64_t got, raw.Read(4, first.data()));
  first.resize(static_cast<std::size_t>(got));
  if (first.empty())
    return arrow::Status::Invalid("nothing came; it must be an Arrow IPC stream or NDJSON");
  const bool is_json = first.find_first_not_of(" \t\r\n") != std::string::npos &&
                       first[first.find_first_not_of(" \t\r\n")] == '{';
  auto stream = std::make_shared<StandardInput>(first, stop, is_json);
  if (is_json) return open_ndjson(std::move(stream));
  auto reader = arrow::ipc::RecordBatchStreamReader::Open(stream);
  if (!reader.ok()) {
    return reader.status().WithMessage("neither NDJSON nor an Arrow IPC stream: ",
                                       reader.status().message());
  }
  return Opened{*std::move(reader), std::nullopt};
}

arrow::Result<Opened> open_by_name(const std::string& name, const InputOptions& options) {
  if (options.dead_letters) {
    ARROW_ASSIGN_OR_RAISE(auto reader, open_dead_letters(name));
    return Opened{std::move(reader)};
  }
  if (name == "-") return open_stdin(options.stop);
  if (name.ends_with(".parquet")) return open_parquet(name, options.rows);
  if (name.ends_with(".arrow") || name.ends_with(".arrows") || name.ends_with(".feather"))
    return open_ipc(name);
  if (name.ends_with(".csv")) return open_csv(name);
  if (name.ends_with(".ndjson") || name.ends_with(".jsonl")) {
    ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(name));
    return open_ndjson(std::move(file));
  }
  return arrow::Status::Invalid(kUnknownEnding);
}

arrow::Result<std::vector<RowRange>> groups_of_parquet(const std::string& name) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(name));
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(file));
  const auto metadata = builder.raw_reader()->metadata();
  std::vector<RowRange> groups;
  std::int64_t begin = 0;
  for (int group = 0; group < metadata->num_row_groups(); ++group) {
    const std::int64_t end = begin + metadata->RowGroup(group)->num_rows();
    groups.push_back({begin, end});
    begin = end;
  }
  return groups;
}

}  // namespace

Result<void> check_input(const std::string& name, bool dead_letters) {
  const bool is_stdin = name == "-" && !dead_letters;
  if (is_stdin) return {};
  const auto ends = [&name](std::string_view ending) { return name.ends_with(ending); };
  if (!dead_letters && std::ranges::none_of(kEndings, ends))
    return make_error(ErrorKind::invalid_data, name + ": " + kUnknownEnding);
  // Not opened: a pipe's other side would notice.
  if (::faccessat(AT_FDCWD, name.c_str(), R_OK, AT_EACCESS) != 0) {
    return make_error(ErrorKind::not_found, name + ": cannot be opened: " + std::strerror(errno));
  }
  return {};
}

Result<std::vector<RowRange>> row_groups(const std::string& name) {
  if (!name.ends_with(".parquet")) return std::vector<RowRange>();
  arrow::Result<std::vector<RowRange>> groups = groups_of_parquet(name);
  if (!groups.ok()) return input_error(name, groups.status());
  return *std::move(groups);
}

Input::Input(std::string name, Reader reader, std::optional<std::int64_t> row_count,
             std::int64_t begin)
    : name_(std::move(name)),
      reader_(std::move(reader)),
      schema_(reader_->schema()),
      row_count_(row_count),
      end_(begin) {}

Input::~Input() = default;

Result<std::unique_ptr<Input>> Input::open(const std::string& name, const InputOptions& options) {
  const std::string shown = name == "-" ? "stdin" : name;
  arrow::Result<Opened> opened = open_by_name(name, options);
  if (!opened.ok()) return input_error(shown, opened.status());
  return std::unique_ptr<Input>(
      new Input(shown, std::move(opened->reader), opened->row_count, opened->begin));
}

Result<std::shared_ptr<arrow::RecordBatch>> Input::next() {
  while (batch_ == nullptr || given_ == batch_->num_rows()) {
    const arrow::Status status = reader_->ReadNext(&batch_);
    if (!status.ok()) return input_error(name_, status);
    if (batch_ == nullptr) return std::shared_ptr<arrow::RecordBatch>();
    given_ = 0;
  }
  const std::int64_t rows = std::min(kRowsPerBatch, batch_->num_rows() - given_);
  const std::int64_t from = std::exchange(given_, given_ + rows);
  position_ = std::exchange(end_, end_ + rows);
  return rows == batch_->num_rows() ? batch_ : batch_->Slice(from, rows);
}

}  // namespace kinesink::cli
