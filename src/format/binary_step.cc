// Binding steps to a batch, and the bounds of their values.
#include "format/binary_step.h"

#include <algorithm>

#include "format/head.h"

namespace kinesink::format {
namespace {

constexpr std::int64_t kMaxScalar = 16;
// A tag, a head and the text.
constexpr std::int64_t kMaxTemporal = 64;
constexpr std::int64_t kMaxDecimal = columnar::kMaxDecimalText + 8;
constexpr auto kMaxHeads = static_cast<std::int64_t>(2 * kMaxHead);  // a tag's too
static_assert(columnar::kMaxTemporalText + 6 <= kMaxTemporal);
static_assert(columnar::kMaxIntervalText + 2 <= kMaxTemporal);

// Indices of null rows, and of rows under a null parent, may lie anywhere.
std::int64_t dictionary_bound(const BinaryStep& step, std::int64_t begin, std::int64_t end) {
  const BinaryStep& values = step.children[0];
  std::int64_t sum = end - begin;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t index = step.column->dictionary_index(row);
    if (index < 0 || index >= values.column->length) continue;
    sum += values.bound_of(index, index + 1);
  }
  return sum;
}

std::int64_t list_view_bound(const BinaryStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = (end - begin) * kMaxHeads;
  for (std::int64_t row = begin; row < end && sum < kMaxBinaryRow; ++row) {
    if (step.is_null(row)) continue;
    const auto [first, last] = step.column->safe_range(row);
    sum += step.children[0].bound_of(first, last);
  }
  return sum;
}

// Under a null parent type ids and offsets may be anything.
std::int64_t union_bound(const BinaryStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = end - begin;
  for (std::int64_t row = begin; row < end && sum < kMaxBinaryRow; ++row) {
    const int child = step.column->union_child(row);
    if (child < 0) continue;
    const BinaryStep& member = step.children[static_cast<std::size_t>(child)];
    const std::int64_t at = step.column->union_row(row);
    if (at < member.column->first || at >= member.column->length) continue;
    sum += member.bound_of(at, at + 1);
  }
  return sum;
}

std::int64_t run_bound(const BinaryStep& step, std::int64_t begin, std::int64_t end) {
  std::int64_t sum = 0;
  for (std::int64_t row = begin, run = step.column->run_of(begin); row < end; ++run) {
    const std::int64_t next = std::min(step.column->run_end(run), end);
    const std::int64_t one = step.children[0].bound_of(run, run + 1);
    if (one >= kMaxBinaryRow || sum >= kMaxBinaryRow) return kMaxBinaryRow;
    sum += (next - row) * one;
    row = next;
  }
  return sum;
}

}  // namespace

Result<void> BinaryStep::bind(const columnar::Column& bound) {
  if (!point_at(bound, children.size())) {
    Error error = make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    error.column = path;
    return error;
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    KINESINK_TRY(children[i].bind(bound.children[i]));
  }
  return {};
}

std::int64_t BinaryStep::bound_of(std::int64_t begin, std::int64_t end) const {
  const std::int64_t rows = end - begin;
  if (rows <= 0) return 0;
  switch (kind) {
    case BinaryKind::decimal_text:
    case BinaryKind::decimal_fraction:
      return rows * kMaxDecimal;
    case BinaryKind::utf8:
    case BinaryKind::large_utf8:
    case BinaryKind::text:
    case BinaryKind::bytes:
    case BinaryKind::uuid:
      return rows * kMaxHeads + bytes_of(begin, end);
    case BinaryKind::structure:
      return rows * kMaxHeads + binary_members_bound(children, begin, end);
    case BinaryKind::list: {
      if (type == columnar::TypeId::list_view || type == columnar::TypeId::large_list_view) {
        return list_view_bound(*this, begin, end);
      }
      const auto [first, last] = elements_of(begin, end);
      return rows * kMaxHeads + children[0].bound_of(first, last);
    }
    case BinaryKind::map: {
      const auto [first, last] = elements_of(begin, end);
      return rows * kMaxHeads + children[0].bound_of(first, last) +
             children[1].bound_of(first, last);
    }
    case BinaryKind::dictionary:
      return dictionary_bound(*this, begin, end);
    case BinaryKind::one_of:
      return union_bound(*this, begin, end);
    case BinaryKind::run:
      return run_bound(*this, begin, end);
    case BinaryKind::date_text:
    case BinaryKind::date_time_text:
    case BinaryKind::time32_text:
    case BinaryKind::time64_text:
    case BinaryKind::timestamp_text:
    case BinaryKind::instant:
    case BinaryKind::instant_text:
    case BinaryKind::duration_text:
    case BinaryKind::interval_text:
      return rows * kMaxTemporal;
    default:
      return rows * kMaxScalar;
  }
}

std::int64_t binary_members_bound(const std::vector<BinaryStep>& members, std::int64_t begin,
                                  std::int64_t end) {
  std::int64_t sum = (end - begin) * static_cast<std::int64_t>(kMaxHead);
  for (const BinaryStep& member : members) {
    sum += (end - begin) * member.key_size + member.bound_of(begin, end);
  }
  return sum;
}

}  // namespace kinesink::format
