// What a MessagePack or CBOR plan does with one column or nested value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "columnar/text.h"
#include "format/options.h"
#include "format/scattered_bound.h"
#include "format/step_column.h"

namespace kinesink::format {

enum class BinaryKind : std::uint8_t {
  null,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  decimal_text,
  decimal_fraction,  // CBOR: tag 4
  utf8,              // 32-bit offsets
  large_utf8,        // 64-bit offsets
  text,              // of any layout
  bytes,             // of any layout
  uuid,              // 16 bytes; CBOR: tag 37
  date_text,         // date32; CBOR: tag 1004
  date_time_text,    // date64
  date_epoch,        // date32 as a number in epoch_unit
  time32_text,
  time64_text,
  timestamp_text,   // without a zone
  instant,          // with a zone; MessagePack: extension type -1; CBOR: tag 0 and text
  instant_text,     // with a zone, as text in UTC
  timestamp_epoch,  // a number in epoch_unit
  duration_text,
  list,  // of any layout
  structure,
  map,
  dictionary,
  bool8,          // int8 that stands for true or false
  interval_text,  // of any width
  one_of,         // union
  run,            // of a run-end encoded column
};

// Keys are copied with one store of this size, so that many bytes behind a key may be scribbled on.
inline constexpr std::size_t kBinaryKeyStore = 32;
// Bytes that unchecked code may write behind what the bound says.
inline constexpr std::int64_t kBinarySlack = 64;
// A bound of so much says no more than that: sums over rows that hold the same elements again and
// again end there. No row is larger, so that sizes and counts fit into the 32 bits of MessagePack.
inline constexpr std::int64_t kMaxBinaryRow = kEnoughBound;

struct BinaryStep : StepColumn {
  BinaryKind kind = BinaryKind::null;
  columnar::TimeUnit unit = columnar::TimeUnit::second;
  columnar::TimeUnit epoch_unit = columnar::TimeUnit::millisecond;
  std::uint8_t decimal_width = 0;  // bytes
  std::uint32_t key_size = 0;
  // The encoded name of a member.
  alignas(kBinaryKeyStore) std::array<char, kBinaryKeyStore> short_key{};
  std::string long_key;  // the same, if it is longer than kBinaryKeyStore

  columnar::DateText date;    // of the last timestamp
  std::int64_t last_run = 0;  // where the search for the next row's run begins
  std::vector<BinaryStep> children;
  std::int32_t precision = 0;
  std::int32_t scale = 0;
  std::string path;  // of the column, for errors

  // Points the step and its children at a column of the same shape.
  Result<void> bind(const columnar::Column& bound);
  // At least the size of the values of rows [begin, end) together, without their keys.
  std::int64_t bound_of(std::int64_t begin, std::int64_t end) const;
};

// Why a row cannot be expressed.
struct BinaryFailure {
  enum class Reason : std::uint8_t { none, temporal_range, epoch_range, decimal_precision };
  const BinaryStep* step = nullptr;
  Reason reason = Reason::none;
};

// How the steps of an encoding are made.
struct BinaryRules {
  const FormatOptions& options;
  bool is_cbor;
  char* (*text_head)(std::uint64_t size, char* out);
};

// The steps of a map with these fields. `path`: of the map, empty at the top. Errors name the
// column.
Result<std::vector<BinaryStep>> make_binary_members(
    const std::vector<const columnar::Field*>& fields, const std::string& path,
    const BinaryRules& rules);
// Sum of the bounds of the members of maps [begin, end), keys and heads included.
std::int64_t binary_members_bound(const std::vector<BinaryStep>& members, std::int64_t begin,
                                  std::int64_t end);

}  // namespace kinesink::format
