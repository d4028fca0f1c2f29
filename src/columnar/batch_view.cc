// view_batch: one walk over the ArrowArray that checks and binds.
//
// nanoarrow reads the schema (schema.cc). Its array view is not used here: it allocates per batch,
// looks at whole arrays instead of the slice in use, and leaves UTF-8 and the places that string
// views point to unchecked.

#include <algorithm>
#include <exception>
#include <limits>
#include <string>

#include "columnar/column.h"
#include "columnar/scattered.h"
#include "columnar/source.h"
#include "columnar/text_check.h"

namespace kinesink::columnar {
namespace {

Result<void> view_column(const Source& source, Column& column);

template <typename Offset>
Result<void> view_bytes(const Source& source, Column& column) {
  KINESINK_ASSIGN(const Column::Range range, bind_offsets<Offset>(source, column));
  if (source.array.buffers[2] != nullptr) {
    column.values = source.array.buffers[2];
  } else if (range.end > 0) {
    return source.error("The array lacks its data buffer.");
  }
  return {};
}

// String and binary views. Buffers: validity, elements, data..., sizes of the data buffers. Text is
// checked here and now, since a view under a null parent may point anywhere.
Result<void> view_views(const Source& source, Column& column) {
  if (source.slice.empty()) return {};
  KINESINK_TRY(bind_values(source, column));
  const ArrowArray& array = source.array;
  const std::int64_t count = array.n_buffers - 3;
  column.variadic = {array.buffers + 2, static_cast<std::size_t>(count)};
  const void* sizes = array.buffers[array.n_buffers - 1];
  if (sizes == nullptr && count > 0) {
    return source.error("The array lacks the sizes of its data buffers.");
  }
  const auto is_inside = [&](const ViewElement& view) {
    if (view.size <= ViewElement::kMaxInline) return view.size >= 0;
    return view.buffer >= 0 && view.buffer < count && view.offset >= 0 &&
           std::int64_t{view.offset} + view.size <= load<std::int64_t>(sizes, view.buffer) &&
           column.variadic[static_cast<std::size_t>(view.buffer)] != nullptr;
  };
  const bool is_text = source.field.type == TypeId::utf8_view;
  for (std::int64_t row = source.slice.begin; row < source.slice.end; ++row) {
    if (column.is_null(row)) continue;
    const char* reason = nullptr;
    if (!is_inside(column.value<ViewElement>(row))) {
      reason = "A view points outside the array's data buffers.";
    } else if (is_text && !is_utf8(column.view_bytes(row))) {
      reason = kNotUtf8;
    }
    if (reason != nullptr && is_live(source.scope, row)) return source.error_at(row, reason);
  }
  return {};
}

template <typename Index>
Result<void> check_indices(const Source& source, const Column& column) {
  const auto length = static_cast<std::uint64_t>(source.array.dictionary->length);
  const auto is_outside = [&](std::int64_t row) {
    return static_cast<std::uint64_t>(column.value<Index>(row)) >= length;
  };
  bool outside = false;
  for (std::int64_t row = source.slice.begin; row < source.slice.end; ++row) {
    outside |= is_outside(row);
  }
  if (!outside) return {};
  for (std::int64_t row = source.slice.begin; row < source.slice.end; ++row) {
    if (is_outside(row) && !column.is_null(row) && is_live(source.scope, row)) {
      return source.error_at(row, "A dictionary index lies outside the dictionary.");
    }
  }
  return {};
}

Result<void> check_indices_of(const Source& source, const Column& column) {
  switch (source.field.index_type) {
    case TypeId::int8:
      return check_indices<std::int8_t>(source, column);
    case TypeId::uint8:
      return check_indices<std::uint8_t>(source, column);
    case TypeId::int16:
      return check_indices<std::int16_t>(source, column);
    case TypeId::uint16:
      return check_indices<std::uint16_t>(source, column);
    case TypeId::int32:
      return check_indices<std::int32_t>(source, column);
    case TypeId::uint32:
      return check_indices<std::uint32_t>(source, column);
    case TypeId::int64:
      return check_indices<std::int64_t>(source, column);
    default:
      return check_indices<std::uint64_t>(source, column);
  }
}

Result<void> view_dictionary(const Source& source, Column& column) {
  KINESINK_TRY(bind_values(source, column));
  const Scope scope{source.scope, &column, 0, {}};
  const ArrowArray& values = *source.array.dictionary;
  column.children.resize(1);
  KINESINK_TRY(view_column({source.field.children[0], values, {0, 0, values.length}, &scope},
                           column.children[0]));
  return check_indices_of(source, column);
}

Result<void> view_structure(const Source& source, Column& column) {
  const Scope scope{source.scope, &column, 0, {}};
  const Slice slice{column.offset, source.slice.begin, source.slice.end};
  column.children.resize(source.field.children.size());
  for (std::size_t i = 0; i < column.children.size(); ++i) {
    KINESINK_TRY(view_column({source.field.children[i], *source.array.children[i], slice, &scope},
                             column.children[i]));
  }
  return {};
}

Result<void> view_item(const Source& source, Column::Range range, Column& column) {
  const Scope scope{source.scope, &column, 0, {}};
  column.children.resize(1);
  return view_column(
      {source.field.children[0], *source.array.children[0], {0, range.begin, range.end}, &scope},
      column.children[0]);
}

template <typename Offset>
Result<void> view_list(const Source& source, Column& column) {
  KINESINK_ASSIGN(const Column::Range range, bind_offsets<Offset>(source, column));
  return view_item(source, range, column);
}

Result<void> view_fixed_size_list(const Source& source, Column& column) {
  const std::int64_t size = source.field.fixed_size;
  const Slice& slice = source.slice;
  if (slice.empty() || size == 0) return view_item(source, {0, 0}, column);
  if (column.offset + slice.end > std::numeric_limits<std::int64_t>::max() / size) {
    return source.error("The array's offset and length are too large.");
  }
  return view_item(
      source, {(column.offset + slice.begin) * size, (column.offset + slice.end) * size}, column);
}

template <typename Offset>
Result<void> view_list_view(const Source& source, Column& column) {
  KINESINK_ASSIGN(const Column::Range range, bind_list_views<Offset>(source, column));
  return view_item(source, range, column);
}

Result<void> view_union(const Source& source, Column& column) {
  UnionRanges ranges;
  KINESINK_TRY(bind_union(source, column, ranges));
  column.children.resize(source.field.children.size());
  const bool is_dense = source.field.type == TypeId::dense_union;
  for (std::size_t i = 0; i < column.children.size(); ++i) {
    const Scope scope{source.scope, &column, static_cast<int>(i), {}};
    const Slice slice = is_dense ? Slice{0, ranges[i].begin, ranges[i].end}
                                 : Slice{column.offset, source.slice.begin, source.slice.end};
    KINESINK_TRY(view_column({source.field.children[i], *source.array.children[i], slice, &scope},
                             column.children[i]));
  }
  return {};
}

Result<void> view_runs(const Source& source, Column& column) {
  KINESINK_ASSIGN(const Column::Range range, bind_runs(source, column));
  const Scope scope{source.scope, &column, 0, {}};
  column.children.resize(1);
  return view_column(
      {source.field.children[0], *source.array.children[1], {0, range.begin, range.end}, &scope},
      column.children[0]);
}

// A map is a list of entries: a struct, never null, of a key, never null, and a value.
Result<void> view_map(const Source& source, Column& column) {
  KINESINK_ASSIGN(const Column::Range range, bind_offsets<std::int32_t>(source, column));
  const Scope scope{source.scope, &column, 0, {}};
  Column entries;
  const Source inner{
      source.field, *source.array.children[0], {0, range.begin, range.end}, source.scope, true};
  KINESINK_TRY(bind_frame(inner, entries));
  if (entries.validity != nullptr) return source.error("The entries of a map may not be null.");
  const Slice slice{entries.offset, range.begin, range.end};
  column.children.resize(2);
  for (std::size_t i = 0; i < 2; ++i) {
    KINESINK_TRY(view_column({source.field.children[i], *inner.array.children[i], slice, &scope},
                             column.children[i]));
  }
  const Column& keys = column.children[0];
  if (keys.validity == nullptr && keys.field->type != TypeId::null) return {};
  for (std::int64_t row = range.begin; row < range.end; ++row) {
    if (!keys.is_null(row) || !is_live(&scope, row)) continue;
    return row_error(&scope, *keys.field, row, "A key of a map is null.");
  }
  return {};
}

template <typename Offset>
Result<void> view_text(const Source& source, Column& column) {
  KINESINK_TRY(view_bytes<Offset>(source, column));
  return check_text(column, source.slice.begin, source.scope);
}

Result<void> view_column(const Source& source, Column& column) {
  KINESINK_TRY(bind_frame(source, column));
  switch (source.field.type) {
    case TypeId::null:
      return {};
    case TypeId::utf8:
      return view_text<std::int32_t>(source, column);
    case TypeId::large_utf8:
      return view_text<std::int64_t>(source, column);
    case TypeId::binary:
      return view_bytes<std::int32_t>(source, column);
    case TypeId::large_binary:
      return view_bytes<std::int64_t>(source, column);
    case TypeId::utf8_view:
    case TypeId::binary_view:
      return view_views(source, column);
    case TypeId::list:
      return view_list<std::int32_t>(source, column);
    case TypeId::large_list:
      return view_list<std::int64_t>(source, column);
    case TypeId::list_view:
      return view_list_view<std::int32_t>(source, column);
    case TypeId::large_list_view:
      return view_list_view<std::int64_t>(source, column);
    case TypeId::fixed_size_list:
      return view_fixed_size_list(source, column);
    case TypeId::sparse_union:
    case TypeId::dense_union:
      return view_union(source, column);
    case TypeId::run_end_encoded:
      return view_runs(source, column);
    case TypeId::structure:
      return view_structure(source, column);
    case TypeId::map:
      return view_map(source, column);
    case TypeId::dictionary:
      return view_dictionary(source, column);
    default:
      return bind_values(source, column);
  }
}

Result<void> view_rows(const Schema& schema, const ArrowArray& array, Batch& batch) {
  // The batch's own struct is checked as a nameless field without children, so that no field tree
  // is copied for it; its children are counted here.
  Field structure;
  structure.type = TypeId::structure;
  ArrowArray frame = array;
  frame.n_children = 0;
  Column rows;
  KINESINK_TRY(bind_frame(
      {structure, frame, {0, 0, std::max<std::int64_t>(array.length, 0)}, nullptr}, rows));
  if (rows.validity != nullptr) {
    std::int64_t row = 0;
    while (!rows.is_null(row)) ++row;
    Error error = make_error(ErrorKind::invalid_data,
                             "The batch itself has null rows. Filter them out first.");
    error.row = row;
    return error;
  }
  const auto count = static_cast<std::int64_t>(schema.fields.size());
  if (array.n_children != count) {
    return make_error(ErrorKind::invalid_data, "The batch has " + std::to_string(array.n_children) +
                                                   " columns where its schema has " +
                                                   std::to_string(count) + ".");
  }
  if (count > 0 && array.children == nullptr) {
    return make_error(ErrorKind::invalid_data, "The batch's columns are missing.");
  }
  batch.length = array.length;
  batch.columns.resize(schema.fields.size());
  const Slice slice{array.offset, 0, array.length};
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    const ArrowArray* child = array.children[i];
    if (child == nullptr) {
      return column_error(nullptr, schema.fields[i], "The array of the column is missing.");
    }
    KINESINK_TRY(view_column({schema.fields[i], *child, slice, nullptr}, batch.columns[i]));
  }
  return {};
}

}  // namespace

Result<void> view_batch(const Schema& schema, const ArrowArray& array, Batch& batch) {
  try {
    return view_rows(schema, array, batch);
  } catch (const std::exception&) {
    return make_error(ErrorKind::resource, "There is no memory for the view of a batch.");
  }
}

}  // namespace kinesink::columnar
