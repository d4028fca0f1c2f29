// The inside of a JSON string: text copied a block at a time, with the escapes that RFC 8259 asks
// for (https://www.rfc-editor.org/rfc/rfc8259#section-7): \" \\ \b \f \n \r \t, other control
// characters as \u00xx; everything else as it is.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace kinesink::format {

// Escaped text is at most this many times its source.
inline constexpr std::size_t kMaxEscapedByte = 6;
// Bytes behind the source that escape_padded() may read, and behind its own text that it may write.
inline constexpr std::size_t kEscapeReadAhead = 32;
inline constexpr std::size_t kEscapeSlack = 32;

// One character's escape, with its size in the last byte: both arrive in one load.
using Escape = std::array<char, 8>;
inline constexpr auto kEscapes = [] {
  std::array<Escape, 128> escapes{};
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t c = 0; c < 0x20; ++c) {
    escapes[c] = {'\\', 'u', '0', '0', kDigits[c >> 4], kDigits[c & 15], 0, 6};
  }
  constexpr char kShort[][2] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                                {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};
  for (const auto& pair : kShort) {
    escapes[static_cast<std::size_t>(pair[0])] = {'\\', pair[1], 0, 0, 0, 0, 0, 2};
  }
  return escapes;
}();

// Copies kSize bytes; copy() returns a bit for each byte that needs an escape.
struct PortableBlock {
  static constexpr std::size_t kSize = 32;
  static void copy_whole(const char* in, char* out) { std::memcpy(out, in, kSize); }
  static std::uint32_t copy(const char* in, char* out) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      const auto c = static_cast<std::uint8_t>(in[i]);
      mask |= static_cast<std::uint32_t>(c < 0x20 || c == '"' || c == '\\') << i;
    }
    std::memmove(out, in, kSize);
    return mask;
  }
};

#ifdef __SSE2__
struct Sse2Block {
  static constexpr std::size_t kSize = 32;
  static void copy_whole(const char* in, char* out) { std::memcpy(out, in, kSize); }
  static std::uint32_t copy(const char* in, char* out) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + 16));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16), high);
    return mask_of(low) | mask_of(high) << 16;
  }
  static std::uint32_t mask_of(__m128i bytes) {
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i any = _mm_or_si128(_mm_or_si128(quote, backslash), control);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(any));
  }
};
using Block = Sse2Block;
#else
using Block = PortableBlock;
#endif

// Reads whole blocks: up to kEscapeReadAhead bytes behind the source must be readable. Writes up to
// kMaxEscapedByte * size + kEscapeSlack bytes. Returns the end of the text.
template <typename B>
inline char* escape_blocks(const char* in, std::size_t size, char* out) {
  for (;;) {
    std::uint32_t mask = B::copy(in, out);
    if (size < B::kSize) {
      mask &= (std::uint32_t{1} << size) - 1;
      if (mask == 0) return out + size;
    } else if (mask == 0) {
      in += B::kSize;
      out += B::kSize;
      size -= B::kSize;
      continue;
    }
    const auto clean = static_cast<std::size_t>(std::countr_zero(mask));
    const Escape& escape = kEscapes[static_cast<std::uint8_t>(in[clean])];
    std::memcpy(out + clean, escape.data(), escape.size());
    out += clean + static_cast<std::size_t>(escape.back());
    in += clean + 1;
    size -= clean + 1;
  }
}

// Texts longer than this are worth a call of escape_long().
inline constexpr std::size_t kLongText = 64;
// As escape_blocks(), with the widest blocks that the processor has: chosen once, at start.
using EscapeText = char* (*)(const char* in, std::size_t size, char* out);
extern const EscapeText escape_long;

inline char* escape_padded(const char* in, std::size_t size, char* out) {
  return size <= kLongText ? escape_blocks<Block>(in, size, out) : escape_long(in, size, out);
}
// The same, but nothing behind the source is read.
char* escape_exact(const char* in, std::size_t size, char* out);

}  // namespace kinesink::format
