// Sizes in bytes.
#pragma once

#include <cstddef>

namespace kinesink {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

}  // namespace kinesink
