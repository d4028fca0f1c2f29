// What the programs here write: record batches that lie in memory before the clock starts.
#pragma once

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "kinesink/arrow.h"

namespace kinesink::bench {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

// The first `rows` of an Arrow IPC stream, in batches of at most `rows_of_a_batch`.
inline arrow::Result<Batches> read_batches(const std::string& path, std::int64_t rows,
                                           std::int64_t rows_of_a_batch) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(file));
  Batches batches;
  while (rows > 0) {
    std::shared_ptr<arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(reader->ReadNext(&batch));
    if (batch == nullptr) return arrow::Status::Invalid(path, " has too few rows");
    for (std::int64_t at = 0; at < batch->num_rows() && rows > 0; at += rows_of_a_batch) {
      batches.push_back(batch->Slice(at, std::min(rows_of_a_batch, rows)));
      rows -= batches.back()->num_rows();
    }
  }
  return batches;
}

// One column `value` of printable text, `bytes` each, cut out of a pool that no cache holds.
inline arrow::Result<Batches> text_batches(std::int64_t bytes, std::int64_t rows_of_a_batch) {
  constexpr std::int64_t kPool = 64 << 20;
  Random random(1);
  std::string pool(static_cast<std::size_t>(kPool), ' ');
  for (char& byte : pool) byte = static_cast<char>('a' + random.below(26));
  Batches batches;
  const auto schema = arrow::schema({arrow::field("value", arrow::binary())});
  for (std::int64_t at = 0; at + bytes <= kPool;) {
    arrow::BinaryBuilder builder;
    for (std::int64_t row = 0; row < rows_of_a_batch && at + bytes <= kPool; ++row, at += bytes)
      ARROW_RETURN_NOT_OK(builder.Append(pool.data() + at, static_cast<std::int32_t>(bytes)));
    ARROW_ASSIGN_OR_RAISE(auto column, builder.Finish());
    batches.push_back(arrow::RecordBatch::Make(schema, column->length(), {column}));
  }
  return batches;
}

inline Result<std::vector<ExportedBatch>> exported(const Batches& batches) {
  std::vector<ExportedBatch> views;
  for (const auto& batch : batches) {
    KINESINK_ASSIGN(ExportedBatch view, ExportedBatch::of(*batch));
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace kinesink::bench
