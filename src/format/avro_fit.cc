// Which Avro types take the values of an Arrow type that is not nested.
#include <algorithm>
#include <limits>

#include "format/avro_bytes.h"
#include "format/avro_match.h"
#include "format/avro_types.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::Field;
using columnar::TimeUnit;
using columnar::TypeId;
using Kind = AvroStepKind;

constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

AvroFit set(AvroStep& step, Kind kind, AvroFit fit) {
  step.kind = kind;
  return fit;
}

struct IntegerType {
  TypeId type;
  Kind kind;
  int value_bits;  // without the sign
  bool is_signed;
  std::int32_t digits;
};
constexpr IntegerType kIntegers[] = {
    {TypeId::int8, Kind::int8, 7, true, 3},        {TypeId::int16, Kind::int16, 15, true, 5},
    {TypeId::int32, Kind::int32, 31, true, 10},    {TypeId::int64, Kind::int64, 63, true, 19},
    {TypeId::uint8, Kind::uint8, 8, false, 3},     {TypeId::uint16, Kind::uint16, 16, false, 5},
    {TypeId::uint32, Kind::uint32, 32, false, 10}, {TypeId::uint64, Kind::scaled, 64, false, 20}};

AvroFit fit_integer(const IntegerType& integer, const AvroNode& node, AvroStep& step) {
  const AvroFit as_it_is = node.logical_type.empty() ? AvroFit::exact : AvroFit::promoted;
  switch (node.type) {
    case AvroType::int32:
      if (integer.value_bits <= 31) return set(step, integer.kind, as_it_is);
      step.least = integer.is_signed ? kInt32Min : 0;
      step.most = kInt32Max;
      return set(step, Kind::scaled, AvroFit::lossy);
    case AvroType::int64:
      // A uint64 above the largest long is seen as a negative number.
      if (integer.type == TypeId::uint64) step.least = 0;
      return set(step, integer.kind, integer.value_bits > 31 ? as_it_is : AvroFit::promoted);
    case AvroType::float32:
      step.least = integer.is_signed ? -(std::int64_t{1} << 24) : 0;
      step.most = std::int64_t{1} << 24;
      return set(step, Kind::integer_as_float32,
                 integer.value_bits <= 24 ? AvroFit::promoted : AvroFit::lossy);
    case AvroType::float64:
      step.least = integer.is_signed ? -(std::int64_t{1} << 53) : 0;
      step.most = std::int64_t{1} << 53;
      return set(step, Kind::integer_as_float64,
                 integer.value_bits <= 53 ? AvroFit::promoted : AvroFit::lossy);
    default:
      if (node.logical_type != "decimal" || node.scale > kMaxDecimalShift) return AvroFit::none;
      step.size = node.size;
      step.shift = node.scale;
      step.digits = node.precision - node.scale;
      return set(step, Kind::integer_as_decimal,
                 step.digits >= integer.digits ? AvroFit::promoted : AvroFit::lossy);
  }
}

AvroFit fit_decimal(const Field& field, const AvroNode& node, AvroStep& step) {
  const std::int32_t shift = node.scale - field.scale;
  if (node.logical_type != "decimal" || shift < 0 || shift > kMaxDecimalShift) return AvroFit::none;
  step.size = node.size;
  step.shift = shift;
  step.width = field.type == TypeId::decimal32    ? 4
               : field.type == TypeId::decimal64  ? 8
               : field.type == TypeId::decimal128 ? 16
                                                  : 32;
  step.digits = std::min(field.precision, node.precision - shift);
  if (step.digits < 1) return AvroFit::none;
  const bool is_exact = step.digits == field.precision && (shift == 0 || field.scale < 0);
  return set(step, Kind::decimal,
             is_exact                         ? AvroFit::exact
             : step.digits == field.precision ? AvroFit::promoted
                                              : AvroFit::lossy);
}

