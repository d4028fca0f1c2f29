#include "local/sequence.h"

#include <cassert>
#include <cstring>

#include "base/units.h"

namespace kinesink::local {
namespace {

constexpr std::uint64_t kLimb = 100'000'000'000'000;  // 10^14
constexpr std::size_t kLimbDigits = 14;
using Limbs = std::array<std::uint64_t, 4>;

// limbs = limbs * 2^bits + value, bits <= 64.
void scale_and_add(Limbs& limbs, unsigned bits, std::uint64_t value) {
  Uint128 carry = value;
  for (auto& limb : limbs) {
    carry += static_cast<Uint128>(limb) << bits;
    limb = static_cast<std::uint64_t>(carry % kLimb);
    carry /= kLimb;
  }
  assert(carry == 0);
}

// The fields of the layout, from the highest.
Limbs to_limbs(const SequenceParts& parts) {
  constexpr std::uint64_t kSeconds = 0xf'ffff'ffff;  // 36 bits
  Limbs limbs{2, 0, 0, 0};
  scale_and_add(limbs, 36, static_cast<std::uint64_t>(parts.shard_created) & kSeconds);
  scale_and_add(limbs, 4, parts.shard & 15);
  scale_and_add(limbs, 64, parts.index);
  scale_and_add(limbs, 8, 0);
  scale_and_add(limbs, 36, static_cast<std::uint64_t>(parts.time) & kSeconds);
  scale_and_add(limbs, 32, parts.shard);
  scale_and_add(limbs, 4, 2);
  return limbs;
}

constexpr Limbs power_of_two(unsigned exponent) {
  Limbs limbs{1, 0, 0, 0};
  for (; exponent > 0; --exponent) {
    std::uint64_t carry = 0;
    for (auto& limb : limbs) {
      const std::uint64_t doubled = limb * 2 + carry;
      limb = doubled % kLimb;
      carry = doubled / kLimb;
    }
  }
  return limbs;
}

constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t pair = 0; pair < 100; ++pair) {
    pairs[2 * pair] = static_cast<char>('0' + pair / 10);
    pairs[2 * pair + 1] = static_cast<char>('0' + pair % 10);
  }
  return pairs;
}();

// Seven digits of a number below 10^7.
void write_seven(std::uint32_t number, char* out) {
  const std::uint32_t low = number % 10'000;
  const std::uint32_t high = number / 10'000;
  out[0] = static_cast<char>('0' + high / 100);
  std::memcpy(out + 1, &kPairs[2 * (high % 100)], 2);
  std::memcpy(out + 3, &kPairs[2 * (low / 100)], 2);
  std::memcpy(out + 5, &kPairs[2 * (low % 100)], 2);
}

void write_limb(std::uint64_t limb, char* out) {
  write_seven(static_cast<std::uint32_t>(limb / 10'000'000), out);
  write_seven(static_cast<std::uint32_t>(limb % 10'000'000), out + 7);
}

// The number as 192 bits, low word first.
std::optional<std::array<std::uint64_t, 3>> to_words(std::string_view digits) {
  std::array<std::uint64_t, 3> words{};
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    Uint128 carry = static_cast<unsigned>(digit - '0');
    for (auto& word : words) {
      carry += static_cast<Uint128>(word) * 10;
      word = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
  }
  return words;
}

}  // namespace

std::string to_sequence_number(const SequenceParts& parts) {
  const Limbs limbs = to_limbs(parts);
  std::string text(kSequenceDigits, '0');
  for (std::size_t limb = 0; limb < limbs.size(); ++limb) {
    write_limb(limbs[limb], text.data() + (limbs.size() - 1 - limb) * kLimbDigits);
  }
  return text;
}

std::optional<SequenceParts> parse_sequence_number(std::string_view digits) {
  if (digits.size() != kSequenceDigits) return std::nullopt;
  const auto words = to_words(digits);
  if (!words) return std::nullopt;
  const auto& [low, middle, high] = *words;
  const auto bits = [&](unsigned first, unsigned count) {
    const Uint128 all = first < 64 ? (static_cast<Uint128>(middle) << 64 | low) >> first
                                   : (static_cast<Uint128>(high) << 64 | middle) >> (first - 64);
    return static_cast<std::uint64_t>(all) & (count == 64 ? ~0ULL : (1ULL << count) - 1);
  };
  SequenceParts parts;
  parts.shard = static_cast<std::uint32_t>(bits(4, 32));
  parts.time = static_cast<std::int64_t>(bits(36, 36));
  parts.index = bits(80, 64);
  parts.shard_created = static_cast<std::int64_t>(bits(148, 36));
  if (to_sequence_number(parts) != digits) return std::nullopt;
  return parts;
}

SequenceWriter::SequenceWriter(const SequenceParts& start) : parts_(start) {
  restart(start.index, start.time);
}

void SequenceWriter::restart(std::uint64_t index, std::int64_t time) {
  parts_.index = index;
  parts_.time = time;
  limbs_ = to_limbs(parts_);
}

void SequenceWriter::add(const Limbs& amount) {
  std::uint64_t carry = 0;
  for (std::size_t limb = 0; limb < limbs_.size(); ++limb) {
    const std::uint64_t sum = limbs_[limb] + amount[limb] + carry;
    carry = sum >= kLimb ? 1 : 0;
    limbs_[limb] = sum - carry * kLimb;
  }
}

void SequenceWriter::write(std::uint64_t index, std::int64_t time, char* out) {
  static constexpr Limbs kStep = power_of_two(80);
  if (index == parts_.index + 1 && time == parts_.time) {
    parts_.index = index;
    add(kStep);
  } else if (index != parts_.index || time != parts_.time) {
    restart(index, time);
  }
  for (std::size_t limb = 0; limb < limbs_.size(); ++limb) {
    if (limbs_[limb] == written_[limb] && text_[0] != 0) continue;
    write_limb(limbs_[limb], text_.data() + (limbs_.size() - 1 - limb) * kLimbDigits);
    written_[limb] = limbs_[limb];
  }
  std::memcpy(out, text_.data(), text_.size());
}

}  // namespace kinesink::local
