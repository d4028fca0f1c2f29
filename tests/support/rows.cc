#include "tests/support/rows.h"

namespace kinesink::tests {
namespace {

ArrowArray array_of(std::int64_t length, std::int64_t nulls, const void** buffers,
                    std::int64_t count) {
  ArrowArray array{};
  array.length = length;
  array.null_count = nulls;
  array.n_buffers = count;
  array.buffers = buffers;
  return array;
}

ArrowSchema schema_of(const char* format, const char* name) {
  ArrowSchema schema{};
  schema.format = format;
  schema.name = name;
  schema.flags = ARROW_FLAG_NULLABLE;
  return schema;
}

}  // namespace

Rows::Rows(const std::vector<Row>& rows, const std::vector<const char*>& columns)
    : validity_((rows.size() + 7) / 8 + 1) {
  std::int64_t nulls = 0;
  offsets_.push_back(0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ids_.push_back(rows[i].id);
    if (rows[i].text) {
      text_ += *rows[i].text;
      validity_[i / 8] = static_cast<std::uint8_t>(validity_[i / 8] | 1U << i % 8);
    } else {
      ++nulls;
    }
    offsets_.push_back(static_cast<std::int32_t>(text_.size()));
  }
  const auto length = static_cast<std::int64_t>(rows.size());
  id_buffers_[0] = nullptr;
  id_buffers_[1] = ids_.data();
  text_buffers_[0] = validity_.data();
  text_buffers_[1] = offsets_.data();
  text_buffers_[2] = text_.data();
  for (const std::string_view name : columns) {
    const bool is_text = name == "text" || name == "value";
    columns_.push_back(is_text ? array_of(length, nulls, text_buffers_, 3)
                               : array_of(length, 0, id_buffers_, 2));
    fields_.push_back(schema_of(is_text ? "u" : "l", name.data()));
  }
  for (ArrowArray& column : columns_) {
    column.release = count_array;
    column.private_data = this;
    children_.push_back(&column);
  }
  for (ArrowSchema& field : fields_) {
    field.release = count_schema;
    field.private_data = this;
    field_pointers_.push_back(&field);
  }
  array_ = array_of(length, 0, no_buffers_, 1);
  array_.n_children = static_cast<std::int64_t>(children_.size());
  array_.children = children_.data();
  array_.release = count_array;
  array_.private_data = this;
  schema_ = schema_of("+s", "");
  schema_.flags = 0;
  schema_.n_children = static_cast<std::int64_t>(field_pointers_.size());
  schema_.children = field_pointers_.data();
  schema_.release = count_schema;
  schema_.private_data = this;
}

void Rows::count_array(ArrowArray* array) { ++static_cast<Rows*>(array->private_data)->released_; }
void Rows::count_schema(ArrowSchema* schema) {
  ++static_cast<Rows*>(schema->private_data)->released_;
}

}  // namespace kinesink::tests
