// The schema that a user gives in a file, read when a sink starts.
#pragma once

#include "kinesink/format_options.h"
#include "kinesink/result.h"

namespace kinesink::sink {

// Reads avro.schema_file into avro.schema, and checks that it is a schema. The name is then empty.
Result<void> load_schema(FormatOptions& options);

}  // namespace kinesink::sink
