#include "format/json_kernel.h"

#include <bit>
#include <cstring>

#include "columnar/text.h"
#include "format/json_escape.h"
#include "format/json_writer.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace kinesink::format {

namespace portable {
namespace {

#define KINESINK_TARGET
#include "format/json_kernel_loop.h"
#undef KINESINK_TARGET

}  // namespace
}  // namespace portable

#ifdef __x86_64__
namespace avx2 {
namespace {

// Functions with this may be inlined into each other, and others into them.
#define KINESINK_TARGET [[gnu::target("avx2,bmi,bmi2,lzcnt")]]

// A register full of one byte, in memory: the compiler would else make it anew for each text.
struct alignas(32) Bytes {
  constexpr explicit Bytes(std::uint8_t byte) {
    for (std::uint8_t& one : all) one = byte;
  }
  KINESINK_TARGET __m256i load() const {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(all));
  }
  std::uint8_t all[32] = {};
};
constinit const Bytes kQuotes{'"'};
constinit const Bytes kBackslashes{'\\'};
constinit const Bytes kLastControls{0x1f};

struct Block {
  static constexpr std::size_t kSize = 32;
  KINESINK_TARGET static void copy_whole(const char* in, char* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in)));
  }
  KINESINK_TARGET static std::uint32_t copy(const char* in, char* out) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, kLastControls.load()), bytes);
    const __m256i quote = _mm256_cmpeq_epi8(bytes, kQuotes.load());
    const __m256i backslash = _mm256_cmpeq_epi8(bytes, kBackslashes.load());
    const __m256i any = _mm256_or_si256(_mm256_or_si256(quote, backslash), control);
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(any));
  }
};

#include "format/json_kernel_loop.h"
#undef KINESINK_TARGET

// LZCNT is asked of the processor itself: clang's __builtin_cpu_supports has no word for it.
bool has_lzcnt() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_LZCNT) != 0;
}

bool is_here() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
         __builtin_cpu_supports("bmi2") != 0 && has_lzcnt();
}

}  // namespace
}  // namespace avx2
#endif

WriteMembers members_kernel(Kernel kernel) {
#ifdef __x86_64__
  if (kernel != Kernel::portable && avx2::is_here()) return avx2::write_members;
#endif
  return kernel == Kernel::avx2 ? nullptr : portable::write_members;
}

}  // namespace kinesink::format
