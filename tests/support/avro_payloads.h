// Rows as Avro, read back by AvroReader.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/avro_reader.h"
#include "tests/support/payloads.h"

namespace kinesink::test_support {

// The rows of a batch as text, or one error; `{"c":...}` is `...` alone. A payload must be the same
// with room to spare and with just enough.
inline std::vector<std::string> avro_rows(ArrowData batch, format::FormatOptions options = {}) {
  options.format = format::Format::avro;
  const Bound bound = bind(batch, options);
  if (!bound.error.empty()) return {bound.error};
  AvroReader reader(bound.serializer->schema_text());
  std::vector<std::string> rows;
  for (std::int64_t row = 0; row < bound.batch->length; ++row) {
    const std::string bytes = payload(bound, row);
    if (bytes.starts_with("invalid_data: ")) {
      rows.push_back(bytes);
      continue;
    }
    std::string text = reader.read(bytes);
    if (text.starts_with("{\"c\":")) text = text.substr(5, text.size() - 6);
    rows.push_back(std::move(text));
  }
  return rows;
}

// The values of one column.
inline std::vector<std::string> avro_values(ArrowData column,
                                            const format::FormatOptions& options = {}) {
  const std::int64_t length = column.array().length;
  return avro_rows(make_batch(length, std::move(column).named("c")), options);
}

// The type that a column `c` is given.
inline std::string avro_type(ArrowData column, format::FormatOptions options = {}) {
  options.format = format::Format::avro;
  const std::int64_t length = column.array().length;
  ArrowData batch = make_batch(length, std::move(column).named("c"));
  const Bound bound = bind(batch, options);
  if (!bound.error.empty()) return bound.error;
  const std::string text = bound.serializer->schema_text();
  simdjson::dom::parser parser;
  simdjson::dom::element schema;
  simdjson::dom::array fields;
  simdjson::dom::element type;
  if (parser.parse(text).get(schema) != simdjson::SUCCESS ||
      schema["fields"].get(fields) != simdjson::SUCCESS ||
      (*fields.begin())["type"].get(type) != simdjson::SUCCESS) {
    return "not a schema: " + text;
  }
  return simdjson::minify(type);
}

}  // namespace kinesink::test_support
