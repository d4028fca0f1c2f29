// Schemas of any bytes: refused, or written again and matched to columns without a fault.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "format/avro_match.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  using namespace kinesink::format;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto schema = parse_avro_schema(text);
  if (!schema) return 0;
  if (avro_canonical_form(*schema).empty() || avro_json(*schema, 2).empty()) std::abort();
  columnar::Field number;
  number.name = "a";
  number.type = columnar::TypeId::int64;
  columnar::Field object;
  object.name = "b";
  object.type = columnar::TypeId::structure;
  object.children = {number};
  std::vector<std::string> notes;
  const auto matched = match_record(*schema, {&number, &object}, notes);
  if (!matched && matched.error().message.empty()) std::abort();
  return 0;
}
