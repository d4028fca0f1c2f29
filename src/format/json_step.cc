// Binding steps to a batch, and the bounds of their texts.
#include "format/json_step.h"

#include <algorithm>

#include "format/json_escape.h"

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::TypeId;

// Largest text of one value of fixed width, quotes included.
constexpr std::int64_t kMaxFixedText = 64;
constexpr std::int64_t kMaxDecimal = columnar::kMaxDecimalText + 2;
static_assert(columnar::kMaxTemporalText + 2 + 6 <= kMaxFixedText);
static_assert(columnar::kMaxFloatText + 2 <= kMaxFixedText);
static_assert(columnar::kMaxIntervalText + 2 <= kMaxFixedText);
static_assert(columnar::kUuidText + 2 <= kMaxFixedText);

// Bytes of one element; 0: not of fixed width.
std::int64_t width_of(const JsonStep& step) {
  switch (step.type) {
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
      return 4;
    case TypeId::int64:
    case TypeId::uint64:
    case TypeId::float64:
    case TypeId::date64:
    case TypeId::time64:
    case TypeId::timestamp:
    case TypeId::duration:
      return 8;
    case TypeId::decimal32:
      return 4;
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

bool has_wide_offsets(TypeId type) {
  return type == TypeId::large_utf8 || type == TypeId::large_binary || type == TypeId::large_list;
}

// Bytes of an offset that JsonStep::offsets points to; 0 for those that are read by other means.
std::int64_t offset_width(TypeId type) {
  if (type == TypeId::list_view || type == TypeId::large_list_view || type == TypeId::dense_union) {
    return 0;
  }
  return has_wide_offsets(type) ? 8 : 4;
}

std::int64_t load_offset(const JsonStep& step, std::int64_t row) {
  return has_wide_offsets(step.type) ? columnar::load<std::int64_t>(step.offsets, row)
                                     : columnar::load<std::int32_t>(step.offsets, row);
}

// Bytes of the strings or binaries of rows [begin, end). Null rows may count.
std::int64_t bytes_of(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  switch (step.type) {
    case TypeId::fixed_size_binary:
      return (end - begin) * step.column->field->fixed_size;
    case TypeId::utf8_view:
    case TypeId::binary_view: {
      std::int64_t sum = 0;
      for (std::int64_t row = begin; row < end; ++row) {
        if (step.is_null(row)) continue;
        sum += std::max(step.column->value<columnar::ViewElement>(row).size, 0);
      }
      return sum;
    }
    default:
      return load_offset(step, end) - load_offset(step, begin);
  }
}

std::int64_t text_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  return (end - begin) * kMaxEmpty + static_cast<std::int64_t>(kMaxEscapedByte) *
                                         (load_offset(step, end) - load_offset(step, begin));
}

// Elements of the lists or maps of rows [begin, end): they stand in one piece.
Column::Range elements_of(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  if (step.type == TypeId::fixed_size_list) {
    return {step.column->range(begin).begin, step.column->range(end - 1).end};
  }
  return {load_offset(step, begin), load_offset(step, end)};
}

// Largest text of a value of that kind; 0: it depends on the value.
std::int64_t max_text_of(StepKind kind) {
  switch (kind) {
    case StepKind::decimal:
      return kMaxDecimal;
    case StepKind::utf8:
    case StepKind::large_utf8:
    case StepKind::bytes_as_text:
    case StepKind::bytes_as_json:
    case StepKind::bytes_as_base64:
    case StepKind::bytes_as_base64url:
    case StepKind::bytes_as_hex:
    case StepKind::list:
    case StepKind::structure:
    case StepKind::map:
    case StepKind::map_pairs:
    case StepKind::dictionary:
    case StepKind::list_view:
    case StepKind::one_of:
    case StepKind::run:
      return 0;
    default:
      return kMaxFixedText;
  }
}

}  // namespace

Result<void> JsonStep::bind(const Column& bound) {
  if (bound.field == nullptr || bound.field->type != type ||
      bound.children.size() != children.size()) {
    Error error = make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    error.column = path;
    return error;
  }
  column = &bound;
  max_text = max_text_of(kind);
  validity = bound.validity;
  offset = bound.offset;
  values = static_cast<const std::uint8_t*>(bound.values);
  if (values != nullptr) values += bound.offset * width_of(*this);
  offsets = static_cast<const std::uint8_t*>(bound.offsets);
  if (offsets != nullptr) offsets += bound.offset * offset_width(type);
  readable_end = nullptr;
  if ((kind == StepKind::utf8 || kind == StepKind::large_utf8) && offsets != nullptr &&
      values != nullptr && bound.length > 0) {
    readable_end = static_cast<const char*>(bound.values) + load_offset(*this, bound.length);
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    KINESINK_TRY(children[i].bind(bound.children[i]));
  }
  return {};
}

std::int64_t JsonStep::bound_of(std::int64_t begin, std::int64_t end) const {
  const std::int64_t rows = end - begin;
  if (rows <= 0) return 0;
  if (max_text > 0) return rows * max_text;
  switch (kind) {
    case StepKind::utf8:
    case StepKind::large_utf8:
      return text_bound(*this, begin, end);
    case StepKind::bytes_as_text:
      return rows * kMaxEmpty +
             static_cast<std::int64_t>(kMaxEscapedByte) * bytes_of(*this, begin, end);
    case StepKind::bytes_as_json:
      return rows * kMaxEmpty + max_json_byte * bytes_of(*this, begin, end);
    case StepKind::bytes_as_base64url:
    case StepKind::bytes_as_base64:  // 4 for each 3 or less
      return rows * (kMaxEmpty + 2) + 2 * bytes_of(*this, begin, end);
    case StepKind::bytes_as_hex:
      return rows * kMaxEmpty + 2 * bytes_of(*this, begin, end);
    case StepKind::structure:
      return rows * kMaxEmpty + members_bound(children, begin, end);
    case StepKind::list: {
      const auto [first, last] = elements_of(*this, begin, end);
      return rows * kMaxEmpty + (last - first) + children[0].bound_of(first, last);
    }
    case StepKind::map:          // "key":value,
    case StepKind::map_pairs: {  // [key,value],
      const auto [first, last] = elements_of(*this, begin, end);
      return rows * kMaxEmpty + 4 * (last - first) + children[0].bound_of(first, last) +
             children[1].bound_of(first, last);
    }
    default:
      return scattered_bound(*this, begin, end);
  }
}

std::int64_t members_bound(const std::vector<JsonStep>& members, std::int64_t begin,
                           std::int64_t end) {
  std::int64_t each = 2;
  std::int64_t sum = 0;
  for (const JsonStep& member : members) {
    each += member.key_size + member.max_text;
    if (member.max_text > 0) continue;
    // Most columns of other width, told apart here: this stands in the loop over rows.
    sum += member.kind == StepKind::utf8 && end > begin ? text_bound(member, begin, end)
                                                        : member.bound_of(begin, end);
  }
  return sum + (end - begin) * each;
}

}  // namespace kinesink::format
