// Binding steps to a batch, and the bounds of what they write.
#include "format/avro_step.h"

#include <algorithm>

#include "format/avro_bytes.h"
#include "format/scattered_bound.h"

namespace kinesink::format {
namespace {

using columnar::Column;
using columnar::TypeId;

constexpr std::int64_t kMaxFixedWidth = 16;  // of numbers
constexpr std::int64_t kMaxUuidText = 40;
static_assert(kMaxVarint <= kMaxFixedWidth && kAvroDurationSize <= kMaxFixedWidth);

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
  const std::int64_t end = step.load_offset(length);
  while (length > first && end - step.load_offset(length) < static_cast<std::int64_t>(kAvroBlock))
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
  // The fields of a record find their columns themselves; codes stand for a dictionary's values.
  const bool counts = !is_record && !has_codes && !is_nothing;
  if (!point_at(bound, counts ? children.size() : bound.children.size())) {
    Error error = make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    error.column = path;
    return error;
  }
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
      return rows * (kMaxBranch + kMaxVarint) + bytes_of(begin, end);
    case AvroStepKind::uuid_as_text:
      return rows * kMaxUuidText;
    case AvroStepKind::structure:
      return rows * kMaxBranch + bound_of_fields(children, begin, end);
    case AvroStepKind::list: {
      if (has_scattered_elements(type))
        return scattered_bound_of(*this, begin, end, kMaxBranch + kMaxVarint + 1);
      const auto [first, last] = elements_of(begin, end);
      return rows * (kMaxBranch + kMaxVarint + 1) + children[0].bound_of(first, last);
    }
    case AvroStepKind::map:
    case AvroStepKind::entries: {
      const auto [first, last] = elements_of(begin, end);
      return rows * (kMaxBranch + kMaxVarint + 1) + children[0].bound_of(first, last) +
             children[1].bound_of(first, last);
    }
    case AvroStepKind::dictionary:
    case AvroStepKind::runs:
    case AvroStepKind::one_of:
      return scattered_bound_of(*this, begin, end, kMaxBranch);
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
