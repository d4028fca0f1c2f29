// An Avro schema (https://avro.apache.org/docs/1.12.0/specification/): read from its JSON, made
// from Arrow columns, and written as JSON, in canonical form and as a fingerprint.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/schema.h"
#include "format/options.h"

namespace kinesink::format {

enum class AvroType : std::uint8_t {
  null,
  boolean,
  int32,    // "int"
  int64,    // "long"
  float32,  // "float"
  float64,  // "double"
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  fixed,
  alternatives,  // a union
};

std::string_view name_of(AvroType type);

// Place of a node in AvroSchema::nodes. A named type is one node however often it is named, so that
// a schema may refer to itself.
using AvroNodeIndex = std::uint32_t;

struct AvroField {
  std::string name;
  std::vector<std::string> aliases;
  std::string doc;
  std::optional<std::string> default_value;  // JSON
  AvroNodeIndex type = 0;
};

struct AvroNode {
  AvroType type = AvroType::null;
  std::string logical_type;  // empty: none, or one that its type does not allow
  std::string name;          // of record, enumeration and fixed, with its namespace
  std::int32_t precision = 0;
  std::int32_t scale = 0;
  std::uint32_t size = 0;  // of fixed
  std::vector<std::string> symbols;
  std::vector<AvroField> fields;
  std::vector<AvroNodeIndex> children;  // array: items; map: values; alternatives: its branches
};

struct AvroSchema {
  std::vector<AvroNode> nodes;
  AvroNodeIndex root = 0;

  const AvroNode& at(AvroNodeIndex index) const { return nodes[index]; }
  AvroNodeIndex add(AvroNode node) {
    nodes.push_back(std::move(node));
    return static_cast<AvroNodeIndex>(nodes.size() - 1);
  }
};

inline constexpr std::uint32_t kAvroDurationSize = 12;
inline constexpr std::uint32_t kAvroUuidSize = 16;

// True for [A-Za-z_][A-Za-z0-9_]*.
bool is_avro_name(std::string_view name);
// Digits that a decimal in fixed of that many bytes may have.
std::int32_t decimal_digits_of(std::uint32_t bytes);

// Reads the JSON of a schema (.avsc). Errors say what is wrong, and in which type or field.
Result<AvroSchema> parse_avro_schema(std::string_view json);

// The schema of rows with these columns. `notes`: what a user should know, such as changed names.
// Refuses what Avro cannot hold, naming the column. Enumerations have no symbols yet.
Result<AvroSchema> derive_avro_schema(const std::vector<const columnar::Field*>& columns,
                                      const FormatOptions& options,
                                      std::vector<std::string>& notes);

// The schema as JSON; `indent`: spaces of a level, 0: all in one line without white space.
std::string avro_json(const AvroSchema& schema, int indent);
// https://avro.apache.org/docs/1.12.0/specification/#parsing-canonical-form-for-schemas
std::string avro_canonical_form(const AvroSchema& schema);
// CRC-64-AVRO of the canonical form.
std::uint64_t avro_fingerprint(const AvroSchema& schema);
std::uint64_t crc64_avro(std::string_view bytes);

}  // namespace kinesink::format
