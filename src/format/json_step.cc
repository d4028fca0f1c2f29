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

std::int64_t text_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  return (end - begin) * kMaxEmpty + static_cast<std::int64_t>(kMaxEscapedByte) *
                                         (step.load_offset(end) - step.load_offset(begin));
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
  if (!point_at(bound, children.size())) {
    Error error = make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
    error.column = path;
    return error;
  }
  max_text = max_text_of(kind);
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
      return rows * kMaxEmpty + static_cast<std::int64_t>(kMaxEscapedByte) * bytes_of(begin, end);
    case StepKind::bytes_as_json:
      return rows * kMaxEmpty + max_json_byte * bytes_of(begin, end);
    case StepKind::bytes_as_base64url:
    case StepKind::bytes_as_base64:  // 4 for each 3 or less
      return rows * (kMaxEmpty + 2) + 2 * bytes_of(begin, end);
    case StepKind::bytes_as_hex:
      return rows * kMaxEmpty + 2 * bytes_of(begin, end);
    case StepKind::structure:
      return rows * kMaxEmpty + members_bound(children, begin, end);
    case StepKind::list: {
      const auto [first, last] = elements_of(begin, end);
      return rows * kMaxEmpty + (last - first) + children[0].bound_of(first, last);
    }
    case StepKind::map:          // "key":value,
    case StepKind::map_pairs: {  // [key,value],
      const auto [first, last] = elements_of(begin, end);
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
