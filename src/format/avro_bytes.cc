#include "format/avro_bytes.h"

#include <array>

namespace kinesink::format {
namespace {

constexpr std::size_t kLimbs = kMaxDecimalBytes / 4;
using Limbs = std::array<std::uint32_t, kLimbs>;  // lowest first

void negate(Limbs& limbs) {
  std::uint64_t carry = 1;
  for (std::uint32_t& limb : limbs) {
    carry += static_cast<std::uint32_t>(~limb);
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
}

void multiply(Limbs& limbs, std::uint32_t factor) {
  std::uint64_t carry = 0;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
}

}  // namespace

std::uint8_t* write_decimal_bytes(const void* bytes, int width, std::int32_t shift,
                                  std::uint8_t* out) {
  Limbs limbs;
  const auto* const in = static_cast<const std::uint8_t*>(bytes);
  const bool is_negative = (in[width - 1] & 0x80) != 0;
  limbs.fill(is_negative ? UINT32_MAX : 0);
  std::memcpy(limbs.data(), in, static_cast<std::size_t>(width));
  if (is_negative) negate(limbs);
  for (; shift >= 9; shift -= 9) multiply(limbs, 1'000'000'000);
  for (; shift > 0; --shift) multiply(limbs, 10);
  if (is_negative) negate(limbs);

  std::uint8_t all[kMaxDecimalBytes];
  std::memcpy(all, limbs.data(), sizeof(all));
  int count = kMaxDecimalBytes;
  const std::uint8_t sign = is_negative ? 0xff : 0;
  while (count > 1 && all[count - 1] == sign && ((all[count - 2] ^ sign) & 0x80) == 0) --count;
  for (int i = count; i > 0; --i) *out++ = all[i - 1];
  return out;
}

}  // namespace kinesink::format
