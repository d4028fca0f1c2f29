// The schema of Kafka Connect's JSON converter
// (https://github.com/apache/kafka/tree/trunk/connect/json), for rows that are written under
// json.include_schema. It is made from the steps themselves, so that it cannot say anything else
// than what the rows hold.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "columnar/schema.h"
#include "format/json_step.h"

namespace kinesink::format {

struct ConnectStruct {
  std::string_view name;
  bool optional = false;
  std::string_view member = {};  // of what it is a member, if of anything
};

// `steps[i]` writes the column `columns[i]` of the schema. Errors name the column whose type
// Connect has nothing for.
Result<std::string> connect_schema(const columnar::Schema& schema, std::span<const int> columns,
                                   std::span<const JsonStep> steps, const ConnectStruct& about);

}  // namespace kinesink::format
