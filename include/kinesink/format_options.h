// FormatOptions: what can be chosen about the payload of a record. docs/formats.md has each format;
// names, defaults and meanings stand in docs/options.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kinesink/choices.h"

namespace kinesink {

// Which instructions rows are written with; the payload is the same. For tests and measurements:
// the best is chosen by itself.
enum class Kernel : std::uint8_t { automatic, portable, avx2 };

// Of json and debezium_json; docs/formats/json.md says which can be combined.
struct JsonOptions {
  NaiveTimestamp naive_timestamp = NaiveTimestamp::as_is;
  TimestampDigits timestamp_digits = TimestampDigits::automatic;
  BinaryEncoding binary_encoding = BinaryEncoding::automatic;
  NonFinite non_finite = NonFinite::null;
  Nulls nulls = Nulls::write;
  KeyNaming key_naming = KeyNaming::as_is;
  InvalidJson invalid_json = InvalidJson::error;
  bool include_schema = false;  // {"schema":...,"payload":...}, as Kafka Connect's JsonConverter
  bool unstructured = false;    // the bare JSON of the column `value`
};

// Of debezium_json.
struct DebeziumOptions {
  bool ts_ms = false;                       // a member ts_ms, from ts_ms_column
  std::string ts_ms_column = "_timestamp";  // of timestamps
  std::string source = {};                  // JSON of a member source; empty: none
};

struct FormatOptions {
  Format format = Format::json;
  TimestampFormat timestamp_format = TimestampFormat::automatic;
  DecimalEncoding decimal_encoding = DecimalEncoding::automatic;
  JsonOptions json = {};
  DebeziumOptions debezium = {};
  NullValue null_value = NullValue::skip;
  MsgpackTimestamp msgpack_timestamp = MsgpackTimestamp::extension;
  CborDecimal cbor_decimal = CborDecimal::text;
  std::string csv_delimiter = ",";  // one character, or `tab`
  std::string csv_null = {};        // what a null is written as; text that is the same gets quotes
  bool csv_quote_all = false;       // all but nulls
  std::vector<std::string> include_columns = {};  // empty: all but `exclude_columns`
  std::vector<std::string> exclude_columns = {"_timestamp"};
  AvroEncoding avro_encoding = AvroEncoding::datum;
  std::string avro_schema_file = {};  // read by on_start into `avro_schema`
  std::string avro_schema = {};       // JSON; empty: derived from the columns
  std::string avro_record_name = "Row";
  std::string avro_namespace = {};
  AvroUint64 avro_uint64 = AvroUint64::integer;
  AvroDecimal avro_decimal = AvroDecimal::bytes;
  AvroDictionary avro_dictionary = AvroDictionary::value;
  AvroUuid avro_uuid = AvroUuid::string;
  std::uint32_t schema_id = 0;  // of the schema registry; 0: none
  Kernel kernel = Kernel::automatic;
};

}  // namespace kinesink
