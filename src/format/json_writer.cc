#include "format/json_writer.h"

#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::TimeUnit;

// The local time of a zone, whose count in `unit` does not fit into 64 bits.
char* write_split_timestamp(std::int64_t seconds, std::int64_t fraction, TimeUnit unit,
                            columnar::DateText& date, char* out) {
  constexpr std::size_t kWholeSeconds = sizeof("1970-01-01T00:00:00") - 1;
  char epoch[columnar::kMaxTemporalText];
  out = columnar::write_timestamp(seconds, TimeUnit::second, date, out);
  const char* const end = columnar::write_timestamp(fraction, unit, epoch);
  if (out == nullptr || end == nullptr) return nullptr;
  const auto size = static_cast<std::size_t>(end - epoch) - kWholeSeconds;
  std::memcpy(out, epoch + kWholeSeconds, size);
  return out + size;
}

bool is_null_key(const JsonStep& step, std::int64_t row) {
  if (step.is_null(row) || step.kind == StepKind::null) return true;
  if (step.kind == StepKind::run) return is_null_key(step.children[0], step.column->run_of(row));
  return step.kind == StepKind::dictionary &&
         is_null_key(step.children[0], step.column->dictionary_index(row));
}

}  // namespace

template <bool kChecked>
inline char* RowWriter<kChecked>::key(const JsonStep& step, char* out) {
  if (step.key_size > kKeyStore) [[unlikely]] {
    return copy(step.long_key.data(), step.key_size, out);
  }
  if constexpr (kChecked) return copy(step.short_key.data(), step.key_size, out);
  std::memcpy(out, step.short_key.data(), kKeyStore);
  return out + step.key_size;
}

// Without a branch on the value, which is hard to foresee.
template <bool kChecked>
inline char* RowWriter<kChecked>::boolean(bool value, char* out) {
  static constexpr char kTexts[2][8] = {"false", "true"};
  const auto size = static_cast<std::size_t>(5 - static_cast<int>(value));
  if constexpr (kChecked) return copy(kTexts[value ? 1 : 0], size, out);
  std::memcpy(out, kTexts[value ? 1 : 0], 8);
  return out + size;
}

template <bool kChecked>
inline char* RowWriter<kChecked>::string(std::string_view text, const char* readable_end,
                                         char* out) {
  if constexpr (!kChecked) {
    *out++ = '"';
    // Compared as numbers: a foreign buffer's end may be near the end of memory.
    const auto end = reinterpret_cast<std::uintptr_t>(text.data()) + text.size();
    const bool is_padded = end + kEscapeReadAhead <= reinterpret_cast<std::uintptr_t>(readable_end);
    out = is_padded ? escape_padded(text.data(), text.size(), out)
                    : escape_exact(text.data(), text.size(), out);
    *out = '"';
    return out + 1;
  } else {
    constexpr std::size_t kPiece = 64;
    static_assert(kMaxEscapedByte * kPiece + kEscapeSlack <= kSmall);
    out = put('"', out);
    while (out != nullptr && !text.empty()) {
      // In place as far as any text would fit; the last few hundred bytes of room aside.
      const auto room = static_cast<std::size_t>(limit_ - out);
      const bool in_place = room >= kSmall;
      const std::string_view piece =
          text.substr(0, in_place ? (room - kEscapeSlack) / kMaxEscapedByte : kPiece);
      text.remove_prefix(piece.size());
      out = in_place ? escape_exact(piece.data(), piece.size(), out) : small(out, [&](char* at) {
        return escape_exact(piece.data(), piece.size(), at);
      });
    }
    return out == nullptr ? nullptr : put('"', out);
  }
}

template <bool kChecked>
char* RowWriter<kChecked>::base64(std::string_view bytes, char* out) {
  if (!has_room(base64_size(bytes.size()) + 2, out)) return nullptr;
  *out++ = '"';
  out = write_base64(bytes.data(), bytes.size(), out);
  *out = '"';
  return out + 1;
}

template <bool kChecked>
char* RowWriter<kChecked>::hex(std::string_view bytes, char* out) {
  if (!has_room(2 * bytes.size() + 2, out)) return nullptr;
  *out++ = '"';
  out = write_hex(bytes.data(), bytes.size(), out);
  *out = '"';
  return out + 1;
}

