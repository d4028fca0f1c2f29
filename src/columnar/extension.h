// Arrow's extension types: which of them change what a value is written as
// (https://arrow.apache.org/docs/format/CanonicalExtensions.html).
#pragma once

#include <string>

#include "columnar/schema.h"

namespace kinesink::columnar {

enum class Extension : std::uint8_t {
  none,
  json,     // arrow.json, arroyo.json: text of any layout that is JSON
  uuid,     // arrow.uuid: fixed_size_binary of 16 bytes
  bool8,    // arrow.bool8: int8, true if it is not 0
  refused,  // its storage says nothing to a reader: opaque values, tensors, pickled objects
  unknown,  // any other: a reader gets the storage
};

// Of the field itself. A name whose storage is not as it should be is unknown.
Extension extension_of(const Field& field);

// The same for the values of a dictionary or of runs, whose own field may leave the name to the
// column's: `outer`, what the column's field says.
Extension extension_of(const Field& field, Extension outer);

// Why a field with Extension::refused is, and what to do.
std::string refusal_of_extension(const Field& field);

}  // namespace kinesink::columnar
