#include "aws/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kinesink::aws {
namespace {

constexpr std::size_t kBlock = 64;

void hash_with_openssl(std::string_view body, Digest& digest) {
  unsigned int size = 0;
  EVP_Digest(body.data(), body.size(), digest.data(), &size, EVP_sha256(), nullptr);
}

#if defined(__x86_64__)

alignas(16) constexpr std::uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
constexpr std::uint32_t kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// One body on its way: whole blocks from the body itself, then one or two of padding.
struct Lane {
  std::uint32_t state[8];
  const std::uint8_t* at = nullptr;
  std::size_t blocks = 0;  // left at `at`
  bool in_padding = false;
  std::uint8_t padding[2 * kBlock];
  std::size_t padding_blocks = 0;
  Digest* digest = nullptr;

  void begin(std::string_view body, Digest& to) {
    std::memcpy(state, kInitial, sizeof(state));
    at = reinterpret_cast<const std::uint8_t*>(body.data());
    blocks = body.size() / kBlock;
    in_padding = false;
    digest = &to;
    const std::size_t rest = body.size() % kBlock;
    padding_blocks = rest < kBlock - 8 ? 1 : 2;
    std::memset(padding, 0, sizeof(padding));
    if (rest > 0) std::memcpy(padding, at + blocks * kBlock, rest);
    padding[rest] = 0x80;
    const std::uint64_t bits = __builtin_bswap64(body.size() * 8);
    std::memcpy(padding + padding_blocks * kBlock - 8, &bits, sizeof(bits));
    if (blocks == 0) pad();
  }
  void pad() {
    at = padding;
    blocks = padding_blocks;
    in_padding = true;
  }
  // After some blocks were taken; false once the digest is done.
  bool go_on() {
    if (blocks > 0) return true;
    if (!in_padding) {
      pad();
      return true;
    }
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t word = __builtin_bswap32(state[i]);
      std::memcpy(digest->data() + 4 * i, &word, sizeof(word));
    }
    return false;
  }
};

// Takes `blocks` blocks of each of N lanes. The loops over lanes are unrolled, so that the chains
// of N streams overlap.
template <int N>
__attribute__((target("sha,sse4.1"))) void compress(Lane* const* lanes, std::size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i low[N];
  __m128i high[N];
#pragma GCC unroll 4
  for (int s = 0; s < N; ++s) {
    const auto* words = reinterpret_cast<const __m128i*>(lanes[s]->state);
    const __m128i t = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
    const __m128i u = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    low[s] = _mm_alignr_epi8(t, u, 8);
    high[s] = _mm_blend_epi16(u, t, 0xf0);
  }
  for (std::size_t block = 0; block < blocks; ++block) {
    __m128i message[N][4];
    __m128i low_before[N];
    __m128i high_before[N];
#pragma GCC unroll 4
    for (int s = 0; s < N; ++s) {
      low_before[s] = low[s];
      high_before[s] = high[s];
    }
#pragma GCC unroll 16
    for (int round = 0; round < 16; ++round) {
#pragma GCC unroll 4
      for (int s = 0; s < N; ++s) {
        __m128i& word = message[s][round & 3];
        if (round < 4) {
          const auto* in = reinterpret_cast<const __m128i*>(lanes[s]->at + block * kBlock +
                                                            16 * static_cast<std::size_t>(round));
          word = _mm_shuffle_epi8(_mm_loadu_si128(in), swap);
        } else {
          word = _mm_sha256msg1_epu32(word, message[s][(round + 1) & 3]);
          word = _mm_add_epi32(
              word, _mm_alignr_epi8(message[s][(round + 3) & 3], message[s][(round + 2) & 3], 4));
          word = _mm_sha256msg2_epu32(word, message[s][(round + 3) & 3]);
        }
        const auto* constants = reinterpret_cast<const __m128i*>(&kRoundConstants[4 * round]);
        const __m128i sum = _mm_add_epi32(word, _mm_load_si128(constants));
        high[s] = _mm_sha256rnds2_epu32(high[s], low[s], sum);
        low[s] = _mm_sha256rnds2_epu32(low[s], high[s], _mm_shuffle_epi32(sum, 0x0e));
      }
    }
#pragma GCC unroll 4
    for (int s = 0; s < N; ++s) {
      low[s] = _mm_add_epi32(low[s], low_before[s]);
      high[s] = _mm_add_epi32(high[s], high_before[s]);
    }
  }
#pragma GCC unroll 4
  for (int s = 0; s < N; ++s) {
    auto* words = reinterpret_cast<__m128i*>(lanes[s]->state);
    const __m128i t = _mm_shuffle_epi32(low[s], 0x1b);
    const __m128i u = _mm_shuffle_epi32(high[s], 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(t, u, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(u, t, 8));
    lanes[s]->at += blocks * kBlock;
    lanes[s]->blocks -= blocks;
  }
}

bool has_sha_instructions() {
  static const bool kHas = __builtin_cpu_supports("sse4.1") && [] {
    std::uint32_t a = 7, b = 0, c = 0, d = 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (b >> 29 & 1) != 0;  // CPUID.7.0:EBX.SHA
  }();
  return kHas;
}

// Lanes that come to their end are filled with the next body, so that all stay busy as long as
// there are enough.
void hash_interleaved(std::span<const std::string_view> bodies, std::span<Digest> digests) {
  Lane lanes[kHashLanes];
  Lane* busy[kHashLanes] = {};
  std::size_t count = 0;
  std::size_t next = 0;
  while (true) {
    while (count < kHashLanes && next < bodies.size()) {
      // A free lane is one that is not busy.
      Lane* free = lanes;
      while (std::find(busy, busy + count, free) != busy + count) ++free;
      free->begin(bodies[next], digests[next]);
      busy[count++] = free;
      ++next;
    }
    if (count == 0) return;
    std::size_t blocks = busy[0]->blocks;
    for (std::size_t i = 1; i < count; ++i) blocks = std::min(blocks, busy[i]->blocks);
    switch (count) {
      case 1:
        compress<1>(busy, blocks);
        break;
      case 2:
        compress<2>(busy, blocks);
        break;
      case 3:
        compress<3>(busy, blocks);
        break;
      default:
        compress<4>(busy, blocks);
        break;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (busy[i]->go_on()) busy[kept++] = busy[i];
    }
    count = kept;
  }
}

#endif

}  // namespace

void hash_bodies(std::span<const std::string_view> bodies, std::span<Digest> digests) {
#if defined(__x86_64__)
  if (has_sha_instructions()) return hash_interleaved(bodies, digests);
#endif
  for (std::size_t i = 0; i < bodies.size(); ++i) hash_with_openssl(bodies[i], digests[i]);
}

Digest sha256(std::string_view bytes) {
  Digest digest;
  hash_bodies({&bytes, 1}, {&digest, 1});
  return digest;
}

std::string hex(const Digest& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace kinesink::aws
