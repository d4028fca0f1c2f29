// One value of a column as text, through the accessors of columnar::Column only: expected contents
// become one literal, and a fuzz target reads every byte that a column offers.
#pragma once

#include <string>

#include "base/bytes.h"
#include "columnar/column.h"
#include "columnar/text.h"

namespace kinesink::test_support {

inline std::string render(const columnar::Column& column, std::int64_t row);

inline std::string render_range(const columnar::Column& column, columnar::Column::Range range) {
  std::string out;
  for (std::int64_t row = range.begin; row < range.end; ++row) {
    out += (row == range.begin ? "" : ",") + render(column, row);
  }
  return out;
}

inline std::string render_number(const columnar::Column& column, std::int64_t row) {
  using columnar::TypeId;
  char text[columnar::kMaxDecimalText];
  char* end = text;
  switch (column.field->type) {
    case TypeId::int8:
      end = columnar::write_integer(column.value<std::int8_t>(row), text);
      break;
    case TypeId::int16:
      end = columnar::write_integer(column.value<std::int16_t>(row), text);
      break;
    case TypeId::int32:
    case TypeId::date32:
    case TypeId::time32:
    case TypeId::interval_months:
      end = columnar::write_integer(column.value<std::int32_t>(row), text);
      break;
    case TypeId::uint8:
      end = columnar::write_unsigned(column.value<std::uint8_t>(row), text);
      break;
    case TypeId::uint16:
    case TypeId::float16:
      end = columnar::write_unsigned(column.value<std::uint16_t>(row), text);
      break;
    case TypeId::uint32:
    case TypeId::float32:
      end = columnar::write_unsigned(column.value<std::uint32_t>(row), text);
      break;
    case TypeId::uint64:
    case TypeId::float64:
      end = columnar::write_unsigned(column.value<std::uint64_t>(row), text);
      break;
    default:
      end = columnar::write_integer(column.value<std::int64_t>(row), text);
      break;
  }
  return {text, end};
}

inline std::string render_decimal(const columnar::Column& column, std::int64_t row, int width) {
  char text[columnar::kMaxDecimalText];
  const auto* at = static_cast<const char*>(column.values) + (column.offset + row) * width;
  return {text, columnar::write_decimal(at, width, column.field->scale, text)};
}

inline std::string render(const columnar::Column& column, std::int64_t row) {
  using columnar::TypeId;
  if (column.is_null(row)) return "null";
  switch (column.field->type) {
    case TypeId::boolean:
      return column.boolean(row) ? "true" : "false";
    case TypeId::decimal32:
      return render_decimal(column, row, 4);
    case TypeId::decimal64:
      return render_decimal(column, row, 8);
    case TypeId::decimal128:
      return render_decimal(column, row, 16);
    case TypeId::decimal256:
      return render_decimal(column, row, 32);
    case TypeId::utf8:
    case TypeId::large_utf8:
    case TypeId::utf8_view:
      return std::string(column.bytes(row));
    case TypeId::binary:
    case TypeId::large_binary:
    case TypeId::binary_view:
    case TypeId::fixed_size_binary:
      return "x" + to_hex(column.bytes(row));
    case TypeId::list:
    case TypeId::large_list:
    case TypeId::list_view:
    case TypeId::large_list_view:
    case TypeId::fixed_size_list:
      return "[" + render_range(column.children[0], column.range(row)) + "]";
    case TypeId::map: {
      std::string out;
      const columnar::Column::Range range = column.range(row);
      for (std::int64_t entry = range.begin; entry < range.end; ++entry) {
        out += (entry == range.begin ? "" : ",") + render(column.children[0], entry) + "=" +
               render(column.children[1], entry);
      }
      return "{" + out + "}";
    }
    case TypeId::structure: {
      std::string out;
      for (const columnar::Column& child : column.children) {
        out += (&child == column.children.data() ? "" : ",") + render(child, row);
      }
      return "(" + out + ")";
    }
    case TypeId::interval_day_time: {
      const auto value = column.value<columnar::DayTime>(row);
      return std::to_string(value.days) + "d" + std::to_string(value.milliseconds) + "ms";
    }
    case TypeId::interval_month_day_nano: {
      const auto value = column.value<columnar::Interval>(row);
      return std::to_string(value.months) + "m" + std::to_string(value.days) + "d" +
             std::to_string(value.nanoseconds) + "ns";
    }
    case TypeId::sparse_union:
    case TypeId::dense_union: {  // which member, and its value
      const auto child = static_cast<std::size_t>(column.union_child(row));
      return std::to_string(child) + ":" + render(column.children[child], column.union_row(row));
    }
    case TypeId::run_end_encoded:
      return "~" + render(column.children[0], column.run_of(row));
    case TypeId::dictionary:
      return "@" + render(column.children[0], column.dictionary_index(row));
    default:
      return render_number(column, row);
  }
}

// All rows of a column: `1 2 null`.
inline std::string render_column(const columnar::Column& column) {
  std::string out;
  for (std::int64_t row = 0; row < column.length; ++row) {
    out += (row == 0 ? "" : " ") + render(column, row);
  }
  return out;
}

}  // namespace kinesink::test_support
