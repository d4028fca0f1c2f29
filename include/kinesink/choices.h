// The closed choices that options offer, each with its spelling in docs/options.md.
#pragma once

#include <cstdint>

namespace kinesink {

enum class Format : std::uint8_t { json, raw_string, raw_bytes };
enum class TimestampFormat : std::uint8_t { rfc3339, unix_millis };
enum class DecimalEncoding : std::uint8_t { number, string, bytes };
// raw_string, raw_bytes: what becomes of a row whose `value` is null.
enum class NullValue : std::uint8_t { skip, empty, error };
// What stands around each row of a record: nothing, a line end behind it, or its length before it
// (4 bytes, big endian).
enum class Framing : std::uint8_t { none, newline, length_prefixed };
enum class PartitionKey : std::uint8_t { random, uuid, constant, column };
// What becomes of a null, empty or over-long key.
enum class OnBadKey : std::uint8_t { reject, random };
// What becomes of a row that cannot be stored.
enum class OnReject : std::uint8_t { fail, dead_letter };

}  // namespace kinesink
