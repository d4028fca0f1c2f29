// For programs that hold Arrow C++ objects: a record batch becomes what a sink takes. Header only,
// so that kinesink itself links no Arrow; include it where arrow/c/bridge.h is.
//
//   kinesink::Result<void> taken = kinesink::process_batch(sink, *record_batch);
#pragma once

#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>

#include "kinesink/operator.h"
#include "kinesink/result.h"

namespace kinesink {

// The C structs of one arrow::RecordBatch, released at the end of its scope. The batch's buffers
// are shared, not copied.
class ExportedBatch {
 public:
  static Result<ExportedBatch> of(const arrow::RecordBatch& batch) {
    ExportedBatch exported;
    const arrow::Status status =
        arrow::ExportRecordBatch(batch, &exported.array_, &exported.schema_);
    if (!status.ok()) {
      return make_error(ErrorKind::invalid_data,
                        "Arrow cannot export the record batch: " + status.ToString());
    }
    return exported;
  }

  ExportedBatch(ExportedBatch&& other) noexcept : array_(other.array_), schema_(other.schema_) {
    other.array_.release = nullptr;
    other.schema_.release = nullptr;
  }
  ExportedBatch& operator=(ExportedBatch&& other) noexcept {
    std::swap(array_, other.array_);
    std::swap(schema_, other.schema_);
    return *this;
  }
  ~ExportedBatch() {
    if (array_.release != nullptr) array_.release(&array_);
    if (schema_.release != nullptr) schema_.release(&schema_);
  }

  RecordBatchView view() const { return {&array_, &schema_}; }

 private:
  ExportedBatch() = default;

  ArrowArray array_{};
  ArrowSchema schema_{};
};

// Hands all rows of `batch` to an operator's process_batch.
template <typename Operator>
Result<void> process_batch(Operator& op, const arrow::RecordBatch& batch) {
  Result<ExportedBatch> exported = ExportedBatch::of(batch);
  if (!exported) return std::move(exported).error();
  return op.process_batch(exported->view());
}

}  // namespace kinesink
