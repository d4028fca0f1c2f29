// What options change about the steps of a JSON plan. A row is written by what stands in its steps:
// no option is looked at again.
#pragma once

#include <string>

#include "columnar/schema.h"
#include "format/json_step.h"
#include "format/options.h"

namespace kinesink::format {

// Options of json and debezium_json without `automatic` among timestamp_format and
// decimal_encoding. Refuses those that contradict each other, naming both.
Result<FormatOptions> resolve_json_options(FormatOptions options);

// Changes a step that was made for no option at all. `options`: resolved.
void choose(const columnar::Field& field, const FormatOptions& options, JsonStep& step);
// The time zone that the step's text needs; empty: none.
std::string zone_of(const columnar::Field& field, const FormatOptions& options,
                    const JsonStep& step);

}  // namespace kinesink::format
