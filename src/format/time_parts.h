// Seconds and fractions of timestamps, and the offset behind their text.
#pragma once

#include <cstdint>

#include "columnar/schema.h"

namespace kinesink::format {

inline constexpr std::int64_t kPerSecond[] = {1, 1'000, 1'000'000, 1'000'000'000};  // by TimeUnit
inline constexpr std::int64_t kSecondsPerDay = 86'400;
inline constexpr std::int64_t kMillisPerDay = kSecondsPerDay * 1'000;

inline std::int64_t per_second(columnar::TimeUnit unit) {
  return kPerSecond[static_cast<int>(unit)];
}

inline std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// What floor_divide() leaves.
inline std::int64_t floor_rest(std::int64_t value, std::int64_t divisor) {
  const std::int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

// `+05:30`; `Z` for UTC. Six bytes of room.
inline char* write_offset(std::int32_t offset, char* out) {
  if (offset == 0) {
    *out = 'Z';
    return out + 1;
  }
  const std::int32_t minutes = (offset < 0 ? -offset : offset) / 60;
  *out++ = offset < 0 ? '-' : '+';
  *out++ = static_cast<char>('0' + minutes / 600);
  *out++ = static_cast<char>('0' + minutes / 60 % 10);
  *out++ = ':';
  *out++ = static_cast<char>('0' + minutes % 60 / 10);
  *out++ = static_cast<char>('0' + minutes % 10);
  return out;
}

}  // namespace kinesink::format
