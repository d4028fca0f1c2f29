// Small Arrow batches made by hand, for tests of the operator: an int64 column `id` and a nullable
// utf8 column `text`, or other columns of the two types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kinesink/operator.h"

namespace kinesink::tests {

struct Row {
  std::int64_t id;
  std::optional<std::string> text;
};

// Owns the buffers; the view is valid while this lives. Release callbacks count, so that a test can
// see that nobody released.
class Rows {
 public:
  explicit Rows(const std::vector<Row>& rows) : Rows(rows, {"id", "text"}) {}
  // Columns by name: those called `text` or `value` are utf8, all others int64 and hold the id.
  Rows(const std::vector<Row>& rows, const std::vector<const char*>& columns);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  RecordBatchView view() const { return {&array_, &schema_}; }
  int released() const { return released_; }

 private:
  static void count_array(ArrowArray* array);
  static void count_schema(ArrowSchema* schema);

  int released_ = 0;
  std::vector<std::int64_t> ids_;
  std::vector<std::int32_t> offsets_;
  std::string text_;
  std::vector<std::uint8_t> validity_;
  const void* no_buffers_[1] = {nullptr};
  const void* id_buffers_[2];
  const void* text_buffers_[3];
  std::vector<ArrowArray> columns_;
  std::vector<ArrowArray*> children_;
  ArrowArray array_;
  std::vector<ArrowSchema> fields_;
  std::vector<ArrowSchema*> field_pointers_;
  ArrowSchema schema_;
};

}  // namespace kinesink::tests
