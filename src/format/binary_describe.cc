#include "format/binary_describe.h"

namespace kinesink::format {
namespace {

using columnar::TypeId;

std::string since_1970(const BinaryStep& step) {
  constexpr const char* kUnits[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  return std::string(kUnits[static_cast<int>(step.epoch_unit)]) + " since 1970";
}

std::string time(const BinaryStep& step, bool is_cbor) {
  switch (step.kind) {
    case BinaryKind::date_text:
      return is_cbor ? "tag 1004, ISO 8601 text" : "ISO 8601 text";
    case BinaryKind::date_epoch:
    case BinaryKind::timestamp_epoch:
      return since_1970(step);
    case BinaryKind::time32_text:
    case BinaryKind::time64_text:
      return "HH:MM:SS text";
    case BinaryKind::instant:
      return is_cbor ? "tag 0, RFC 3339 text" : "timestamp extension";
    case BinaryKind::instant_text:
      return "RFC 3339 text";
    case BinaryKind::duration_text:
    case BinaryKind::interval_text:
      return "ISO 8601 duration text";
    default:
      return "ISO 8601 text";
  }
}

bool counts_from_1970(const BinaryStep& step) {
  return step.type == TypeId::timestamp || step.type == TypeId::date64;
}

}  // namespace

std::string written_as(const BinaryStep& step, bool is_cbor) {
  switch (step.kind) {
    case BinaryKind::null:
      return is_cbor ? "null" : "nil";
    case BinaryKind::boolean:
    case BinaryKind::bool8:
      return "true or false";
    case BinaryKind::int8:
    case BinaryKind::int16:
    case BinaryKind::int32:
    case BinaryKind::int64:
    case BinaryKind::uint8:
    case BinaryKind::uint16:
    case BinaryKind::uint32:
    case BinaryKind::uint64:
      return counts_from_1970(step) ? since_1970(step) : "integer";
    case BinaryKind::float16:
      return is_cbor ? "half" : "float 32";
    case BinaryKind::float32:
      return is_cbor ? "single" : "float 32";
    case BinaryKind::float64:
      return is_cbor ? "double" : "float 64";
    case BinaryKind::decimal_text:
      return "text, scale kept";
    case BinaryKind::decimal_fraction:
      return "tag 4, decimal fraction";
    case BinaryKind::utf8:
    case BinaryKind::large_utf8:
    case BinaryKind::text:
      return "text";
    case BinaryKind::bytes:
      return is_cbor ? "byte string" : "bin";
    case BinaryKind::uuid:
      return is_cbor ? "tag 37, byte string" : "bin";
    case BinaryKind::list:
      return "array";
    case BinaryKind::structure:
    case BinaryKind::map:
      return "map";
    case BinaryKind::dictionary:
    case BinaryKind::run:
      return written_as(step.children[0], is_cbor);
    case BinaryKind::one_of:
      return "the chosen member's value";
    default:
      return time(step, is_cbor);
  }
}

}  // namespace kinesink::format
