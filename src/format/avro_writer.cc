#include "format/avro_writer.h"

#include "base/bytes.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

// 8-4-4-4-12 hexadecimal digits.
constexpr std::size_t kUuidText = 36;
constexpr std::size_t kUuidParts[] = {4, 2, 2, 2, 6};  // bytes

bool is_uuid_text(std::string_view text) {
  if (text.size() != kUuidText) return false;
  for (std::size_t i = 0; i < kUuidText; ++i) {
    const char c = text[i];
    const bool is_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? c != '-' : !is_digit) return false;
  }
  return true;
}

bool is_null_key(const AvroStep& step, std::int64_t row) {
  if (step.is_null(row)) return true;
  const bool is_coded = step.kind == AvroStepKind::dictionary || step.kind == AvroStepKind::runs;
  return is_coded && is_null_key(step.children[0], coded_row(step, row));
}

}  // namespace

// A branch of a union that holds null has no bytes but its number.
template <bool kChecked>
inline std::uint8_t* AvroWriter<kChecked>::no_value(const AvroStep& step, std::uint8_t* out) {
  if (!step.takes_null) return fail(step, AvroFailure::Reason::null);
  if (!kChecked) {
    *out = step.null_branch;
    return out + step.has_branch;
  }
  return step.has_branch != 0 ? put(step.null_branch, out) : out;
}

