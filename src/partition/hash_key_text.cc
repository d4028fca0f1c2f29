// Explicit hash keys: decimal digits of a number of the 128-bit hash space
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html).

#include <cstring>

#include "kinesis/hash_key.h"
#include "kinesis/limits.h"
#include "partition/key_cell.h"
#include "partition/key_text.h"

namespace kinesink::partition {
namespace {

using columnar::Column;
using columnar::TypeId;

constexpr std::size_t kHashKeyBytes = 16;

static_assert(sizeof(KeyScratch) >= kinesis::kMaxExplicitHashKeyDigits);

KeyText digits_of(kinesis::HashKey key, KeyScratch& scratch) {
  return {KeyFault::none, {scratch.data(), kinesis::write_decimal(key, scratch.data())}};
}

KeyText from_text(std::string_view text) {
  if (!kinesis::parse_hash_key(text)) return {KeyFault::hash_text, {}};
  return {KeyFault::none, text};
}

KeyText from_bytes(std::string_view bytes, KeyScratch& scratch) {
  if (bytes.size() != kHashKeyBytes) return {KeyFault::hash_size, {}};
  kinesis::HashKey key = 0;
  for (const char byte : bytes) key = key << 8 | static_cast<unsigned char>(byte);
  return digits_of(key, scratch);
}

template <typename Integer>
KeyText from_integer(const Column& column, std::int64_t row, KeyScratch& scratch) {
  const auto value = column.value<Integer>(row);
  if constexpr (std::is_signed_v<Integer>) {
    if (value < 0) return {KeyFault::hash_negative, {}};
  }
  return digits_of(static_cast<kinesis::HashKey>(value), scratch);
}

// Two's complement, little endian.
KeyText from_decimal(const Column& column, std::int64_t row, int width, KeyScratch& scratch) {
  std::uint64_t limbs[4] = {};
  const auto* value = static_cast<const char*>(column.values) + (column.offset + row) * width;
  std::memcpy(limbs, value, static_cast<std::size_t>(width));
  if ((static_cast<unsigned char>(value[width - 1]) & 0x80) != 0)
    return {KeyFault::hash_negative, {}};
  if ((limbs[2] | limbs[3]) != 0) return {KeyFault::hash_too_large, {}};
  return digits_of(static_cast<kinesis::HashKey>(limbs[1]) << 64 | limbs[0], scratch);
}

KeyText hash_of_value(const Column& column, std::int64_t row, KeyScratch& scratch) {
  switch (column.field->type) {
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return from_text(column.bytes(row));
    case TypeId::int8:
      return from_integer<std::int8_t>(column, row, scratch);
    case TypeId::int16:
      return from_integer<std::int16_t>(column, row, scratch);
    case TypeId::int32:
      return from_integer<std::int32_t>(column, row, scratch);
    case TypeId::int64:
      return from_integer<std::int64_t>(column, row, scratch);
    case TypeId::uint8:
      return from_integer<std::uint8_t>(column, row, scratch);
    case TypeId::uint16:
      return from_integer<std::uint16_t>(column, row, scratch);
    case TypeId::uint32:
      return from_integer<std::uint32_t>(column, row, scratch);
    case TypeId::uint64:
      return from_integer<std::uint64_t>(column, row, scratch);
    case TypeId::decimal32:
      return from_decimal(column, row, 4, scratch);
    case TypeId::decimal64:
      return from_decimal(column, row, 8, scratch);
    case TypeId::decimal128:
      return from_decimal(column, row, 16, scratch);
    case TypeId::decimal256:
      return from_decimal(column, row, 32, scratch);
    default:
      return from_bytes(column.bytes(row), scratch);
  }
}

}  // namespace

bool can_be_hash_key(const columnar::Field& field) {
  switch (field.type) {
    case TypeId::int8:
    case TypeId::int16:
    case TypeId::int32:
    case TypeId::int64:
    case TypeId::uint8:
    case TypeId::uint16:
    case TypeId::uint32:
    case TypeId::uint64:
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
      return true;
    case TypeId::fixed_size_binary:
      return field.fixed_size == static_cast<std::int32_t>(kHashKeyBytes);
    case TypeId::decimal32:
    case TypeId::decimal64:
    case TypeId::decimal128:
    case TypeId::decimal256:
      return field.scale == 0;
    case TypeId::dictionary:
    case TypeId::run_end_encoded:
      return can_be_hash_key(field.children[0]);
    default:
      return false;
  }
}

KeyText hash_key_of(const Column& column, std::int64_t row, KeyScratch& scratch) {
  const KeyCell cell = resolve(column, row);
  if (cell.is_null) return {KeyFault::hash_null, {}};
  return hash_of_value(*cell.column, cell.row, scratch);
}

}  // namespace kinesink::partition
