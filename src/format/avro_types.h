// Questions about Arrow types that deriving a schema and matching one both ask.
#pragma once

#include "columnar/extension.h"
#include "columnar/schema.h"

namespace kinesink::format {

inline constexpr std::int32_t kDigitsOfUint64 = 20;

inline bool is_text(columnar::TypeId type) {
  using columnar::TypeId;
  return type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::utf8_view;
}

inline bool is_binary(columnar::TypeId type) {
  using columnar::TypeId;
  return type == TypeId::binary || type == TypeId::large_binary || type == TypeId::binary_view;
}

inline bool is_uuid(const columnar::Field& field) {
  return columnar::extension_of(field) == columnar::Extension::uuid;
}

inline bool is_bool8(const columnar::Field& field) {
  return columnar::extension_of(field) == columnar::Extension::bool8;
}

inline bool is_interval(columnar::TypeId type) {
  using columnar::TypeId;
  return type == TypeId::interval_months || type == TypeId::interval_day_time ||
         type == TypeId::interval_month_day_nano;
}

inline bool is_union(columnar::TypeId type) {
  using columnar::TypeId;
  return type == TypeId::sparse_union || type == TypeId::dense_union;
}

// Columns that say where a value is instead of holding it.
inline bool is_coded(columnar::TypeId type) {
  using columnar::TypeId;
  return type == TypeId::dictionary || type == TypeId::run_end_encoded;
}

// The values of a dictionary or of runs, which are the column itself: its name and extension type
// are theirs.
inline columnar::Field values_of(const columnar::Field& coded) {
  columnar::Field values = coded.children[0];
  values.name = coded.name;
  if (values.extension_name.empty()) {
    values.extension_name = coded.extension_name;
    values.extension_metadata = coded.extension_metadata;
  }
  return values;
}

inline const columnar::Field& decoded(const columnar::Field& field) {
  return is_coded(field.type) ? decoded(field.children[0]) : field;
}

}  // namespace kinesink::format
