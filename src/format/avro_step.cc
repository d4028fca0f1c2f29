// Binding steps to a batch, and the bounds of what they write.
#include "format/avro_step.h"

#include <algorithm>

#include "format/avro_bytes.h"

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::TypeId;

constexpr std::int64_t kMaxFixedWidth = 16;  // of numbers
constexpr std::int64_t kMaxUuidText = 40;
static_assert(kMaxVarint <= kMaxFixedWidth && kAvroDurationSize <= kMaxFixedWidth);

// Bytes of one element; 0: not of fixed width.
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

// Bytes of an offset that AvroStep::offsets points to; 0 for those that are read by other means.
std::int64_t offset_width(TypeId type) {
  if (type == TypeId::list_view || type == TypeId::large_list_view || type == TypeId::dense_union) {
    return 0;
  }
  return has_wide_offsets(type) ? 8 : 4;
}

std::int64_t load_offset(const AvroStep& step, std::int64_t row) {
  return has_wide_offsets(step.type) ? columnar::load<std::int64_t>(step.offsets, row)
                                     : columnar::load<std::int32_t>(step.offsets, row);
}

// Bytes of the strings or binaries of rows [begin, end). Null rows may count.
std::int64_t bytes_of(const AvroStep& step, std::int64_t begin, std::int64_t end) {
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

// Elements of the lists or maps of rows [begin, end): they stand in one piece.
Column::Range elements_of(const AvroStep& step, std::int64_t begin, std::int64_t end) {
  if (step.type == TypeId::fixed_size_list) {
    return {step.column->range(begin).begin, step.column->range(end - 1).end};
  }
  return {load_offset(step, begin), load_offset(step, end)};
}

// A symbol for each value of the dictionary that was bound.
void find_codes(AvroStep& step) {
  const Column& values = step.column->children[0];
  step.codes.resize(static_cast<std::size_t>(values.length));
  for (std::int64_t i = values.first; i < values.length; ++i) {
    step.codes[static_cast<std::size_t>(i)] =
        values.is_null(i) ? AvroSymbols::kNull : step.symbols->find(values.bytes(i));
  }
}

// The distinct values of the first dictionary, in its order, are the symbols from then on.
Result<void> open_symbols(AvroStep& step) {
  const Column& values = step.column->children[0];
  for (std::int64_t i = values.first; i < values.length; ++i) {
    if (values.is_null(i)) continue;
    const std::string_view text = values.bytes(i);
    if (!is_avro_name(text)) {
      Error error = make_error(ErrorKind::invalid_data,
                               "avro.dictionary = enum: value " + std::to_string(i) +
                                   " of the dictionary is not a name of Avro "
                                   "([A-Za-z_][A-Za-z0-9_]*). Set avro.dictionary = value.");
      error.column = step.path;
      return error;
    }
    step.symbols->places.emplace(text, static_cast<std::int32_t>(step.symbols->places.size()));
  }
  step.symbols->are_open = step.symbols->places.empty();
  return {};
}

// The bytes of the last rows are readable up to the end of the last row only.
std::int64_t padded_rows_of(const AvroStep& step, std::int64_t first, std::int64_t length) {
  const bool is_text = step.kind == AvroStepKind::bytes || step.kind == AvroStepKind::large_bytes;
  if (!is_text || step.offsets == nullptr || step.values == nullptr) return 0;
  const std::int64_t end = load_offset(step, length);
  while (length > first && end - load_offset(step, length) < static_cast<std::int64_t>(kAvroBlock))
    --length;
  return length;
}

}  // namespace

std::int64_t AvroStep::integer(std::int64_t row) const {
  switch (type) {
    case TypeId::int8:
      return value<std::int8_t>(row);
    case TypeId::uint8:
      return value<std::uint8_t>(row);
    case TypeId::int16:
      return value<std::int16_t>(row);
    case TypeId::uint16:
      return value<std::uint16_t>(row);
    case TypeId::int32:
    case TypeId::date32:
    case TypeId::time32:
      return value<std::int32_t>(row);
    case TypeId::uint32:
      return value<std::uint32_t>(row);
    default:
      return value<std::int64_t>(row);
  }
}

