// Partition keys: the texts that the JSON format writes, without quotes.

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "kinesis/limits.h"
#include "partition/key_cell.h"
#include "partition/key_text.h"

namespace kinesink::partition {
namespace {

using columnar::Column;
using columnar::Extension;
using columnar::TimeUnit;
using columnar::TypeId;

static_assert(sizeof(KeyScratch) >= columnar::kMaxDecimalText);
static_assert(sizeof(KeyScratch) >= columnar::kMaxTemporalText);
static_assert(sizeof(KeyScratch) >= columnar::kMaxIntervalText);
static_assert(sizeof(KeyScratch) == kinesis::kMaxPartitionKeyCharacters);

KeyText written(const KeyScratch& scratch, const char* end) {
  return {KeyFault::none, {scratch.data(), end}};
}

KeyText checked_length(std::string_view text) {
  if (text.empty()) return {KeyFault::empty, {}};
  if (text.size() > kinesis::kMaxPartitionKeyCharacters &&
      count_characters(text) > kinesis::kMaxPartitionKeyCharacters) {
    return {KeyFault::too_long, {}};
  }
  return {KeyFault::none, text};
}

KeyText hex(std::string_view bytes, KeyScratch& scratch) {
  if (bytes.empty()) return {KeyFault::empty, {}};
  if (bytes.size() > scratch.size() / 2) return {KeyFault::too_long, {}};
  return written(scratch, write_hex(bytes.data(), bytes.size(), scratch.data()));
}

template <typename Number, typename Write>
KeyText number(Number value, Write write, KeyScratch& scratch) {
  if (!std::isfinite(value)) return {KeyFault::not_finite, {}};
  return written(scratch, write(value, scratch.data()));
}

KeyText calendar(const Column& column, std::int64_t row, KeyScratch& scratch) {
  char* end = nullptr;
  switch (column.field->type) {
    case TypeId::date32:
      end = columnar::write_date(column.value<std::int32_t>(row), scratch.data());
      break;
    case TypeId::date64:
      end = columnar::write_timestamp(column.value<std::int64_t>(row), TimeUnit::millisecond,
                                      scratch.data());
      break;
    case TypeId::time32:
      end = columnar::write_time_of_day(column.value<std::int32_t>(row), column.field->unit,
                                        scratch.data());
      break;
    case TypeId::time64:
      end = columnar::write_time_of_day(column.value<std::int64_t>(row), column.field->unit,
                                        scratch.data());
      break;
    default:
      end = columnar::write_timestamp(column.value<std::int64_t>(row), column.field->unit,
                                      scratch.data());
      if (end != nullptr && !column.field->timezone.empty()) *end++ = 'Z';
      break;
  }
  if (end == nullptr) return {KeyFault::out_of_range, {}};
  return written(scratch, end);
}

KeyText decimal(const Column& column, std::int64_t row, int width, KeyScratch& scratch) {
  const auto* value = static_cast<const char*>(column.values) + (column.offset + row) * width;
  return written(scratch,
                 columnar::write_decimal(value, width, column.field->scale, scratch.data()));
}

template <typename Integer>
KeyText integer(const Column& column, std::int64_t row, KeyScratch& scratch) {
  const auto value = column.value<Integer>(row);
  if constexpr (std::is_signed_v<Integer>) {
    return written(scratch, columnar::write_integer(value, scratch.data()));
  } else {
    return written(scratch, columnar::write_unsigned(value, scratch.data()));
  }
}

KeyText integer_of_any_width(const Column& column, std::int64_t row, KeyScratch& scratch) {
  switch (column.field->type) {
    case TypeId::int8:
      return integer<std::int8_t>(column, row, scratch);
    case TypeId::int16:
      return integer<std::int16_t>(column, row, scratch);
    case TypeId::int32:
      return integer<std::int32_t>(column, row, scratch);
    case TypeId::int64:
      return integer<std::int64_t>(column, row, scratch);
    case TypeId::uint8:
      return integer<std::uint8_t>(column, row, scratch);
    case TypeId::uint16:
      return integer<std::uint16_t>(column, row, scratch);
    case TypeId::uint32:
      return integer<std::uint32_t>(column, row, scratch);
    default:
      return integer<std::uint64_t>(column, row, scratch);
  }
}

KeyText interval(const Column& column, std::int64_t row, KeyScratch& scratch) {
  return written(scratch, columnar::write_interval(column.interval(row), scratch.data()));
}

KeyText text_of(const Column& column, std::int64_t row, KeyScratch& scratch) {
  switch (column.field->type) {
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return checked_length(column.bytes(row));
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
    case TypeId::fixed_size_binary:
      return hex(column.bytes(row), scratch);
    case TypeId::boolean:
      return {KeyFault::none, column.boolean(row) ? "true" : "false"};
    case TypeId::float16:
      return number(columnar::widen_half(column.value<std::uint16_t>(row)), columnar::write_float,
                    scratch);
    case TypeId::float32:
      return number(column.value<float>(row), columnar::write_float, scratch);
    case TypeId::float64:
      return number(column.value<double>(row), columnar::write_double, scratch);
    case TypeId::decimal32:
      return decimal(column, row, 4, scratch);
    case TypeId::decimal64:
      return decimal(column, row, 8, scratch);
    case TypeId::decimal128:
      return decimal(column, row, 16, scratch);
    case TypeId::decimal256:
      return decimal(column, row, 32, scratch);
    case TypeId::date32:
    case TypeId::date64:
    case TypeId::time32:
    case TypeId::time64:
    case TypeId::timestamp:
      return calendar(column, row, scratch);
    case TypeId::duration:
      return written(scratch, columnar::write_duration(column.value<std::int64_t>(row),
                                                       column.field->unit, scratch.data()));
    case TypeId::interval_months:
    case TypeId::interval_day_time:
    case TypeId::interval_month_day_nano:
      return interval(column, row, scratch);
    default:
      return integer_of_any_width(column, row, scratch);
  }
}

// Values whose extension type has a text of its own.
KeyText text_of(const Column& column, std::int64_t row, Extension extension, KeyScratch& scratch) {
  if (extension == Extension::bool8) {
    return {KeyFault::none, column.value<std::int8_t>(row) != 0 ? "true" : "false"};
  }
  if (extension == Extension::uuid) {
    return written(scratch, columnar::write_uuid(column.fixed_bytes(row).data(), scratch.data()));
  }
  return text_of(column, row, scratch);
}

}  // namespace

bool can_be_partition_key(const columnar::Field& field) {
  switch (field.type) {
    case TypeId::null:
    case TypeId::list:
    case TypeId::large_list:
    case TypeId::list_view:
    case TypeId::large_list_view:
    case TypeId::fixed_size_list:
    case TypeId::structure:
    case TypeId::map:
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return false;
    case TypeId::dictionary:
    case TypeId::run_end_encoded:
      return can_be_partition_key(field.children[0]);
    default:
      return true;
  }
}

KeyText partition_key_of(const Column& column, std::int64_t row, KeyScratch& scratch) {
  const KeyCell cell = resolve(column, row);
  if (cell.is_null) return {KeyFault::null, {}};
  return text_of(*cell.column, cell.row, cell.extension, scratch);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace kinesink::partition
