#include "format/step_column.h"

#include <algorithm>

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::TypeId;

bool has_wide_offsets(TypeId type) {
  return type == TypeId::large_utf8 || type == TypeId::large_binary || type == TypeId::large_list;
}

bool has_bytes_by_offsets(TypeId type) {
  return type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::binary ||
         type == TypeId::large_binary;
}

}  // namespace

std::int64_t width_of(TypeId type) {
  switch (type) {
    case TypeId::int8:
    case TypeId::uint8:
      return 1;
    case TypeId::int16:
    case TypeId::uint16:
    case TypeId::float16:
      return 2;
    case TypeId::int32:
    case TypeId::uint32:
    case TypeId::float32:
    case TypeId::date32:
    case TypeId::time32:
    case TypeId::decimal32:
      return 4;
    case TypeId::int64:
    case TypeId::uint64:
    case TypeId::float64:
    case TypeId::date64:
    case TypeId::time64:
    case TypeId::timestamp:
    case TypeId::duration:
    case TypeId::decimal64:
      return 8;
    case TypeId::decimal128:
      return 16;
    case TypeId::decimal256:
      return 32;
    default:
      return 0;
  }
}

bool StepColumn::point_at(const Column& bound, std::size_t children) {
  if (bound.field == nullptr || bound.field->type != type || bound.children.size() != children) {
    return false;
  }
  column = &bound;
  validity = bound.validity;
  offset = bound.offset;
  values = static_cast<const std::uint8_t*>(bound.values);
  if (values != nullptr) values += bound.offset * width_of(type);
  offsets = static_cast<const std::uint8_t*>(bound.offsets);
  if (offsets != nullptr && !has_scattered_elements(type)) {
    offsets += bound.offset * (has_wide_offsets(type) ? 8 : 4);
  }
  readable_end = nullptr;
  if (has_bytes_by_offsets(type) && offsets != nullptr && values != nullptr && bound.length > 0) {
    readable_end = static_cast<const char*>(bound.values) + load_offset(bound.length);
  }
  return true;
}

std::int64_t StepColumn::bytes_of(std::int64_t begin, std::int64_t end) const {
  switch (type) {
    case TypeId::fixed_size_binary:
      return (end - begin) * column->field->fixed_size;
    case TypeId::utf8_view:
    case TypeId::binary_view: {
      std::int64_t sum = 0;
      for (std::int64_t row = begin; row < end; ++row) {
        if (is_null(row)) continue;
        sum += std::max(column->value<columnar::ViewElement>(row).size, 0);
      }
      return sum;
    }
    default:
      return load_offset(end) - load_offset(begin);
  }
}

Column::Range StepColumn::elements_of(std::int64_t begin, std::int64_t end) const {
  if (type == TypeId::fixed_size_list) {
    return {column->range(begin).begin, column->range(end - 1).end};
  }
  return {load_offset(begin), load_offset(end)};
}

}  // namespace kinesink::format
