// The text of one cell as a partition key or as an explicit hash key. Cells of a dictionary count
// as the values they stand for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "columnar/column.h"
#include "columnar/text.h"

namespace kinesink::partition {

// Why a cell is no key.
enum class KeyFault : std::uint8_t {
  none,
  null,
  empty,
  too_long,
  not_finite,
  out_of_range,
  hash_null,
  hash_text,
  hash_negative,
  hash_too_large,
  hash_size,
};
std::string_view describe(KeyFault fault);

struct KeyText {
  KeyFault fault = KeyFault::none;
  std::string_view text;  // into the batch or into the scratch space
};

// Room for the text of whatever is not text itself; hex digits of binaries are the longest, as long
// as a key may be.
using KeyScratch = std::array<char, 256>;

bool can_be_partition_key(const columnar::Field& field);
bool can_be_hash_key(const columnar::Field& field);
// The column's field must have passed the check above.
KeyText partition_key_of(const columnar::Column& column, std::int64_t row, KeyScratch& scratch);
KeyText hash_key_of(const columnar::Column& column, std::int64_t row, KeyScratch& scratch);

// Unicode characters of valid UTF-8.
std::size_t count_characters(std::string_view text);

}  // namespace kinesink::partition
