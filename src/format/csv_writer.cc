#include "format/csv_writer.h"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace kinesink::format {
namespace {

using columnar::TypeId;

constexpr std::size_t kBlock = 32;
static_assert(2 * kBlock <= kRowSlack);

bool is_special(char c, char delimiter) {
  return static_cast<std::uint8_t>(c) < 0x20 || c == '"' || c == delimiter;
}

// A bit for each of kBlock characters that a cell without quotes cannot hold. Any control character
// counts: line ends for certain, and others that readers may trip over.
#ifdef __SSE2__
std::uint32_t special_half(const char* text, __m128i delimiter) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i any = _mm_or_si128(_mm_or_si128(control, quote), _mm_cmpeq_epi8(bytes, delimiter));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(any));
}
std::uint32_t special_bits(const char* text, char delimiter) {
  const __m128i wide = _mm_set1_epi8(delimiter);
  return special_half(text, wide) | special_half(text + kBlock / 2, wide) << (kBlock / 2);
}
#else
std::uint32_t special_bits(const char* text, char delimiter) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    bits |= static_cast<std::uint32_t>(is_special(text[i], delimiter)) << i;
  }
  return bits;
}
#endif

// `text`: copied already, with a block's room behind it.
bool holds_special(const char* text, std::size_t size, char delimiter) {
  for (; size > kBlock; size -= kBlock, text += kBlock) {
    if (special_bits(text, delimiter) != 0) return true;
  }
  const std::uint64_t mask = (std::uint64_t{1} << size) - 1;
  return (special_bits(text, delimiter) & mask) != 0;
}

}  // namespace

template <bool kChecked>
char* CsvWriter<kChecked>::quoted(std::string_view text, char* out) {
  if constexpr (kChecked) {
    const auto quotes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '"'));
    if (room(out) < text.size() + quotes + 2) return nullptr;
  }
  *out++ = '"';
  for (std::size_t at; (at = text.find('"')) != std::string_view::npos;) {
    out = std::copy_n(text.data(), at + 1, out);
    *out++ = '"';
    text.remove_prefix(at + 1);
  }
  out = std::copy(text.begin(), text.end(), out);
  *out = '"';
  return out + 1;
}

// Copied first, and looked at then: most texts need no quotes.
template <bool kChecked>
inline char* CsvWriter<kChecked>::text(const JsonStep& step, std::string_view text, char* out) {
  if (text.empty() || (wraps_plain_ && (rules_->quote_all || text == rules_->null))) {
    return quoted(text, out);
  }
  if constexpr (kChecked) {
    const bool is_plain = std::none_of(text.begin(), text.end(),
                                       [&](char c) { return is_special(c, rules_->delimiter); });
    return is_plain ? copy(text, out) : quoted(text, out);
  } else {
    constexpr std::size_t kStore = 64;
    static_assert(kStore <= kRowSlack);
    // Compared as numbers: a foreign buffer's end may be near the end of memory.
    if (text.size() <= kStore && reinterpret_cast<std::uintptr_t>(text.data()) + kStore <=
                                     reinterpret_cast<std::uintptr_t>(step.readable_end)) {
      std::memcpy(out, text.data(), kStore);
    } else {
      std::memcpy(out, text.data(), text.size());
    }
    if (holds_special(out, text.size(), rules_->delimiter)) [[unlikely]]
      return quoted(text, out);
    return out + text.size();
  }
}

// base64 or hexadecimal, of any size.
template <bool kChecked>
char* CsvWriter<kChecked>::encoded(JsonStep& step, std::int64_t row, char* out) {
  const std::string_view bytes = step.column->bytes(row);
  const bool is_hex = step.kind == StepKind::bytes_as_hex;
  const std::size_t size = is_hex ? 2 * bytes.size() : base64_size(bytes.size());
  if (size == 0) return copy("\"\"", out);
  if (kChecked && room(out) < size) return nullptr;
  if (is_hex) return write_hex(bytes.data(), bytes.size(), out);
  char* const end = write_base64(bytes.data(), bytes.size(), out);
  if (step.kind == StepKind::bytes_as_base64url) {
    std::replace(out, end, '+', '-');
    std::replace(out, end, '/', '_');
  }
  return end;
}

// In quotes: written behind the first one, and spread from its end on to double those inside.
template <bool kChecked>
char* CsvWriter<kChecked>::json(JsonStep& step, std::int64_t row, char* out) {
  char* const begin = put('"', out);
  if (begin == nullptr) return nullptr;
  char* from = json_.other(step, row, begin);
  if (from == nullptr) return fail(json_.failure());
  const auto quotes = static_cast<std::size_t>(std::count(begin, from, '"'));
  if (kChecked && room(from) < quotes + 1) return nullptr;
  char* to = from + quotes;
  *to = '"';
  char* const end = to + 1;
  while (from != to) {
    *--to = *--from;
    if (*from == '"') *--to = '"';
  }
  return end;
}

