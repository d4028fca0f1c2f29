// Binding steps to a batch, and the bounds of their values.
#include "format/binary_step.h"

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
      if (has_scattered_elements(type)) {
        return scattered_bound_of(*this, begin, end, kMaxHeads);
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
    case BinaryKind::one_of:
    case BinaryKind::run:
      return scattered_bound_of(*this, begin, end, 1);
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
