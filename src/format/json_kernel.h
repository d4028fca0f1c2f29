// The loop over the members of an object, in which rows spend their time: the commonest types are
// written there, all others by RowWriter. One for each instruction set, chosen at run time.
#pragma once

#include <cstdint>
#include <span>

#include "format/json_step.h"
#include "format/options.h"

namespace kinesink::format {

template <bool kChecked>
class RowWriter;

// Writes `,"name":value` for each member; returns the end, or nullptr if `writer` says why not.
// There must be room for what members_bound() says, and kRowSlack more. Strings may be read up to
// their step's readable_end.
using WriteMembers = char* (*)(RowWriter<false>& writer, std::span<JsonStep> members,
                               std::int64_t row, char* out);

// automatic: the best that this processor has. Another one: nullptr if it lacks the instructions.
WriteMembers members_kernel(Kernel kernel);

}  // namespace kinesink::format
