// The texts that only options ask for; see json_choices.h. Fewer rows come by here than by
// json_writer.cc.
#include <bit>

#include "format/json_writer.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::TypeId;

// By a divisor that is known when this is compiled: a multiplication.
std::int64_t floor_divide_fast(std::int64_t value, std::int64_t divisor) {
  switch (divisor) {
    case 1'000:
      return floor_divide(value, 1'000);
    case 1'000'000:
      return floor_divide(value, 1'000'000);
    case 1'000'000'000:
      return floor_divide(value, 1'000'000'000);
    default:
      return floor_divide(value, divisor);
  }
}

// The first bytes that only repeat the sign are left out.
std::string_view minimal(std::string_view big_endian) {
  const auto sign = [](char byte) { return static_cast<std::uint8_t>(byte) >> 7; };
  while (big_endian.size() > 1) {
    const bool is_filler =
        static_cast<std::uint8_t>(big_endian[0]) == (sign(big_endian[0]) != 0 ? 0xff : 0);
    if (!is_filler || sign(big_endian[0]) != sign(big_endian[1])) break;
    big_endian.remove_prefix(1);
  }
  return big_endian;
}

std::string_view word_of(double number) {
  if (number != number) return "\"NaN\"";
  return number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
}

}  // namespace

template <bool kChecked>
char* RowWriter<kChecked>::epoch(const JsonStep& step, std::int64_t value, char* out) {
  if (step.divisor != 1) {
    value = floor_divide_fast(value, step.divisor);
  } else if (__builtin_mul_overflow(value, step.multiplier, &value)) {
    return fail(step, RowFailure::Reason::epoch_range);
  }
  if (step.as_days && value != static_cast<std::int32_t>(value)) {
    return fail(step, RowFailure::Reason::day_range);
  }
  return small(out, [&](char* at) { return columnar::write_integer(value, at); });
}

template <bool kChecked>
char* RowWriter<kChecked>::fixed_digits(JsonStep& step, std::int64_t row, char* out) {
  const auto value = step.value<std::int64_t>(row);
  const std::int64_t in_second = per_second(step.unit);
  const std::int64_t seconds = floor_divide(value, in_second);
  if (step.zone != nullptr && !step.span.contains(seconds)) {
    step.span = step.zone->span_at(seconds);
  }
  const std::int32_t offset = step.zone != nullptr ? step.span.offset : 0;
  return temporal(step, out, [&](char* at) -> char* {
    std::int64_t local = 0;
    if (__builtin_add_overflow(seconds, std::int64_t{offset}, &local)) return nullptr;
    at = columnar::write_timestamp(local, columnar::TimeUnit::second, step.date, at);
    if (at == nullptr) return nullptr;
    if (step.digits > 0) {
      *at++ = '.';
      const std::int64_t nanos = floor_rest(value, in_second) * (1'000'000'000 / in_second);
      at = columnar::write_three_digits(static_cast<std::uint32_t>(nanos / 1'000'000), at);
      if (step.digits > 3) {
        at = columnar::write_three_digits(static_cast<std::uint32_t>(nanos / 1'000 % 1'000), at);
      }
      if (step.digits > 6) {
        at = columnar::write_three_digits(static_cast<std::uint32_t>(nanos % 1'000), at);
      }
    }
    return step.zone == nullptr ? at : write_offset(offset, at);
  });
}

template <bool kChecked>
char* RowWriter<kChecked>::float_by_policy(const JsonStep& step, std::int64_t row, char* out) {
  const bool is_double = step.type == TypeId::float64;
  float narrow = 0;
  if (!is_double) {
    narrow = step.type == TypeId::float32 ? step.value<float>(row)
                                          : columnar::widen_half(step.value<std::uint16_t>(row));
  }
  const double number = is_double ? step.value<double>(row) : static_cast<double>(narrow);
  if (number - number == 0) {
    return is_double ? floating<double, columnar::write_double>(number, out)
                     : floating<float, columnar::write_float>(narrow, out);
  }
  if (step.non_finite == NonFinite::error) return fail(step, RowFailure::Reason::not_finite);
  std::string_view word = word_of(number);
  if (step.bare_word) word = word.substr(1, word.size() - 2);
  return copy(word.data(), word.size(), out);
}

template <bool kChecked>
char* RowWriter<kChecked>::decimal_bytes(const JsonStep& step, std::string_view big_endian,
                                         char* out) {
  if (step.minimal_decimal) big_endian = minimal(big_endian);
  switch (step.decimal_bytes) {
    case BinaryEncoding::base64url:
      return base64url(big_endian, out);
    case BinaryEncoding::hex:
      return hex(big_endian, out);
    default:
      return base64(big_endian, out);
  }
}

template <bool kChecked>
char* RowWriter<kChecked>::base64url(std::string_view bytes, char* out) {
  char* const begin = out;
  out = base64(bytes, out);
  if (out == nullptr) return nullptr;
  std::replace(begin, out, '+', '-');
  std::replace(begin, out, '/', '_');
  return out;
}

template <bool kChecked>
char* RowWriter<kChecked>::map_pairs(JsonStep& step, std::int64_t row, char* out) {
  const auto [begin, end] = step.column->range(row);
  out = put('[', out);
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    out = i == begin ? put('[', out) : copy(",[", 2, out);
    if (out != nullptr) out = other(step.children[0], i, out);
    if (out != nullptr) out = put(',', out);
    if (out != nullptr) out = other(step.children[1], i, out);
    if (out != nullptr) out = put(']', out);
  }
  return out == nullptr ? nullptr : put(']', out);
}

template <bool kChecked>
char* RowWriter<kChecked>::chosen(JsonStep& step, std::int64_t row, char* out) {
  switch (step.kind) {
    case StepKind::epoch32:
      return epoch(step, step.value<std::int32_t>(row), out);
    case StepKind::epoch64:
      return epoch(step, step.value<std::int64_t>(row), out);
    case StepKind::timestamp_digits:
      return fixed_digits(step, row, out);
    case StepKind::time_millis: {
      const auto value = step.type == TypeId::time32 ? std::int64_t{step.value<std::int32_t>(row)}
                                                     : step.value<std::int64_t>(row);
      const std::int64_t in_second = per_second(step.unit);
      if (value < 0 || value >= kSecondsPerDay * in_second) {
        return fail(step, RowFailure::Reason::temporal_range);
      }
      const std::int64_t millis =
          in_second < 1'000 ? value * (1'000 / in_second) : value / (in_second / 1'000);
      return small(out, [&](char* at) { return columnar::write_integer(millis, at); });
    }
    case StepKind::float_by_policy:
      return float_by_policy(step, row, out);
    case StepKind::unsigned_as_signed:
      if (std::bit_cast<std::int64_t>(step.value<std::uint64_t>(row)) < 0) {
        return fail(step, RowFailure::Reason::signed_range);
      }
      return unsigned_integer<std::uint64_t>(step, row, out);
    case StepKind::bytes_as_base64url:
      return base64url(step.column->bytes(row), out);
    case StepKind::map_pairs:
      return map_pairs(step, row, out);
    default:
      return copy("null", 4, out);
  }
}

// By writing it where there is room for no more than that.
template <bool kChecked>
bool RowWriter<kChecked>::is_written_as_null(JsonStep& step, std::int64_t row) {
  if (step.is_null(row)) return true;
  switch (step.kind) {
    case StepKind::structure:
    case StepKind::list:
    case StepKind::list_view:
    case StepKind::map:
    case StepKind::map_pairs:
      return false;
    case StepKind::dictionary:
      return is_written_as_null(step.children[0], step.column->dictionary_index(row));
    default: {
      char text[4];
      RowWriter<true> writer(text + sizeof(text), nullptr);
      const char* const end = writer.other(step, row, text);
      return end == text + sizeof(text) && std::memcmp(text, "null", sizeof(text)) == 0;
    }
  }
}

char* write_members_without_nulls(RowWriter<false>& writer, std::span<JsonStep> members,
                                  std::int64_t row, char* out) {
  for (JsonStep& step : members) {
    if (step.is_null(row)) continue;
    const char* const key =
        step.key_size > kKeyStore ? step.long_key.data() : step.short_key.data();
    std::memcpy(out, key, step.key_size);
    char* const text = out + step.key_size;
    char* const end = writer.other(step, row, text);
    if (end == nullptr) return nullptr;
    // Also NaN, a null among the values of a dictionary, and the JSON text `null`.
    if (end - text != 4 || std::memcmp(text, "null", 4) != 0) out = end;
  }
  return out;
}

template char* RowWriter<false>::chosen(JsonStep&, std::int64_t, char*);
template char* RowWriter<true>::chosen(JsonStep&, std::int64_t, char*);
template char* RowWriter<false>::decimal_bytes(const JsonStep&, std::string_view, char*);
template char* RowWriter<true>::decimal_bytes(const JsonStep&, std::string_view, char*);
template bool RowWriter<false>::is_written_as_null(JsonStep&, std::int64_t);
template bool RowWriter<true>::is_written_as_null(JsonStep&, std::int64_t);

}  // namespace kinesink::format
