#include "local/md5_lanes.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <utility>

namespace kinesink::local {
namespace {

static_assert(std::endian::native == std::endian::little);

// One word of all lanes: an extension of both compilers, which choose the instructions.
using Word = std::uint32_t __attribute__((vector_size(4 * kMd5Lanes)));
constexpr std::size_t kBlock = 64;

// Floor of 2^32 times |sin(i + 1)| (RFC 1321, section 3.4).
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> kTurns = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
constexpr std::array<std::uint32_t, 4> kStart = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

struct State {
  Word a, b, c, d;
};

template <std::size_t Step>
inline void step(State& s, const std::array<Word, 16>& words) {
  constexpr std::size_t kRound = Step / 16;
  constexpr std::size_t kWord = kRound == 0   ? Step
                                : kRound == 1 ? (5 * Step + 1) % 16
                                : kRound == 2 ? (3 * Step + 5) % 16
                                              : (7 * Step) % 16;
  constexpr int kTurn = kTurns[kRound][Step % 4];
  Word mixed;
  if constexpr (kRound == 0) mixed = s.d ^ (s.b & (s.c ^ s.d));
  if constexpr (kRound == 1) mixed = s.c ^ (s.d & (s.b ^ s.c));
  if constexpr (kRound == 2) mixed = s.b ^ s.c ^ s.d;
  if constexpr (kRound == 3) mixed = s.c ^ (s.b | ~s.d);
  const Word sum = s.a + mixed + words[kWord] + kSines[Step];
  s.a = s.d;
  s.d = s.c;
  s.c = s.b;
  s.b += (sum << kTurn) | (sum >> (32 - kTurn));
}

template <std::size_t... Steps>
inline void all_steps(State& s, const std::array<Word, 16>& words, std::index_sequence<Steps...>) {
  (step<Steps>(s, words), ...);
}

}  // namespace

void md5_lanes(std::span<const std::string_view, kMd5Lanes> texts,
               std::span<kinesis::HashKey, kMd5Lanes> digests) {
  std::array<std::array<std::uint32_t, kMd5Lanes>, 16> columns;
  for (std::size_t lane = 0; lane < kMd5Lanes; ++lane) {
    const std::string_view text = texts[lane];
    assert(text.size() <= kLongestLaneText);
    std::array<char, kBlock> block{};
    std::memcpy(block.data(), text.data(), text.size());
    block[text.size()] = '\x80';
    const std::uint64_t bits = text.size() * 8;
    std::memcpy(block.data() + kBlock - sizeof(bits), &bits, sizeof(bits));
    for (std::size_t word = 0; word < columns.size(); ++word) {
      std::memcpy(&columns[word][lane], block.data() + 4 * word, sizeof(std::uint32_t));
    }
  }
  std::array<Word, 16> words;
  static_assert(sizeof(words) == sizeof(columns));
  std::memcpy(&words, &columns, sizeof(words));
  State state = {Word{} + kStart[0], Word{} + kStart[1], Word{} + kStart[2], Word{} + kStart[3]};
  all_steps(state, words, std::make_index_sequence<64>());
  const std::array<Word, 4> parts = {state.a + kStart[0], state.b + kStart[1], state.c + kStart[2],
                                     state.d + kStart[3]};
  std::array<std::array<std::uint32_t, kMd5Lanes>, 4> rows;
  static_assert(sizeof(parts) == sizeof(rows));
  std::memcpy(&rows, &parts, sizeof(rows));
  for (std::size_t lane = 0; lane < kMd5Lanes; ++lane) {
    kinesis::HashKey digest = 0;
    for (const auto& row : rows) digest = digest << 32 | __builtin_bswap32(row[lane]);
    digests[lane] = digest;
  }
}

}  // namespace kinesink::local