Kind kind_of_bytes(TypeId type) {
  switch (type) {
    case TypeId::utf8:
    case TypeId::binary:
      return Kind::bytes;
    case TypeId::large_utf8:
    case TypeId::large_binary:
      return Kind::large_bytes;
    default:
      return Kind::other_bytes;
  }
}

AvroFit fit_text(const Field& field, const AvroNode& node, AvroStep& step) {
  switch (node.type) {
    case AvroType::string:
      if (node.logical_type == "uuid") return set(step, Kind::text_as_uuid, AvroFit::promoted);
      return set(step, kind_of_bytes(field.type), AvroFit::exact);
    case AvroType::bytes:
      if (!node.logical_type.empty()) return AvroFit::none;
      return set(step, kind_of_bytes(field.type), AvroFit::promoted);
    case AvroType::enumeration:
      return set(step, Kind::symbol, AvroFit::promoted);
    default:
      return AvroFit::none;
  }
}

AvroFit fit_binary(const Field& field, const AvroNode& node, AvroStep& step) {
  if (node.logical_type == "decimal") return AvroFit::none;
  const bool is_fixed = field.type == TypeId::fixed_size_binary;
  switch (node.type) {
    case AvroType::bytes:
      return set(step, kind_of_bytes(field.type), is_fixed ? AvroFit::promoted : AvroFit::exact);
    case AvroType::string:
      return is_uuid(field) ? set(step, Kind::uuid_as_text, AvroFit::exact) : AvroFit::none;
    case AvroType::fixed:
      if (is_fixed && node.size != static_cast<std::uint32_t>(field.fixed_size))
        return AvroFit::none;
      step.size = node.size;
      return set(step, Kind::fixed, is_fixed ? AvroFit::exact : AvroFit::lossy);
    default:
      return AvroFit::none;
  }
}

AvroFit fit_floating(TypeId type, const AvroNode& node, AvroStep& step) {
  if (node.type == AvroType::float32) {
    if (type == TypeId::float16) return set(step, Kind::float16, AvroFit::exact);
    return type == TypeId::float32 ? set(step, Kind::float32, AvroFit::exact) : AvroFit::none;
  }
  if (node.type != AvroType::float64) return AvroFit::none;
  if (type == TypeId::float64) return set(step, Kind::float64, AvroFit::exact);
  return set(step, type == TypeId::float32 ? Kind::float32_as_float64 : Kind::float16_as_float64,
             AvroFit::promoted);
}

// From `from` a second to `to` a second: exactly if `to` is larger, else rounded down.
AvroFit scale(std::int64_t from, std::int64_t to, AvroStep& step) {
  if (to >= from) {
    step.factor = to / from;
    step.least = std::max(step.least, std::numeric_limits<std::int64_t>::min() / step.factor);
    step.most = std::min(step.most, std::numeric_limits<std::int64_t>::max() / step.factor);
    return set(step, Kind::scaled, AvroFit::exact);
  }
  step.divisor = from / to;
  return set(step, Kind::scaled, AvroFit::lossy);
}

// By the ending of a logical type; 0: none of ours.
std::int64_t per_second(std::string_view logical_type) {
  if (logical_type.ends_with("-seconds")) return 1;
  if (logical_type.ends_with("-millis")) return 1'000;
  if (logical_type.ends_with("-micros")) return 1'000'000;
  return logical_type.ends_with("-nanos") ? 1'000'000'000 : 0;
}

AvroFit fit_date(TypeId type, const AvroNode& node, AvroStep& step) {
  if (type == TypeId::date32) {
    if (node.type == AvroType::int32 && (node.logical_type.empty() || node.logical_type == "date"))
      return set(step, Kind::int32, node.logical_type.empty() ? AvroFit::promoted : AvroFit::exact);
    return AvroFit::none;
  }
  if (node.type == AvroType::int32 && node.logical_type == "date") {
    step.least = kInt32Min * kMillisPerDay;
    step.most = kInt32Max * kMillisPerDay;
    step.divisor = kMillisPerDay;
    step.exact = true;
    return set(step, Kind::scaled, AvroFit::exact);
  }
  const bool is_millis = node.logical_type.empty() || node.logical_type == "local-timestamp-millis";
  if (node.type == AvroType::int64 && is_millis) return set(step, Kind::int64, AvroFit::promoted);
  return AvroFit::none;
}

