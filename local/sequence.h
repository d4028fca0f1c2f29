// Sequence numbers: 56 decimal digits that rise strictly within a shard, laid out as the service's
// (https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html does not document the layout;
// it was found by the authors of kinesalite). As 47 hexadecimal digits:
//
//   2 | shard creation, s (9) | shard & 15 (1) | index (16) | 00 | record time, s (9) | shard (8) |
//   2
//
// The index counts the shard's records and stands above the time, so order never depends on a
// clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinesink::local {

inline constexpr std::size_t kSequenceDigits = 56;
// Index of the number that ends a closed shard.
inline constexpr std::uint64_t kLastSequenceIndex = 0x7fff'ffff'ffff'ffff;

struct SequenceParts {
  std::int64_t shard_created = 0;  // seconds since the epoch
  std::uint32_t shard = 0;         // index in the stream
  std::uint64_t index = 0;         // 0 is the shard's own start, records count from 1
  std::int64_t time = 0;           // seconds since the epoch
  friend bool operator==(const SequenceParts&, const SequenceParts&) = default;
};

std::string to_sequence_number(const SequenceParts& parts);
// Nothing for text that is not a number of this layout.
std::optional<SequenceParts> parse_sequence_number(std::string_view digits);

// Writes the numbers of one shard one after the other: an addition instead of a conversion of 188
// bits per record.
class SequenceWriter {
 public:
  SequenceWriter() = default;
  explicit SequenceWriter(const SequenceParts& start);

  // The number of `index` at `time` (seconds); cheap when both are near the last call's. Writes
  // kSequenceDigits bytes.
  void write(std::uint64_t index, std::int64_t time, char* out);

 private:
  // Little end first, each limb below 10^14; four limbs are the 56 digits.
  using Limbs = std::array<std::uint64_t, 4>;
  void restart(std::uint64_t index, std::int64_t time);
  void add(const Limbs& amount);

  SequenceParts parts_;
  Limbs limbs_{};
  std::array<char, kSequenceDigits> text_{};
  Limbs written_{};  // what text_ shows
};

}  // namespace kinesink::local
