// Sizes in bytes, and the integer that is wider than the standard ones.
#pragma once

#include <cstddef>

namespace kinesink {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// 128 bits: hash keys, decimals. An extension of both compilers.
__extension__ typedef unsigned __int128 Uint128;
__extension__ typedef __int128 Int128;

}  // namespace kinesink
