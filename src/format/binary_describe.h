// What inspect says of a column in MessagePack or CBOR.
#pragma once

#include <string>

#include "format/binary_step.h"

namespace kinesink::format {

// How the values of a step look, such as `milliseconds since 1970`.
std::string written_as(const BinaryStep& step, bool is_cbor);

}  // namespace kinesink::format
