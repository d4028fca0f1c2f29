#include "format/json_escape.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace kinesink::format {
namespace {

#ifdef __x86_64__
// The loop of escape_blocks() once more: code for AVX2 can only be inlined into code for AVX2.
[[gnu::target("avx2,bmi")]] char* escape_avx2(const char* in, std::size_t size, char* out) {
  constexpr std::size_t kSize = 32;
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i last_control = _mm256_set1_epi8(0x1f);
  for (;;) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, last_control), bytes);
    const __m256i special =
        _mm256_or_si256(_mm256_cmpeq_epi8(bytes, quote), _mm256_cmpeq_epi8(bytes, backslash));
    auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(special, control)));
    if (size < kSize) {
      mask &= (std::uint32_t{1} << size) - 1;
      if (mask == 0) return out + size;
    } else if (mask == 0) {
      in += kSize;
      out += kSize;
      size -= kSize;
      continue;
    }
    const auto clean = static_cast<std::size_t>(__builtin_ctz(mask));
    const char* escape =
        reinterpret_cast<const char*>(&kEscapes) + 8 * std::size_t(std::uint8_t(in[clean]));
    __builtin_memcpy(out + clean, escape, sizeof(Escape));
    out += clean + static_cast<std::size_t>(escape[7]);
    in += clean + 1;
    size -= clean + 1;
  }
}
#endif

EscapeText widest_escape() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0) return escape_avx2;
#endif
  return escape_blocks<Block>;
}

}  // namespace

const EscapeText escape_long = widest_escape();

char* escape_exact(const char* in, std::size_t size, char* out) {
  if (size > kEscapeReadAhead) {
    const std::size_t padded = size - kEscapeReadAhead;
    out = escape_padded(in, padded, out);
    in += padded;
    size = kEscapeReadAhead;
  }
  char tail[2 * Block::kSize] = {};
  std::memcpy(tail, in, size);
  return escape_blocks<Block>(tail, size, out);
}

}  // namespace kinesink::format
