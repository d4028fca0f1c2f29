// JSON text that a column brings along (extension types arroyo.json and arrow.json): checked, and
// written without its insignificant whitespace so that a record stays on one line.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kinesink::format {

// Arrays and objects inside one another.
inline constexpr std::size_t kMaxJsonTextDepth = 512;

// Size of the compact text; nothing if `text` is not one JSON value
// (https://www.rfc-editor.org/rfc/rfc8259) or nests deeper than kMaxJsonTextDepth. The text must be
// UTF-8. Members, their order, numbers and strings stay as they are written.
std::optional<std::size_t> compact_json_size(std::string_view text);
// Writes it, at most text.size() bytes, and returns the end; nullptr in the same cases, then `out`
// may have been written to.
char* compact_json(std::string_view text, char* out);

}  // namespace kinesink::format
