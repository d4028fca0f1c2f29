// Questions about Arrow types that deriving a schema and matching one both ask.
#pragma once

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
  return field.extension_name == "arrow.uuid" &&
         field.type == columnar::TypeId::fixed_size_binary && field.fixed_size == 16;
}

// The values of a dictionary, which are the column itself: its name and extension type are theirs.
inline columnar::Field values_of(const columnar::Field& dictionary) {
  columnar::Field values = dictionary.children[0];
  values.name = dictionary.name;
  if (values.extension_name.empty()) values.extension_name = dictionary.extension_name;
  return values;
}

inline const columnar::Field& decoded(const columnar::Field& field) {
  return field.type == columnar::TypeId::dictionary ? decoded(field.children[0]) : field;
}

}  // namespace kinesink::format
