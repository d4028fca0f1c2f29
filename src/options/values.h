// Option values as text: numbers with units, both ways.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinesink::options {

// Digits only; nothing for anything else, and for what does not fit.
std::optional<std::uint64_t> parse_count(std::string_view text);
// 4000000, 4MB, 4MiB, 64KiB, 512B: bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
// 1000 (milliseconds), 200ms, 1s, 1.5s, 2m, 1h.
std::optional<std::chrono::milliseconds> parse_time(std::string_view text);
// true, false, yes, no, 1, 0.
std::optional<bool> parse_flag(std::string_view text);

// "64 MiB", "4000000 bytes"; "1 s", "200 ms".
std::string show_size(std::uint64_t bytes);
std::string show_time(std::uint64_t milliseconds);

}  // namespace kinesink::options