Result<void> AvroStep::bind(const Column& bound) {
  const bool has_codes = kind == AvroStepKind::coded_symbol;
  const bool is_record = kind == AvroStepKind::structure;
  const bool is_nothing = kind == AvroStepKind::nothing;
  if (bound.field == nullptr || bound.field->type != type ||
      (!is_record && !has_codes && !is_nothing && bound.children.size() != children.size())) {
    Error error = make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    error.column = path;
    return error;
  }
  column = &bound;
  validity = bound.validity;
  offset = bound.offset;
  values = static_cast<const std::uint8_t*>(bound.values);
  if (values != nullptr) values += bound.offset * width_of(type);
  offsets = static_cast<const std::uint8_t*>(bound.offsets);
  if (offsets != nullptr) offsets += bound.offset * offset_width(type);
  padded_rows = padded_rows_of(*this, bound.first, bound.length);
  is_plain = validity == nullptr || (has_branch != 0 && takes_null);
  if (is_record) return bind_fields(children, bound.children);
  if (has_codes) {
    if (symbols->are_open) KINESINK_TRY(open_symbols(*this));
    find_codes(*this);
    return {};
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    KINESINK_TRY(children[i].bind(bound.children[i]));
  }
  return {};
}

std::int64_t AvroStep::bound_of(std::int64_t begin, std::int64_t end) const {
  const std::int64_t rows = end - begin;
  if (rows <= 0) return 0;
  switch (kind) {
    case AvroStepKind::nothing:
      return rows * kMaxBranch;
    case AvroStepKind::constant:
      return rows * static_cast<std::int64_t>(constant.size());
    case AvroStepKind::decimal:
    case AvroStepKind::integer_as_decimal:
      return rows * (kMaxBranch + kMaxVarint + std::max<std::int64_t>(kMaxDecimalBytes, size));
    case AvroStepKind::bytes:
    case AvroStepKind::large_bytes:
    case AvroStepKind::other_bytes:
    case AvroStepKind::fixed:
    case AvroStepKind::text_as_uuid:
      return rows * (kMaxBranch + kMaxVarint) + bytes_of(*this, begin, end);
    case AvroStepKind::uuid_as_text:
      return rows * kMaxUuidText;
    case AvroStepKind::structure:
      return rows * kMaxBranch + bound_of_fields(children, begin, end);
    case AvroStepKind::list: {
      if (offset_width(type) == 0) return scattered_bound(*this, begin, end);
      const auto [first, last] = elements_of(*this, begin, end);
      return rows * (kMaxBranch + kMaxVarint + 1) + children[0].bound_of(first, last);
    }
    case AvroStepKind::map:
    case AvroStepKind::entries: {
      const auto [first, last] = elements_of(*this, begin, end);
      return rows * (kMaxBranch + kMaxVarint + 1) + children[0].bound_of(first, last) +
             children[1].bound_of(first, last);
    }
    case AvroStepKind::dictionary:
    case AvroStepKind::runs:
    case AvroStepKind::one_of:
      return scattered_bound(*this, begin, end);
    default:
      return rows * (kMaxBranch + kMaxFixedWidth);
  }
}

Result<void> bind_fields(std::vector<AvroStep>& fields, const std::vector<Column>& columns) {
  for (AvroStep& field : fields) {
    if (field.source < 0) continue;
    if (static_cast<std::size_t>(field.source) >= columns.size()) {
      return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    }
    KINESINK_TRY(field.bind(columns[static_cast<std::size_t>(field.source)]));
  }
  return {};
}

std::int64_t bound_of_fields(const std::vector<AvroStep>& fields, std::int64_t begin,
                             std::int64_t end) {
  std::int64_t sum = 0;
  for (const AvroStep& field : fields) sum += field.bound_of(begin, end);
  return sum;
}

}  // namespace kinesink::format
