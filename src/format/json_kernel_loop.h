// Included by json_kernel.cc once for each kernel, inside the kernel's namespace; hence without a
// guard. KINESINK_TARGET: the instructions that its functions may use. Block: how a piece of text
// is copied and searched, see json_escape.h.
//
// All of a row hangs on `out`: where a value begins depends on the lengths of those before it.
// Lengths are therefore taken from what is known early (offsets), or guessed by a branch, rather
// than waited for.

KINESINK_TARGET inline char* escape(const char* in, std::size_t size, char* out) {
  for (;;) {
    std::uint32_t mask = Block::copy(in, out);
    if (size < Block::kSize) {
      mask &= (std::uint32_t{1} << size) - 1;
      if (mask == 0) [[likely]]
        return out + size;
    } else if (mask == 0) {
      in += Block::kSize;
      out += Block::kSize;
      size -= Block::kSize;
      continue;
    }
    const auto clean = static_cast<std::size_t>(std::countr_zero(mask));
    const Escape& escaped = kEscapes[static_cast<std::uint8_t>(in[clean])];
    std::memcpy(out + clean, escaped.data(), escaped.size());
    out += clean + static_cast<std::size_t>(escaped.back());
    in += clean + 1;
    size -= clean + 1;
  }
}

template <typename Offset>
KINESINK_TARGET inline char* text(const JsonStep& step, std::int64_t row, char* out) {
  const auto begin = columnar::load<Offset>(step.offsets, row);
  const auto size = static_cast<std::size_t>(columnar::load<Offset>(step.offsets, row + 1) - begin);
  const char* in = reinterpret_cast<const char*>(step.values) + begin;
  *out++ = '"';
  // Compared as numbers: a foreign buffer's end may be near the end of memory.
  const auto read = reinterpret_cast<std::uintptr_t>(in) + size + kEscapeReadAhead;
  out = read <= reinterpret_cast<std::uintptr_t>(step.readable_end) ? escape(in, size, out)
                                                                    : escape_exact(in, size, out);
  *out = '"';
  return out + 1;
}

KINESINK_TARGET inline char* put_null(char* out) {
  std::memcpy(out, "null", 4);
  return out + 4;
}

// The fast way of columnar::write_double() (the same texts), for numbers below 10^10 that are whole
// or have one or two decimals; NaN and infinities are none of these.
KINESINK_TARGET inline char* number(double value, char* out) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const double absolute = std::bit_cast<double>(bits & ~(std::uint64_t{1} << 63));
  if (!(absolute < 1e10))
    return value - value == 0 ? columnar::write_double(value, out) : put_null(out);
  const auto hundredths =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(absolute * 100 + 0.5));
  if (static_cast<double>(static_cast<std::int64_t>(hundredths)) / 100 != absolute)
    return columnar::write_double(value, out);
  *out = '-';
  if ((bits >> 63) != 0) ++out;
  return columnar::write_hundredths(hundredths, out);
}

// Without a branch on the value, which is hard to guess.
KINESINK_TARGET inline char* boolean(const JsonStep& step, std::int64_t row, char* out) {
  static constexpr char kTexts[2][8] = {"false", "true"};
  const bool value = step.column->boolean(row);
  std::memcpy(out, kTexts[value ? 1 : 0], sizeof(kTexts[0]));
  return out + 5 - static_cast<int>(value);
}

KINESINK_TARGET inline char* timestamp(JsonStep& step, std::int64_t row, char* out) {
  *out = '"';
  char* const end =
      columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, out + 1);
  if (end == nullptr) [[unlikely]]
    return nullptr;
  *end = '"';
  return end + 1;
}

KINESINK_TARGET char* write_members(RowWriter<false>& writer, std::span<JsonStep> members,
                                    std::int64_t row, char* out) {
  JsonStep* const end = members.data() + members.size();
  for (JsonStep* step = members.data(); step != end; ++step) {
    Block::copy_whole(step->short_key.data(), out);
    const std::size_t key_size = step->key_size;
    if (key_size > kKeyStore) [[unlikely]]
      std::memcpy(out, step->long_key.data(), key_size);
    out += key_size;
    if (step->is_null(row)) {
      out = put_null(out);
      continue;
    }
    switch (step->kind) {
      case StepKind::boolean:
        out = boolean(*step, row, out);
        continue;
      case StepKind::int32:
        out = columnar::write_integer(step->value<std::int32_t>(row), out);
        continue;
      case StepKind::int64:
        out = columnar::write_integer(step->value<std::int64_t>(row), out);
        continue;
      case StepKind::float64:
        out = number(step->value<double>(row), out);
        continue;
      case StepKind::utf8:
        out = text<std::int32_t>(*step, row, out);
        continue;
      case StepKind::large_utf8:
        out = text<std::int64_t>(*step, row, out);
        continue;
      case StepKind::timestamp:
        out = timestamp(*step, row, out);
        if (out == nullptr) [[unlikely]]
          return writer.fail(*step, RowFailure::Reason::temporal_range);
        continue;
      default:
        out = writer.other(*step, row, out);
        if (out == nullptr) [[unlikely]]
          return nullptr;
    }
  }
  return out;
}
