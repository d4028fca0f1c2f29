// What a value of MessagePack or CBOR begins with: one byte that says the type, and either holds a
// small number itself or says how many bytes of a big-endian number follow.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kinesink::format {

// A number takes 1 << size_class bytes, by the place of its highest bit.
struct NumberForm {
  std::uint8_t size_class;
  std::uint8_t shift;  // that brings the number's bytes to the top of 64 bits
  std::uint8_t end;    // of the head
};
inline constexpr auto kNumberForms = [] {
  std::array<NumberForm, 64> forms{};
  for (unsigned bit = 0; bit < forms.size(); ++bit) {
    const unsigned size_class = bit < 8 ? 0 : bit < 16 ? 1 : bit < 32 ? 2 : 3;
    const unsigned size = 1U << size_class;
    forms[bit] = {static_cast<std::uint8_t>(size_class), static_cast<std::uint8_t>(64 - 8 * size),
                  static_cast<std::uint8_t>(1 + size)};
  }
  return forms;
}();
inline NumberForm form_of(std::uint64_t value) {
  return kNumberForms[static_cast<std::size_t>(63 - std::countl_zero(value | 1))];
}

inline void store_big_endian(std::uint64_t value, char* out) {
  const std::uint64_t bytes = __builtin_bswap64(value);
  std::memcpy(out, &bytes, sizeof(bytes));
}
// The low `size` bytes, 1 to 8. Scribbles up to eight.
inline char* put_big_endian(std::uint64_t value, unsigned size, char* out) {
  store_big_endian(value << (64 - 8 * size), out);
  return out + size;
}

// `first` + size_class, and the number. The form may be that of a larger number. Scribbles up to
// nine bytes. Without a branch on the value: where the next value begins is known early.
inline constexpr std::size_t kMaxHead = 9;
inline char* put_number(unsigned first, NumberForm form, std::uint64_t value, char* out) {
  *out = static_cast<char>(first + form.size_class);
  store_big_endian(value << form.shift, out + 1);
  return out + form.end;
}

// Below kFixLimit: kFix + value, one byte.
template <unsigned kFix, unsigned kFixLimit, unsigned kFirst>
inline char* write_head(std::uint64_t value, char* out) {
  if (value >= kFixLimit) return put_number(kFirst, form_of(value), value, out);
  *out = static_cast<char>(kFix + value);
  return out + 1;
}

// The same, where most values are below 256.
template <unsigned kFix, unsigned kFixLimit, unsigned kFirst>
inline char* write_short_head(std::uint64_t value, char* out) {
  if (value > 0xff) [[unlikely]]
    return write_head<kFix, kFixLimit, kFirst>(value, out);
  const bool is_short = value < kFixLimit;
  out[0] = static_cast<char>(is_short ? kFix + value : kFirst);
  out[1] = static_cast<char>(value);
  return out + (is_short ? 1 : 2);
}

}  // namespace kinesink::format
