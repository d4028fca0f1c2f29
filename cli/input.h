// Files as record batches: Parquet, Arrow IPC, CSV, NDJSON, or stdin. Read in bounded memory.
#pragma once

#include <arrow/record_batch.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kinesink/result.h"
#include "kinesink/stats.h"

namespace kinesink::cli {

// Most rows of a batch that next() gives.
inline constexpr std::int64_t kRowsPerBatch = 16'384;

inline constexpr std::int64_t kAllRows = std::numeric_limits<std::int64_t>::max();

struct InputOptions {
  int stop = -1;                  // a descriptor that ends stdin when it is readable; -1: none
  bool dead_letters = false;      // the file is one of dead letters, whatever its name
  RowRange rows = {0, kAllRows};  // others are not asked for, but may be given
};

// Whether it is an input by its name, and can be opened: what can be told without reading it.
Result<void> check_input(const std::string& name, bool dead_letters);

// The rows of each row group of a Parquet file; empty for other inputs, which are read in one go.
Result<std::vector<RowRange>> row_groups(const std::string& name);

class Input {
 public:
  // By the ending of the name; `-`: stdin, Arrow IPC stream or NDJSON by its first bytes. `name` is
  // repeated in errors.
  static Result<std::unique_ptr<Input>> open(const std::string& name,
                                             const InputOptions& options = {});
  ~Input();

  // The next rows; nullptr at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> next();
  // Row of the input that is the first of the batch next() gave last.
  std::int64_t position() const { return position_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  // Of the whole input, if it says it beforehand.
  std::optional<std::int64_t> row_count() const { return row_count_; }

 private:
  Input(std::string name, std::shared_ptr<arrow::RecordBatchReader> reader,
        std::optional<std::int64_t> row_count, std::int64_t begin);

  std::string name_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<std::int64_t> row_count_;
  std::shared_ptr<arrow::RecordBatch> batch_;  // given out piece by piece
  std::int64_t given_ = 0;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;  // row after the last that was given
};

}  // namespace kinesink::cli
