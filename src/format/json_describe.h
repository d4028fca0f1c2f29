// What inspect says of each column.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "format/json_step.h"

namespace kinesink::format {

// How the values of a step look, such as `milliseconds since 1970`.
std::string written_as(const JsonStep& step);
// For each of `width` columns of a batch: how it is written, and its key if that is not its name;
// empty: it is left out. `steps[i]` writes the column `columns[i]`.
std::vector<std::string> describe(std::span<const JsonStep> steps, std::span<const int> columns,
                                  std::size_t width);

}  // namespace kinesink::format