template <bool kChecked>
template <typename Offset>
inline std::uint8_t* AvroWriter<kChecked>::text(const AvroStep& step, std::int64_t row,
                                                std::uint8_t* out) {
  if constexpr (!kChecked) {
    return write_text<Offset>(step.values, step.offsets, row, row < step.padded_rows, out);
  } else {
    const auto begin = columnar::load<Offset>(step.offsets, row);
    const auto end = columnar::load<Offset>(step.offsets, row + 1);
    return string(
        {reinterpret_cast<const char*>(step.values) + begin, static_cast<std::size_t>(end - begin)},
        out);
  }
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::scaled(const AvroStep& step, std::int64_t row,
                                           std::uint8_t* out) {
  const std::int64_t number = step.integer(row);
  if (number < step.least || number > step.most) return fail(step, AvroFailure::Reason::range);
  if (step.divisor == 1) return integer(number * step.factor, out);
  if (step.exact && number % step.divisor != 0) return fail(step, AvroFailure::Reason::inexact);
  return integer(floor_divide(number, step.divisor), out);
}

// Only what the narrower type holds exactly.
template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::inexact_integer(const AvroStep& step, std::int64_t row,
                                                    std::uint8_t* out) {
  const std::int64_t number = step.integer(row);
  if (number < step.least || number > step.most) return fail(step, AvroFailure::Reason::range);
  const bool is_double = step.kind == AvroStepKind::integer_as_float64;
  return is_double ? plain(static_cast<double>(number), out)
                   : plain(static_cast<float>(number), out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::decimal_bytes(const AvroStep& step, const std::uint8_t* begin,
                                                  const std::uint8_t* end, std::uint8_t* out) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (step.size == 0) return string({reinterpret_cast<const char*>(begin), count}, out);
  const std::uint8_t sign = (*begin & 0x80) != 0 ? 0xff : 0;
  for (std::size_t i = count; out != nullptr && i < step.size; ++i) out = put(sign, out);
  return out == nullptr ? nullptr : copy(begin, count, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::decimal(const AvroStep& step, std::int64_t row,
                                            std::uint8_t* out) {
  std::uint8_t bytes[kMaxDecimalBytes + 16];
  if (step.kind == AvroStepKind::integer_as_decimal) {
    const std::int64_t number = step.integer(row);
    const bool is_unsigned = step.type == columnar::TypeId::uint64;
    const Int128 wide = is_unsigned ? Int128{static_cast<std::uint64_t>(number)} : Int128{number};
    if (columnar::decimal_digits(&wide, sizeof(wide)) > step.digits)
      return fail(step, AvroFailure::Reason::digits);
    if (step.shift == 0) return decimal_bytes(step, bytes, write_decimal_bytes(wide, bytes), out);
    return decimal_bytes(step, bytes, write_decimal_bytes(&wide, 16, step.shift, bytes), out);
  }
  const std::uint8_t* const in = step.values + row * step.width;
  if (columnar::decimal_digits(in, step.width) > step.digits)
    return fail(step, AvroFailure::Reason::digits);
  const std::uint8_t* const end = step.width == 16 && step.shift == 0
                                      ? write_decimal_bytes(columnar::load<Int128>(in, 0), bytes)
                                      : write_decimal_bytes(in, step.width, step.shift, bytes);
  return decimal_bytes(step, bytes, end, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::uuid(const AvroStep& step, std::string_view bytes,
                                         std::uint8_t* out) {
  if (step.kind == AvroStepKind::text_as_uuid) {
    return is_uuid_text(bytes) ? string(bytes, out) : fail(step, AvroFailure::Reason::uuid);
  }
  char text[kUuidText + 1];
  char* end = text;
  const char* in = bytes.data();
  for (const std::size_t part : kUuidParts) {
    end = write_hex(in, part, end);
    in += part;
    *end++ = '-';
  }
  return string({text, kUuidText}, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::symbol(const AvroStep& step, std::int32_t place,
                                           std::uint8_t* out) {
  if (place < 0) return fail(step, AvroFailure::Reason::symbol);
  return integer(place, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::coded(const AvroStep& step, std::int64_t row,
                                          std::uint8_t* out) {
  const auto index = static_cast<std::size_t>(step.column->dictionary_index(row));
  const std::int32_t place = step.codes[index];
  // The branch of the value was written already.
  if (place == AvroSymbols::kNull) return no_value(step, out - step.has_branch);
  return symbol(step, place, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::dictionary(const AvroStep& step, std::int64_t row,
                                               std::uint8_t* out) {
  const AvroStep* leaf = &step;
  while (leaf->kind == AvroStepKind::dictionary || leaf->kind == AvroStepKind::runs) {
    row = coded_row(*leaf, row);
    leaf = &leaf->children[0];
    if (leaf->is_null(row)) return no_value(step, out - step.has_branch);
  }
  if (leaf->kind == AvroStepKind::coded_symbol &&
      leaf->codes[static_cast<std::size_t>(leaf->column->dictionary_index(row))] ==
          AvroSymbols::kNull) {
    return no_value(step, out - step.has_branch);
  }
  return bare(*leaf, row, out);
}

// Months, days and milliseconds, each without a sign.
template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::interval(const AvroStep& step, std::int64_t row,
                                             std::uint8_t* out) {
  constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
  const auto [months, days, nanoseconds] = step.column->interval(row);
  const std::int64_t milliseconds = nanoseconds / kNanosecondsPerMillisecond;
  if (months < 0 || days < 0 || nanoseconds < 0 || milliseconds > UINT32_MAX ||
      nanoseconds % kNanosecondsPerMillisecond != 0) {
    return fail(step, AvroFailure::Reason::interval);
  }
  const std::uint32_t parts[] = {static_cast<std::uint32_t>(months),
                                 static_cast<std::uint32_t>(days),
                                 static_cast<std::uint32_t>(milliseconds)};
  return copy(parts, sizeof(parts), out);
}

// One block of all elements, and the empty block that ends it.
template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::list(const AvroStep& step, std::int64_t row,
                                         std::uint8_t* out) {
  const auto [begin, end] = step.column->range(row);
  if (begin < end) out = integer(end - begin, out);
  const AvroStep& item = step.children[0];
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) out = value(item, i, out);
  return out == nullptr ? nullptr : put(0, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::map(const AvroStep& step, std::int64_t row, std::uint8_t* out) {
  const auto [begin, end] = step.column->range(row);
  if (begin < end) out = integer(end - begin, out);
  const AvroStep& key = step.children[0];
  const AvroStep& item = step.children[1];
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    if (is_null_key(key, i)) return fail(key, AvroFailure::Reason::null_key);
    out = value(key, i, out);
    if (out != nullptr) out = value(item, i, out);
  }
  return out == nullptr ? nullptr : put(0, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::nested(const AvroStep& step, std::int64_t row,
                                           std::uint8_t* out) {
  switch (step.kind) {
    case AvroStepKind::list:
      return list(step, row, out);
    case AvroStepKind::structure:
      return fields(step.children, row, out);
    case AvroStepKind::map:
    case AvroStepKind::entries:
      return map(step, row, out);
    case AvroStepKind::dictionary:
    case AvroStepKind::runs:
      return dictionary(step, row, out);
    case AvroStepKind::one_of: {
      const auto child = static_cast<std::size_t>(step.column->union_child(row));
      return value(step.children[child], step.column->union_row(row), out);
    }
    case AvroStepKind::interval:
      return interval(step, row, out);
    case AvroStepKind::bool8:
      return put(step.value<std::int8_t>(row) != 0 ? 1 : 0, out);
    case AvroStepKind::coded_symbol:
      return coded(step, row, out);
    case AvroStepKind::symbol:
      return symbol(step, step.symbols->find(step.column->bytes(row)), out);
    case AvroStepKind::uuid_as_text:
    case AvroStepKind::text_as_uuid:
      return uuid(step, step.column->bytes(row), out);
    default:
      return out;  // nothing
  }
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::number(const AvroStep& step, std::int64_t row,
                                           std::uint8_t* out) {
  switch (step.kind) {
    case AvroStepKind::int8:
      return integer(step.value<std::int8_t>(row), out);
    case AvroStepKind::int16:
      return integer(step.value<std::int16_t>(row), out);
    case AvroStepKind::uint8:
      return integer(step.value<std::uint8_t>(row), out);
    case AvroStepKind::uint16:
      return integer(step.value<std::uint16_t>(row), out);
    case AvroStepKind::uint32:
      return integer(step.value<std::uint32_t>(row), out);
    case AvroStepKind::scaled:
      return scaled(step, row, out);
    case AvroStepKind::integer_as_float32:
    case AvroStepKind::integer_as_float64:
      return inexact_integer(step, row, out);
    case AvroStepKind::integer_as_decimal:
    case AvroStepKind::decimal:
      return decimal(step, row, out);
    case AvroStepKind::float16:
      return plain(columnar::widen_half(step.value<std::uint16_t>(row)), out);
    case AvroStepKind::float16_as_float64:
      return plain(double{columnar::widen_half(step.value<std::uint16_t>(row))}, out);
    case AvroStepKind::float32_as_float64:
      return plain(double{step.value<float>(row)}, out);
    case AvroStepKind::other_bytes:
      return string(step.column->bytes(row), out);
    case AvroStepKind::fixed: {
      const std::string_view bytes = step.column->bytes(row);
      if (bytes.size() != step.size) return fail(step, AvroFailure::Reason::size);
      return copy(bytes.data(), bytes.size(), out);
    }
    default:
      return nested(step, row, out);
  }
}

// A value that is not null, without its branch. The usual kinds first.
template <bool kChecked>
inline std::uint8_t* AvroWriter<kChecked>::bare(const AvroStep& step, std::int64_t row,
                                                std::uint8_t* out) {
  switch (step.kind) {
    case AvroStepKind::boolean:
      return put(step.column->boolean(row) ? 1 : 0, out);
    case AvroStepKind::int32:
      return integer(step.value<std::int32_t>(row), out);
    case AvroStepKind::int64:
      return integer(step.value<std::int64_t>(row), out);
    case AvroStepKind::float32:
      return plain(step.value<std::uint32_t>(row), out);
    case AvroStepKind::float64:
      return plain(step.value<std::uint64_t>(row), out);
    case AvroStepKind::bytes:
      return text<std::int32_t>(step, row, out);
    case AvroStepKind::large_bytes:
      return text<std::int64_t>(step, row, out);
    case AvroStepKind::constant:
      return copy(step.constant.data(), step.constant.size(), out);
    default:
      return number(step, row, out);
  }
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::value(const AvroStep& step, std::int64_t row,
                                          std::uint8_t* out) {
  if (step.is_null(row)) return no_value(step, out);
  if (!kChecked) {
    *out =
        step.value_branch;  // without a branch of the program: it is overwritten if there is none
    out += step.has_branch;
  } else if (step.has_branch != 0) {
    out = put(step.value_branch, out);
    if (out == nullptr) return nullptr;
  }
  return bare(step, row, out);
}

template <bool kChecked>
std::uint8_t* AvroWriter<kChecked>::fields(const std::vector<AvroStep>& steps, std::int64_t row,
                                           std::uint8_t* out) {
  for (const AvroStep& step : steps) {
    out = value(step, row, out);
    if (out == nullptr) return nullptr;
  }
  return out;
}

template class AvroWriter<false>;
template class AvroWriter<true>;

}  // namespace kinesink::format
