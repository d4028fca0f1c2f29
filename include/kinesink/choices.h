// The closed choices that options offer, each with its spelling in docs/options.md.
#pragma once

#include <cstdint>

namespace kinesink {

enum class Format : std::uint8_t {
  json,
  raw_string,
  raw_bytes,
  debezium_json,
  avro,
  msgpack,
  cbor,
  csv,
};
// automatic: rfc3339, but unix_millis in debezium_json and under a schema.
enum class TimestampFormat : std::uint8_t {
  automatic,
  rfc3339,
  unix_seconds,
  unix_millis,
  unix_micros,
  unix_nanos,
};
// automatic: number, but bytes in debezium_json and under a schema.
enum class DecimalEncoding : std::uint8_t { automatic, number, string, bytes };
// Timestamps without a zone: as they are, or as instants of UTC.
enum class NaiveTimestamp : std::uint8_t { as_is, utc };
// Digits of a fraction of a second; automatic: as many of 0, 3, 6, 9 as the value needs.
enum class TimestampDigits : std::uint8_t { automatic, none, three, six, nine };
// automatic: base64, but hex for binaries of fixed size.
enum class BinaryEncoding : std::uint8_t { automatic, base64, base64url, hex };
// NaN and infinities.
enum class NonFinite : std::uint8_t { null, string, error };
enum class Nulls : std::uint8_t { write, omit };
enum class KeyNaming : std::uint8_t { as_is, snake_case, camel_case };
// What becomes of a value of a JSON column that is not JSON.
enum class InvalidJson : std::uint8_t { error, null, string };
// msgpack: what a timestamp with a zone is written as.
enum class MsgpackTimestamp : std::uint8_t { extension, text };
// cbor: what a decimal is written as.
enum class CborDecimal : std::uint8_t { text, decimal_fraction };
// raw_string, raw_bytes: what becomes of a row whose `value` is null.
enum class NullValue : std::uint8_t { skip, empty, error };
// What stands around each row of a record: nothing, a line end behind it, or its length before it
// (4 bytes, big endian).
enum class Framing : std::uint8_t { none, newline, length_prefixed };
// avro: what stands around a datum; how a value is written for which Avro has no one type.
enum class AvroEncoding : std::uint8_t { datum, confluent, single_object, container };
enum class AvroUint64 : std::uint8_t { integer, decimal };
enum class AvroDecimal : std::uint8_t { bytes, fixed };
enum class AvroDictionary : std::uint8_t { value, enumeration };
enum class AvroUuid : std::uint8_t { string, fixed };
enum class PartitionKey : std::uint8_t { random, uuid, constant, column };
// What becomes of a null, empty or over-long key.
enum class OnBadKey : std::uint8_t { reject, random };
// What becomes of a row that cannot be stored.
enum class OnReject : std::uint8_t { fail, dead_letter };

}  // namespace kinesink
