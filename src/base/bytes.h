// Bytes as text: base64 (RFC 4648, section 4) and hexadecimal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinesink {

inline constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_size(size) characters of standard base64 with padding; returns the end.
char* write_base64(const void* data, std::size_t size, char* out);
std::string to_base64(std::string_view bytes);
// Standard alphabet, padding required; nothing for anything else.
std::optional<std::string> from_base64(std::string_view text);
// Appends to `out`; false (out unchanged) for what is not base64.
bool append_from_base64(std::string_view text, std::string& out);

// Writes 2 * size lower-case digits; returns the end.
char* write_hex(const void* data, std::size_t size, char* out);
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace kinesink