AvroFit fit_time(const Field& field, const AvroNode& node, AvroStep& step) {
  const std::int64_t from = format::per_second(field.unit);
  step.least = 0;
  step.most = kSecondsPerDay * from - 1;
  if (node.logical_type.starts_with("time-"))
    return scale(from, per_second(node.logical_type), step);
  const bool fits = node.type == AvroType::int64 ||
                    (node.type == AvroType::int32 && field.type == TypeId::time32);
  if (!fits || !node.logical_type.empty()) return AvroFit::none;
  return set(step, Kind::scaled, AvroFit::promoted);
}

AvroFit fit_timestamp(const Field& field, const AvroNode& node, AvroStep& step) {
  if (node.type != AvroType::int64) return AvroFit::none;
  if (node.logical_type.empty()) return set(step, Kind::int64, AvroFit::promoted);
  const bool is_local = node.logical_type.starts_with("local-timestamp-");
  if (!is_local && !node.logical_type.starts_with("timestamp-")) return AvroFit::none;
  if (is_local && !field.timezone.empty()) return AvroFit::none;
  const std::int64_t from = format::per_second(field.unit);
  const std::int64_t to = per_second(node.logical_type);
  const bool says_more = !is_local && field.timezone.empty();
  const AvroFit fit = from == to ? set(step, Kind::int64, AvroFit::exact) : scale(from, to, step);
  return says_more ? std::min(fit, AvroFit::promoted) : fit;
}

AvroFit fit_duration(const Field& field, const AvroNode& node, AvroStep& step) {
  if (node.type != AvroType::int64) return AvroFit::none;
  if (node.logical_type.empty()) return set(step, Kind::int64, AvroFit::promoted);
  if (!node.logical_type.starts_with("arrow.duration-")) return AvroFit::none;
  const std::int64_t from = format::per_second(field.unit);
  const std::int64_t to = per_second(node.logical_type);
  return from == to ? set(step, Kind::int64, AvroFit::exact) : scale(from, to, step);
}

}  // namespace

AvroFit fit_leaf(const Field& field, const AvroNode& node, AvroStep& step) {
  step.type = field.type;
  if (is_bool8(field) && node.type == AvroType::boolean)
    return set(step, Kind::bool8, AvroFit::exact);
  if (is_interval(field.type)) {
    if (node.logical_type != "duration") return AvroFit::none;
    return set(step, Kind::interval, AvroFit::exact);
  }
  for (const IntegerType& integer : kIntegers) {
    if (integer.type == field.type) return fit_integer(integer, node, step);
  }
  switch (field.type) {
    case TypeId::null:
      return node.type == AvroType::null ? AvroFit::exact : AvroFit::none;
    case TypeId::boolean:
      if (node.type != AvroType::boolean) return AvroFit::none;
      return set(step, Kind::boolean, AvroFit::exact);
    case TypeId::float16:
    case TypeId::float32:
    case TypeId::float64:
      return fit_floating(field.type, node, step);
    case TypeId::decimal32:
    case TypeId::decimal64:
    case TypeId::decimal128:
    case TypeId::decimal256:
      return fit_decimal(field, node, step);
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return fit_text(field, node, step);
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
    case TypeId::fixed_size_binary:
      return fit_binary(field, node, step);
    case TypeId::date32:
    case TypeId::date64:
      return fit_date(field.type, node, step);
    case TypeId::time32:
    case TypeId::time64:
      return fit_time(field, node, step);
    case TypeId::timestamp:
      return fit_timestamp(field, node, step);
    case TypeId::duration:
      return fit_duration(field, node, step);
    default:
      return AvroFit::none;
  }
}

}  // namespace kinesink::format
