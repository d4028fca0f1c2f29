// Which columns a text format writes.
#pragma once

#include <string>
#include <vector>

#include "columnar/schema.h"
#include "format/options.h"

namespace kinesink::format {

struct Projection {
  std::vector<int> columns;        // indices into the schema, rising
  std::vector<std::string> notes;  // what a user should know
};

// Refuses names that no column has (but for the names excluded by default), a name both included
// and excluded, and an empty choice.
Result<Projection> project(const columnar::Schema& schema, const FormatOptions& options);

}  // namespace kinesink::format
