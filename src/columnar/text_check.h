// UTF-8 of string columns, checked a column at a time: one call over all bytes costs a hundredth of
// a call per string.
#pragma once

#include <cstdint>
#include <string_view>

#include "columnar/scope.h"

namespace kinesink::columnar {

// True if every byte is below 0x80.
bool is_ascii(std::string_view bytes);
bool is_utf8(std::string_view bytes);

inline constexpr const char* kNotUtf8 =
    "A string is not valid UTF-8. Correct it, or declare the column as binary.";

// Rows [begin, column.length) of a utf8 or large_utf8 column whose offsets have been checked. Null
// rows and rows under a null parent may hold any bytes.
Result<void> check_text(const Column& column, std::int64_t begin, const Scope* scope);

}  // namespace kinesink::columnar
