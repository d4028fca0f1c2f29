#include "format/json_describe.h"

namespace kinesink::format {
namespace {

using columnar::TypeId;

std::string since_1970(const JsonStep& step) {
  if (step.as_days || step.type == TypeId::date32) {
    if (step.kind == StepKind::int32 || step.as_days) return "days since 1970";
  }
  constexpr const char* kUnits[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  return std::string(kUnits[static_cast<int>(step.epoch_unit)]) + " since 1970";
}

bool counts_from_1970(const JsonStep& step) {
  return step.type == TypeId::timestamp || step.type == TypeId::date64 ||
         step.type == TypeId::date32;
}

std::string number(const JsonStep& step) {
  if (step.kind != StepKind::float_by_policy) return "number";
  return step.non_finite == NonFinite::string ? "number, or text if it is NaN or infinite"
                                              : "number, an error if it is NaN or infinite";
}

std::string decimal(const JsonStep& step) {
  if (step.decimal_encoding == DecimalEncoding::string) return "text, scale kept";
  if (step.decimal_encoding != DecimalEncoding::bytes) return "number, scale kept";
  const std::string_view encoding = step.decimal_bytes == BinaryEncoding::hex ? "hexadecimal"
                                    : step.decimal_bytes == BinaryEncoding::base64url ? "base64url"
                                                                                      : "base64";
  return std::string(encoding) + " of big-endian bytes";
}

}  // namespace

std::string written_as(const JsonStep& step) {
  switch (step.kind) {
    case StepKind::null:
      return "null";
    case StepKind::bool8:
    case StepKind::boolean:
      return "true or false";
    case StepKind::decimal:
      return decimal(step);
    case StepKind::utf8:
    case StepKind::large_utf8:
    case StepKind::bytes_as_text:
      return "text";
    case StepKind::bytes_as_json:
      return "JSON as it is";
    case StepKind::bytes_as_base64:
      return "base64 text";
    case StepKind::bytes_as_base64url:
      return "base64url text";
    case StepKind::bytes_as_hex:
      return "hexadecimal text";
    case StepKind::date32:
    case StepKind::date64:
    case StepKind::timestamp:
    case StepKind::timestamp_zoned:
    case StepKind::timestamp_digits:
      return "ISO 8601 text";
    case StepKind::epoch32:
    case StepKind::epoch64:
      return since_1970(step);
    case StepKind::time32:
    case StepKind::time64:
      return "HH:MM:SS text";
    case StepKind::time_millis:
      return "milliseconds of the day";
    case StepKind::duration:
    case StepKind::interval:
      return "ISO 8601 duration text";
    case StepKind::list:
    case StepKind::list_view:
      return "array";
    case StepKind::structure:
    case StepKind::map:
      return "object";
    case StepKind::map_pairs:
      return "array of keys and values";
    case StepKind::uuid:
      return "UUID text";
    case StepKind::one_of:
      return "the chosen member's value";
    case StepKind::run:
    case StepKind::dictionary:
      return written_as(step.children[0]);
    default:
      return counts_from_1970(step) ? since_1970(step) : number(step);
  }
}

std::vector<std::string> describe(std::span<const JsonStep> steps, std::span<const int> columns,
                                  std::size_t width) {
  std::vector<std::string> texts(width);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::string& text = texts[static_cast<std::size_t>(columns[i])];
    text = written_as(steps[i]);
    const std::string_view key = key_of(steps[i]);
    if (key.substr(1, key.size() - 2) != steps[i].path) text += ", key " + std::string(key);
  }
  return texts;
}

}  // namespace kinesink::format