template <bool kChecked>
char* RowWriter<kChecked>::json(JsonStep& step, std::string_view text, char* out) {
  if constexpr (kChecked) {
    const auto size = compact_json_size(text);
    if (!size) return invalid_json(step, text, out);
    if (!has_room(*size, out)) return nullptr;
  }
  char* const end = compact_json(text, out);
  return end != nullptr ? end : invalid_json(step, text, out);
}

template <bool kChecked>
char* RowWriter<kChecked>::invalid_json(const JsonStep& step, std::string_view text, char* out) {
  switch (step.invalid_json) {
    case InvalidJson::null:
      return copy("null", 4, out);
    case InvalidJson::string:
      return string(text, nullptr, out);
    case InvalidJson::error:
      break;
  }
  return fail(step, RowFailure::Reason::invalid_json);
}

template <bool kChecked>
char* RowWriter<kChecked>::decimal(JsonStep& step, std::int64_t row, char* out) {
  const std::size_t width = step.decimal_width;
  const std::uint8_t* bytes = step.values + row * static_cast<std::int64_t>(width);
  if (columnar::exceeds_precision(bytes, step.decimal_width, step.precision))
    return fail(step, RowFailure::Reason::decimal_precision);
  if (step.decimal_encoding == DecimalEncoding::bytes) {
    std::array<char, 32> big_endian;
    std::reverse_copy(bytes, bytes + width, big_endian.begin());
    return decimal_bytes(step, {big_endian.data(), width}, out);
  }
  const bool is_string = step.decimal_encoding == DecimalEncoding::string;
  return small(out, [&](char* at) {
    if (is_string) *at++ = '"';
    at = columnar::write_decimal(bytes, static_cast<int>(width), step.scale, at);
    if (is_string) *at++ = '"';
    return at;
  });
}

template <bool kChecked>
char* RowWriter<kChecked>::zoned(JsonStep& step, std::int64_t row, char* out) {
  const auto value = step.value<std::int64_t>(row);
  const std::int64_t in_second = per_second(step.unit);
  const std::int64_t seconds = floor_divide(value, in_second);
  if (!step.span.contains(seconds)) step.span = step.zone->span_at(seconds);
  const std::int32_t offset = step.span.offset;
  return temporal(step, out, [&](char* at) -> char* {
    std::int64_t local = 0;
    if (!__builtin_add_overflow(value, offset * in_second, &local)) {
      at = columnar::write_timestamp(local, step.unit, step.date, at);
    } else if (step.unit == TimeUnit::second) {
      return nullptr;
    } else {
      at = write_split_timestamp(seconds + offset, floor_rest(value, in_second), step.unit,
                                 step.date, at);
    }
    return at == nullptr ? nullptr : write_offset(offset, at);
  });
}

template <bool kChecked>
char* RowWriter<kChecked>::list(JsonStep& step, std::int64_t row, char* out) {
  const auto [begin, end] = step.column->range(row);
  out = put('[', out);
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    if (i != begin) out = put(',', out);
    if (out != nullptr) out = value(step.children[0], i, out);
  }
  return out == nullptr ? nullptr : put(']', out);
}

template <bool kChecked>
char* RowWriter<kChecked>::map_key(JsonStep& step, std::int64_t row, char* out) {
  if (is_null_key(step, row)) return fail(step, RowFailure::Reason::null_key);
  if (!step.quoted_key) return value(step, row, out);
  out = put('"', out);
  if (out != nullptr) out = value(step, row, out);
  return out == nullptr ? nullptr : put('"', out);
}

template <bool kChecked>
char* RowWriter<kChecked>::map(JsonStep& step, std::int64_t row, char* out) {
  const auto [begin, end] = step.column->range(row);
  out = put('{', out);
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    if (i != begin) out = put(',', out);
    if (out != nullptr) out = map_key(step.children[0], i, out);
    if (out != nullptr) out = put(':', out);
    if (out != nullptr) out = value(step.children[1], i, out);
  }
  return out == nullptr ? nullptr : put('}', out);
}

template <bool kChecked>
char* RowWriter<kChecked>::dictionary(JsonStep& step, std::int64_t row, char* out) {
  return value(step.children[0], step.column->dictionary_index(row), out);
}

