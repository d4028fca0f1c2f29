#include "columnar/source.h"

#include <array>
#include <limits>

namespace kinesink::columnar {
namespace {

// Most elements of an array, offset included: their byte positions fit 64 bits at any fixed width
// that is known beforehand.
constexpr std::int64_t kMaxElements = std::numeric_limits<std::int64_t>::max() / 64;

// What an empty buffer points to, so that no arithmetic is done on a null pointer.
constexpr std::array<std::uint8_t, 16> kNoBytes = {};

std::int64_t buffers_of(TypeId type) {
  switch (type) {
    case TypeId::null:
    case TypeId::run_end_encoded:
      return 0;
    case TypeId::structure:
    case TypeId::fixed_size_list:
    case TypeId::sparse_union:
      return 1;
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::list_view:
    case TypeId::large_list_view:
      return 3;
    default:
      return 2;
  }
}

std::int64_t children_of(const Source& source) {
  switch (source.type()) {
    case TypeId::structure:
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return static_cast<std::int64_t>(source.field.children.size());
    case TypeId::run_end_encoded:
      return 2;
    case TypeId::list:
    case TypeId::large_list:
    case TypeId::list_view:
    case TypeId::large_list_view:
    case TypeId::fixed_size_list:
    case TypeId::map:
      return 1;
    default:
      return 0;
  }
}

// Types without a validity bitmap.
bool has_no_nulls_itself(TypeId type) {
  return type == TypeId::sparse_union || type == TypeId::dense_union ||
         type == TypeId::run_end_encoded;
}

std::string counted(std::string_view what, std::int64_t have, std::int64_t want) {
  return "The array has " + std::to_string(have) + " " + std::string(what) + " instead of " +
         std::to_string(want) + ".";
}

bool has_null(const std::uint8_t* validity, std::int64_t first, std::int64_t count) {
  std::int64_t bit = first;
  const std::int64_t last = first + count;
  const auto is_set = [&](std::int64_t at) { return (validity[at >> 3] >> (at & 7) & 1) != 0; };
  for (; bit < last && (bit & 7) != 0; ++bit) {
    if (!is_set(bit)) return true;
  }
  for (; last - bit >= 64; bit += 64) {
    if (load<std::uint64_t>(validity + (bit >> 3), 0) != ~std::uint64_t{0}) return true;
  }
  for (; bit < last; ++bit) {
    if (!is_set(bit)) return true;
  }
  return false;
}

// Counts and pointers that every array has, whatever its type.
Result<void> check_frame(const Source& source) {
  const ArrowArray& array = source.array;
  if (array.release == nullptr) return source.error("The Arrow array was released already.");
  if (array.length < 0) return source.error("The array's length is negative.");
  if (array.offset < 0) return source.error("The array's offset is negative.");
  if (array.length > kMaxElements || array.offset > kMaxElements - array.length) {
    return source.error("The array's offset and length are too large.");
  }
  if (array.null_count < -1 || array.null_count > array.length) {
    return source.error("The array's null count lies outside -1 to its length.");
  }
  if (array.n_buffers < 0 || (array.n_buffers > 0 && array.buffers == nullptr)) {
    return source.error("The array's buffers are missing.");
  }
  if (array.n_children != children_of(source)) {
    return source.error(counted("children", array.n_children, children_of(source)));
  }
  for (std::int64_t i = 0; i < array.n_children; ++i) {
    if (array.children == nullptr || array.children[i] == nullptr) {
      return source.error("The array has a child that is null.");
    }
  }
  if ((array.dictionary != nullptr) != (source.type() == TypeId::dictionary)) {
    return source.error(array.dictionary == nullptr
                            ? "The array lacks its dictionary."
                            : "The array has a dictionary that the schema does not name.");
  }
  return {};
}

Result<void> check_buffer_count(const Source& source) {
  const std::int64_t count = source.array.n_buffers;
  const TypeId type = source.type();
  if (type == TypeId::utf8_view || type == TypeId::binary_view) {
    if (count < 3) return source.error(counted("buffers", count, 3));
  } else if (count != buffers_of(type)) {
    return source.error(counted("buffers", count, buffers_of(type)));
  }
  return {};
}

}  // namespace

Result<void> bind_frame(const Source& source, Column& column) {
  KINESINK_TRY(check_frame(source));
  KINESINK_TRY(check_buffer_count(source));
  const ArrowArray& array = source.array;
  const Slice& slice = source.slice;
  if (slice.base > array.length || slice.end > array.length - slice.base) {
    return source.error("The array has " + std::to_string(array.length) + " elements where " +
                        std::to_string(slice.base + slice.end) + " are needed.");
  }
  column.field = &source.field;
  // Of an empty slice nothing may be read, so it is shown as no rows of no buffers.
  column.first = slice.empty() ? 0 : slice.begin;
  column.length = slice.empty() ? 0 : slice.end;
  column.offset = slice.empty() ? 0 : array.offset + slice.base;
  column.validity = nullptr;
  column.values = kNoBytes.data();
  column.offsets = nullptr;
  column.variadic = {};
  if (source.type() == TypeId::null || slice.empty() || array.null_count == 0) return {};
  if (has_no_nulls_itself(source.type())) {
    if (array.null_count < 0) return {};
    return source.error("The array counts nulls, which its type has only in its children.");
  }
  const auto* validity = static_cast<const std::uint8_t*>(array.buffers[0]);
  if (validity == nullptr) {
    if (array.null_count > 0) return source.error("The array has nulls but no validity bitmap.");
    return {};
  }
  if (has_null(validity, column.offset + slice.begin, slice.end - slice.begin)) {
    column.validity = validity;
  }
  return {};
}

Result<void> bind_values(const Source& source, Column& column) {
  if (source.slice.empty()) return {};
  if (source.field.type == TypeId::fixed_size_binary) {
    const std::int64_t size = source.field.fixed_size;
    if (size == 0) return {};
    if (column.offset + column.length > std::numeric_limits<std::int64_t>::max() / size) {
      return source.error("The array's offset and length are too large.");
    }
  }
  if (source.array.buffers[1] == nullptr) return source.error("The array lacks its values buffer.");
  column.values = source.array.buffers[1];
  return {};
}

}  // namespace kinesink::columnar
