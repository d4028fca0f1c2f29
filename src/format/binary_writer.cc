#include "format/binary_writer.h"

#include "format/cbor_encoding.h"
#include "format/msgpack_encoding.h"

namespace kinesink::format {

// Strings of a few dozen bytes are copied with stores of a fixed size: what follows need not wait
// for the length.
template <typename Encoding, bool kChecked>
inline char* BinaryWriter<Encoding, kChecked>::text(const BinaryStep& step, std::string_view text,
                                                    char* out) {
  constexpr std::size_t kStore = 64;
  static_assert(kStore <= kBinarySlack);
  out = small(out, [&](char* at) { return Encoding::text_head(text.size(), at); });
  if constexpr (kChecked) return out == nullptr ? out : copy(text.data(), text.size(), out);
  // Compared as numbers: a foreign buffer's end may be near the end of memory.
  if (text.size() <= kStore && reinterpret_cast<std::uintptr_t>(text.data()) + kStore <=
                                   reinterpret_cast<std::uintptr_t>(step.readable_end)) {
    std::memcpy(out, text.data(), kStore);
  } else {
    std::memcpy(out, text.data(), text.size());
  }
  return out + text.size();
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::bytes(std::string_view bytes, char* out) {
  out = small(out, [&](char* at) { return Encoding::bytes_head(bytes.size(), at); });
  return out == nullptr ? nullptr : copy(bytes.data(), bytes.size(), out);
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::uuid(std::string_view bytes, char* out) {
  if constexpr (Encoding::kIsCbor) {
    out = small(out, [](char* at) { return Encoding::tag(Encoding::kUuidTag, at); });
    if (out == nullptr) return nullptr;
  }
  return this->bytes(bytes, out);
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::number(BinaryStep& step, std::int64_t row, char* out) {
  return small(out, [&](char* at) -> char* {
    switch (step.kind) {
      case BinaryKind::int8:
        return Encoding::integer(step.value<std::int8_t>(row), at);
      case BinaryKind::int16:
        return Encoding::integer(step.value<std::int16_t>(row), at);
      case BinaryKind::uint8:
        return Encoding::unsigned_integer(step.value<std::uint8_t>(row), at);
      case BinaryKind::uint16:
        return Encoding::unsigned_integer(step.value<std::uint16_t>(row), at);
      case BinaryKind::uint32:
        return Encoding::unsigned_integer(step.value<std::uint32_t>(row), at);
      case BinaryKind::uint64:
        return Encoding::unsigned_integer(step.value<std::uint64_t>(row), at);
      case BinaryKind::float32:
        return Encoding::float32(step.value<std::uint32_t>(row), at);
      case BinaryKind::float16:
        if constexpr (Encoding::kIsCbor) {
          return Encoding::float16(step.value<std::uint16_t>(row), at);
        } else {
          const float widened = columnar::widen_half(step.value<std::uint16_t>(row));
          return Encoding::float32(std::bit_cast<std::uint32_t>(widened), at);
        }
      default:
        return Encoding::nil(at);
    }
  });
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::list(BinaryStep& step, std::int64_t row, char* out) {
  const auto [begin, end] = step.column->range(row);
  const auto count = static_cast<std::uint64_t>(end - begin);
  out = small(out, [&](char* at) { return Encoding::array_head(count, at); });
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    out = value(step.children[0], i, out);
  }
  return out;
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::map(BinaryStep& step, std::int64_t row, char* out) {
  const auto [begin, end] = step.column->range(row);
  const auto count = static_cast<std::uint64_t>(end - begin);
  out = small(out, [&](char* at) { return Encoding::map_head(count, at); });
  for (std::int64_t i = begin; out != nullptr && i < end; ++i) {
    out = value(step.children[0], i, out);
    if (out != nullptr) out = value(step.children[1], i, out);
  }
  return out;
}

// What value() does not write itself.
template <typename Encoding, bool kChecked>
[[gnu::noinline]] char* BinaryWriter<Encoding, kChecked>::other(BinaryStep& step, std::int64_t row,
                                                                char* out) {
  switch (step.kind) {
    case BinaryKind::text:
      return text(step, step.column->bytes(row), out);
    case BinaryKind::bytes:
      return bytes(step.column->bytes(row), out);
    case BinaryKind::uuid:
      return uuid(step.column->bytes(row), out);
    case BinaryKind::decimal_text:
    case BinaryKind::decimal_fraction:
      return decimal(step, row, out);
    case BinaryKind::list:
      return list(step, row, out);
    case BinaryKind::structure:
      return structure(step.children, row, out);
    case BinaryKind::map:
      return map(step, row, out);
    case BinaryKind::bool8:
      return small(
          out, [&](char* at) { return Encoding::boolean(step.value<std::int8_t>(row) != 0, at); });
    case BinaryKind::one_of: {
      const auto child = static_cast<std::size_t>(step.column->union_child(row));
      return value(step.children[child], step.column->union_row(row), out);
    }
    case BinaryKind::run:
      step.last_run = step.column->run_of(row, step.last_run);
      return value(step.children[0], step.last_run, out);
    case BinaryKind::dictionary:
      return value(step.children[0], step.column->dictionary_index(row), out);
    case BinaryKind::date_text:
    case BinaryKind::date_time_text:
    case BinaryKind::date_epoch:
    case BinaryKind::time32_text:
    case BinaryKind::time64_text:
    case BinaryKind::instant:
    case BinaryKind::instant_text:
    case BinaryKind::timestamp_epoch:
    case BinaryKind::duration_text:
    case BinaryKind::interval_text:
      return time(step, row, out);
    default:
      return number(step, row, out);
  }
}

// The commonest types, where rows spend their time.
template <typename Encoding, bool kChecked>
inline char* BinaryWriter<Encoding, kChecked>::value(BinaryStep& step, std::int64_t row,
                                                     char* out) {
  if (step.is_null(row)) return small(out, [](char* at) { return Encoding::nil(at); });
  switch (step.kind) {
    case BinaryKind::boolean:
      return small(out, [&](char* at) { return Encoding::boolean(step.column->boolean(row), at); });
    case BinaryKind::int32:
      return small(out,
                   [&](char* at) { return Encoding::integer(step.value<std::int32_t>(row), at); });
    case BinaryKind::int64:
      return small(out,
                   [&](char* at) { return Encoding::integer(step.value<std::int64_t>(row), at); });
    case BinaryKind::float64:
      return small(out,
                   [&](char* at) { return Encoding::float64(step.value<std::uint64_t>(row), at); });
    case BinaryKind::utf8:
      return text(step, step.variable_bytes<std::int32_t>(row), out);
    case BinaryKind::large_utf8:
      return text(step, step.variable_bytes<std::int64_t>(row), out);
    case BinaryKind::timestamp_text:
      return temporal(step, out, [&](char* at) {
        return columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, at);
      });
    default:
      return other(step, row, out);
  }
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::structure(std::span<BinaryStep> steps, std::int64_t row,
                                                  char* out) {
  out = small(out, [&](char* at) { return Encoding::map_head(steps.size(), at); });
  for (BinaryStep& step : steps) {
    if (out == nullptr) [[unlikely]]
      return nullptr;
    const std::size_t key_size = step.key_size;
    if (key_size > kBinaryKeyStore) [[unlikely]] {
      out = copy(step.long_key.data(), key_size, out);
    } else if constexpr (kChecked) {
      out = copy(step.short_key.data(), key_size, out);
    } else {
      std::memcpy(out, step.short_key.data(), kBinaryKeyStore);
      out += key_size;
    }
    if (!kChecked || out != nullptr) out = value(step, row, out);
  }
  return out;
}

template class BinaryWriter<MsgpackEncoding, false>;
template class BinaryWriter<MsgpackEncoding, true>;
template class BinaryWriter<CborEncoding, false>;
template class BinaryWriter<CborEncoding, true>;

}  // namespace kinesink::format
