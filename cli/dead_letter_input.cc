#include "cli/dead_letter_input.h"

#include <arrow/builder.h>
#include <arrow/type.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/units.h"
#include "cli/input.h"
#include "cli/letter.h"

namespace kinesink::cli {
namespace {

// So that a batch of large letters stays small.
constexpr std::size_t kBytesPerBatch = 8 * kMiB;

class DeadLetterReader final : public arrow::RecordBatchReader {
 public:
  explicit DeadLetterReader(std::ifstream file) : file_(std::move(file)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = nullptr;
    arrow::BinaryBuilder values;
    arrow::StringBuilder keys;
    arrow::StringBuilder hash_keys;
    std::size_t bytes = 0;
    std::string line;
    while (values.length() < kRowsPerBatch && bytes < kBytesPerBatch && std::getline(file_, line)) {
      if (file_.eof()) break;  // without its end: a killed process left it
      ++line_;
      const Result<Letter> letter = parse_letter(line);
      if (!letter) {
        return arrow::Status::Invalid("line ", line_,
                                      " is no dead letter: ", letter.error().message);
      }
      ARROW_RETURN_NOT_OK(letter->has_payload ? values.Append(letter->payload)
                                              : values.AppendNull());
      ARROW_RETURN_NOT_OK(keys.Append(letter->partition_key));
      ARROW_RETURN_NOT_OK(hash_keys.Append(letter->explicit_hash_key));
      bytes += line.size();
    }
    if (file_.bad()) return arrow::Status::IOError("cannot be read");
    if (values.length() == 0) return arrow::Status::OK();
    arrow::ArrayVector columns(3);
    const std::int64_t rows = values.length();
    ARROW_RETURN_NOT_OK(values.Finish(&columns[0]));
    ARROW_RETURN_NOT_OK(keys.Finish(&columns[1]));
    ARROW_RETURN_NOT_OK(hash_keys.Finish(&columns[2]));
    *batch = arrow::RecordBatch::Make(schema_, rows, std::move(columns));
    return arrow::Status::OK();
  }

 private:
  std::ifstream file_;
  std::int64_t line_ = 0;
  const std::shared_ptr<arrow::Schema> schema_ = arrow::schema(
      {arrow::field("value", arrow::binary()), arrow::field("partition_key", arrow::utf8()),
       arrow::field("explicit_hash_key", arrow::utf8())});
};

}  // namespace

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> open_dead_letters(
    const std::string& name) {
  std::ifstream file(name == "-" ? "/dev/stdin" : name, std::ios::binary);
  if (!file) return arrow::Status::IOError("cannot be opened: ", std::strerror(errno));
  return std::make_shared<DeadLetterReader>(std::move(file));
}

}  // namespace kinesink::cli