// A short JSON text, without its quotes if it has some.
template <bool kChecked>
char* CsvWriter<kChecked>::unquoted_json(JsonStep& step, std::int64_t row, char* out) {
  return small(out, [&](char* at) -> char* {
    RowWriter<kChecked> writer(at + kSmall, nullptr);
    char* const end = writer.other(step, row, at);
    if (end == nullptr) return fail(writer.failure());
    if (*at != '"') return end;
    const auto size = static_cast<std::size_t>(end - at) - 2;
    std::memmove(at, at + 1, size);
    return at + size;
  });
}

template <bool kChecked>
inline char* CsvWriter<kChecked>::plain(JsonStep& step, std::int64_t row, char* out) {
  using columnar::write_integer;
  using columnar::write_unsigned;
  switch (step.kind) {
    case StepKind::boolean:
      return copy(step.column->boolean(row) ? "true" : "false", out);
    case StepKind::int32:
      return small(out, [&](char* at) { return write_integer(step.value<std::int32_t>(row), at); });
    case StepKind::int64:
      return small(out, [&](char* at) { return write_integer(step.value<std::int64_t>(row), at); });
    case StepKind::float16:
      return floating<float, columnar::write_float>(
          columnar::widen_half(step.value<std::uint16_t>(row)), out);
    case StepKind::float32:
      return floating<float, columnar::write_float>(step.value<float>(row), out);
    case StepKind::float64:
      return floating<double, columnar::write_double>(step.value<double>(row), out);
    case StepKind::timestamp:
      return small(out, [&](char* at) -> char* {
        char* const end =
            columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, at);
        return end != nullptr ? end : fail({&step, RowFailure::Reason::temporal_range});
      });
    case StepKind::bytes_as_base64:
    case StepKind::bytes_as_base64url:
    case StepKind::bytes_as_hex:
      return encoded(step, row, out);
    default:
      return unquoted_json(step, row, out);
  }
}

// Quotes around a cell that holds none.
template <bool kChecked>
char* CsvWriter<kChecked>::wrapped(char* begin, char* end) {
  const std::string_view text(begin, end);
  const bool has_quotes = text.starts_with('"');  // an empty text's
  if (has_quotes || !(rules_->quote_all || text == rules_->null)) return end;
  if (kChecked && room(end) < 2) return nullptr;
  std::memmove(begin + 1, begin, text.size());
  *begin = '"';
  end[1] = '"';
  return end + 2;
}

template <bool kChecked>
inline char* CsvWriter<kChecked>::cell(JsonStep& step, std::int64_t row, char* out) {
  if (step.is_null(row)) return copy(rules_->null, out);
  switch (step.kind) {
    case StepKind::null:
      return copy(rules_->null, out);
    case StepKind::utf8:
      return text(step, step.variable_bytes<std::int32_t>(row), out);
    case StepKind::large_utf8:
      return text(step, step.variable_bytes<std::int64_t>(row), out);
    case StepKind::bytes_as_text:
      return text(step, step.column->bytes(row), out);
    case StepKind::bytes_as_json:
    case StepKind::list:
    case StepKind::list_view:
    case StepKind::structure:
    case StepKind::map:
    case StepKind::map_pairs:
      return json(step, row, out);
    case StepKind::dictionary:
    case StepKind::run:
    case StepKind::one_of:
      return indirect(step, row, out);
    default: {
      char* const end = plain(step, row, out);
      return end == nullptr || !wraps_plain_ ? end : wrapped(out, end);
    }
  }
}

// The cell of the value that the row stands for.
template <bool kChecked>
[[gnu::noinline]] char* CsvWriter<kChecked>::indirect(JsonStep& step, std::int64_t row, char* out) {
  const columnar::Column& column = *step.column;
  switch (step.kind) {
    case StepKind::dictionary:
      return cell(step.children[0], column.dictionary_index(row), out);
    case StepKind::run:
      step.last_run = column.run_of(row, step.last_run);
      return cell(step.children[0], step.last_run, out);
    default: {
      const auto child = static_cast<std::size_t>(column.union_child(row));
      return cell(step.children[child], column.union_row(row), out);
    }
  }
}

template <bool kChecked>
char* CsvWriter<kChecked>::row(std::span<JsonStep> steps, std::int64_t row, char* out) {
  for (JsonStep& step : steps) {
    if (&step != steps.data()) out = put(rules_->delimiter, out);
    if (out != nullptr) out = cell(step, row, out);
    if (out == nullptr) [[unlikely]]
      return nullptr;
  }
  return out;
}

template class CsvWriter<false>;
template class CsvWriter<true>;

}  // namespace kinesink::format
