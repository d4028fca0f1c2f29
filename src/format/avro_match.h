// Arrow columns against an Avro schema: which field takes which column, and how.
#pragma once

#include <string>
#include <vector>

#include "format/avro_step.h"

namespace kinesink::format {

// How well a type takes the values of a column; of a union's branches the best is chosen.
enum class AvroFit : std::uint8_t {
  none,
  lossy,     // some values may be out of range, or lose digits behind their last one
  promoted,  // every value, by a wider type
  exact,
};

// Sets what `step` needs to write a column of that type, which is not nested, as that node.
AvroFit fit_leaf(const columnar::Field& field, const AvroNode& node, AvroStep& step);

// The steps of a record of these columns, in the order of the schema's fields. `step.source` is an
// index into `columns`. `notes`: what a user should know. Refuses, naming the column, what does
// not match: values may still be out of range, or null where there is no null.
Result<std::vector<AvroStep>> match_record(const AvroSchema& schema,
                                           const std::vector<const columnar::Field*>& columns,
                                           std::vector<std::string>& notes);

// The bytes of a field's default, or of null. Errors say what is wrong with it.
Result<std::string> encode_default(const AvroSchema& schema, AvroNodeIndex type,
                                   const std::string& json);

}  // namespace kinesink::format
