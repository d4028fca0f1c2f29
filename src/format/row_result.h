// What became of a row.
#pragma once

#include <cstdint>

namespace kinesink::format {

enum class RowStatus : std::uint8_t {
  written,  // [begin, end) holds the payload
  skipped,  // a documented policy leaves this row out
  no_room,  // the payload does not fit before the limit; nothing is to be kept
  invalid,  // the row cannot be expressed; error() says why
};

struct RowResult {
  RowStatus status;
  std::uint8_t* end;
};

}  // namespace kinesink::format
