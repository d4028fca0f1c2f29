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
// and excluded, an empty choice, and a column whose extension type says nothing to a reader. Notes
// name the columns, nested ones by their path, of which the storage of an unknown one is written.
Result<Projection> project(const columnar::Schema& schema, const FormatOptions& options);

// The fields of those columns, in their order.
std::vector<const columnar::Field*> fields_of(const columnar::Schema& schema,
                                              const Projection& projection);

}  // namespace kinesink::format
