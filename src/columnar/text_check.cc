#include "columnar/text_check.h"

#include <simdjson.h>

#include <algorithm>

namespace kinesink::columnar {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Names the first bad row, of those whose bytes are values.
Result<void> check_each_row(const Column& column, std::int64_t begin, const Scope* scope) {
  for (std::int64_t row = begin; row < column.length; ++row) {
    if (column.is_null(row) || is_utf8(column.bytes(row)) || !is_live(scope, row)) continue;
    return row_error(scope, *column.field, row, kNotUtf8);
  }
  return {};
}

// True if all rows together are valid UTF-8 and no row begins inside a character. Then every row is
// valid on its own.
template <typename Offset>
bool is_whole_utf8(const Column& column, std::int64_t begin) {
  const auto* offsets = static_cast<const std::uint8_t*>(column.offsets);
  const auto* bytes = static_cast<const char*>(column.values);
  const auto offset_of = [&](std::int64_t row) {
    return static_cast<std::int64_t>(load<Offset>(offsets, column.offset + row));
  };
  const std::int64_t first = offset_of(begin);
  const std::int64_t last = offset_of(column.length);
  const std::string_view all(bytes + first, static_cast<std::size_t>(last - first));
  if (is_ascii(all)) return true;
  if (!simdjson::validate_utf8(all.data(), all.size())) return false;
  std::int64_t rows = column.length;  // those at the end that begin behind the last byte: empty
  while (rows > begin && offset_of(rows) == last) --rows;
  bool inside = false;
  for (std::int64_t row = begin; row <= rows; ++row) {
    inside |= (static_cast<unsigned char>(bytes[offset_of(row)]) & 0xc0) == 0x80;
  }
  return !inside;
}

}  // namespace

bool is_ascii(std::string_view bytes) {
  constexpr std::size_t kBlock = 64;
  const char* data = bytes.data();
  const char* const end = data + bytes.size();
  std::uint64_t seen = 0;
  if (bytes.size() >= 8) {
    for (; end - data >= std::ptrdiff_t{kBlock}; data += kBlock) {
      for (int word = 0; word < 8; ++word) seen |= load<std::uint64_t>(data, word);
      if ((seen & kHighBits) != 0) return false;
    }
    for (; end - data > 8; data += 8) seen |= load<std::uint64_t>(data, 0);
    seen |= load<std::uint64_t>(end - 8, 0);  // the last word may overlap the one before
  } else if (bytes.size() >= 4) {
    seen = load<std::uint32_t>(data, 0) | load<std::uint32_t>(end - 4, 0);
  } else {
    for (; data != end; ++data) seen |= static_cast<unsigned char>(*data);
  }
  return (seen & kHighBits) == 0;
}

bool is_utf8(std::string_view bytes) {
  return is_ascii(bytes) || simdjson::validate_utf8(bytes.data(), bytes.size());
}

Result<void> check_text(const Column& column, std::int64_t begin, const Scope* scope) {
  if (begin >= column.length) return {};
  const bool is_valid = column.field->type == TypeId::utf8
                            ? is_whole_utf8<std::int32_t>(column, begin)
                            : is_whole_utf8<std::int64_t>(column, begin);
  return is_valid ? Result<void>() : check_each_row(column, begin, scope);
}

}  // namespace kinesink::columnar
