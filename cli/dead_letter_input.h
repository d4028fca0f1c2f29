// Dead-letter files (docs/dead-letters.md) as record batches, to be sent again.
#pragma once

#include <arrow/record_batch.h>

#include <memory>
#include <string>

namespace kinesink::cli {

// Columns `value`, `partition_key` and `explicit_hash_key`. A letter without a payload is a null
// value. A half line at the end, as a killed process leaves it, is left out.
arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> open_dead_letters(const std::string& name);

}  // namespace kinesink::cli
