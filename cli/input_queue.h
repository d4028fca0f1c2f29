// The rows of all inputs, given out to the threads that write them.
#pragma once

#include <arrow/record_batch.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/input.h"
#include "cli/row_map.h"

namespace kinesink::cli {

// An input is read as one part, or, if several threads want rows, a Parquet file as some: each
// thread decodes a part of its own as long as there are any, and then helps with those of others.
// One thread gets the rows in the order of the inputs.
class InputQueue {
 private:
  struct Part;

 public:
  struct Rows {
    std::shared_ptr<arrow::RecordBatch> batch;
    std::size_t input = 0;       // index of its name
    std::int64_t first_row = 0;  // of the batch, in its input
  };

  // `settled`: rows of each input that are not asked for; empty: none. `stop`, `dead_letters`: as
  // InputOptions. Errors name an input that cannot be read, before any row is.
  static Result<std::unique_ptr<InputQueue>> open(std::vector<std::string> names,
                                                  std::vector<RowRanges> settled, int threads,
                                                  int stop, bool dead_letters);
  ~InputQueue();

  // One thread's place in the queue.
  class Reader {
   public:
    explicit Reader(InputQueue& queue) : queue_(queue) {}
    // The next rows that are not settled; nothing at the end of all inputs.
    Result<std::optional<Rows>> next();

   private:
    InputQueue& queue_;
    Part* part_ = nullptr;  // the queue's
    RowRanges wanted_;      // of batch_, in rows of the input
    Rows read_;
  };

  // Of what was opened so far, without settled rows; nothing if a file does not say it beforehand.
  // Any thread.
  std::optional<std::int64_t> row_count() const;

 private:
  InputQueue(std::vector<std::string> names, std::vector<RowRanges> settled, int stop,
             bool dead_letters);

  Result<void> split(int threads);
  // A part that no thread reads, else one that is not at its end; nullptr: there is none.
  Part* choose();
  Result<std::optional<Rows>> read(Part& part);
  Result<void> open_part(Part& part);

  const std::vector<std::string> names_;
  const std::vector<RowRanges> settled_;  // by input
  const int stop_;
  const bool dead_letters_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::atomic<std::size_t> next_part_{0};
  std::atomic<std::int64_t> row_count_{0};
  std::atomic<bool> knows_row_count_{true};
};

}  // namespace kinesink::cli