// What is neither nested nor in value().
template <bool kChecked>
char* RowWriter<kChecked>::simple(JsonStep& step, std::int64_t row, char* out) {
  using columnar::write_date;
  switch (step.kind) {
    case StepKind::int8:
      return signed_integer<std::int8_t>(step, row, out);
    case StepKind::int16:
      return signed_integer<std::int16_t>(step, row, out);
    case StepKind::uint8:
      return unsigned_integer<std::uint8_t>(step, row, out);
    case StepKind::uint16:
      return unsigned_integer<std::uint16_t>(step, row, out);
    case StepKind::uint32:
      return unsigned_integer<std::uint32_t>(step, row, out);
    case StepKind::uint64:
      return unsigned_integer<std::uint64_t>(step, row, out);
    case StepKind::float16:
      return floating<float, columnar::write_float>(
          columnar::widen_half(step.value<std::uint16_t>(row)), out);
    case StepKind::float32:
      return floating<float, columnar::write_float>(step.value<float>(row), out);
    case StepKind::decimal:
      return decimal(step, row, out);
    case StepKind::bytes_as_json:
      return json(step, step.column->bytes(row), out);
    case StepKind::bytes_as_base64:
      return base64(step.column->bytes(row), out);
    case StepKind::bytes_as_hex:
      return hex(step.column->bytes(row), out);
    case StepKind::date32:
      return temporal(step, out,
                      [&](char* at) { return write_date(step.value<std::int32_t>(row), at); });
    case StepKind::date64:
      return temporal(step, out, [&](char* at) {
        return columnar::write_timestamp(step.value<std::int64_t>(row), TimeUnit::millisecond,
                                         step.date, at);
      });
    case StepKind::time32:
      return temporal(step, out, [&](char* at) {
        return columnar::write_time_of_day(step.value<std::int32_t>(row), step.unit, at);
      });
    case StepKind::time64:
      return temporal(step, out, [&](char* at) {
        return columnar::write_time_of_day(step.value<std::int64_t>(row), step.unit, at);
      });
    case StepKind::timestamp_zoned:
      return zoned(step, row, out);
    case StepKind::duration:
      return temporal(step, out, [&](char* at) {
        return columnar::write_duration(step.value<std::int64_t>(row), step.unit, at);
      });
    default:
      return rare(step, row, out);
  }
}

template <bool kChecked>
char* RowWriter<kChecked>::value(JsonStep& step, std::int64_t row, char* out) {
  if (step.is_null(row)) return copy("null", 4, out);
  switch (step.kind) {
    case StepKind::boolean:
      return boolean(step.column->boolean(row), out);
    case StepKind::int32:
      return signed_integer<std::int32_t>(step, row, out);
    case StepKind::int64:
      return signed_integer<std::int64_t>(step, row, out);
    case StepKind::float64:
      return floating<double, columnar::write_double>(step.value<double>(row), out);
    case StepKind::timestamp:
      return temporal(step, out, [&](char* at) {
        return columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, at);
      });
    case StepKind::utf8:
      return string(step.variable_bytes<std::int32_t>(row), step.readable_end, out);
    case StepKind::large_utf8:
      return string(step.variable_bytes<std::int64_t>(row), step.readable_end, out);
    case StepKind::bytes_as_text:
      return string(step.column->bytes(row), nullptr, out);
    case StepKind::list:
      return list(step, row, out);
    case StepKind::structure:
      return object(step.children, row, out);
    case StepKind::map:
      return map(step, row, out);
    case StepKind::dictionary:
      return dictionary(step, row, out);
    default:
      return simple(step, row, out);
  }
}

template <bool kChecked>
char* RowWriter<kChecked>::other(JsonStep& step, std::int64_t row, char* out) {
  return value(step, row, out);
}

template <bool kChecked>
char* RowWriter<kChecked>::checked_members(std::span<JsonStep> steps, std::int64_t row, char* out) {
  for (JsonStep& step : steps) {
    if (omits_nulls_ && is_written_as_null(step, row)) continue;
    out = key(step, out);
    if (out != nullptr) out = value(step, row, out);
    if (out == nullptr) return nullptr;
  }
  return out;
}

template class RowWriter<false>;
template class RowWriter<true>;

}  // namespace kinesink::format
