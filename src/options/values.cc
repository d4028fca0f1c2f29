#include "options/values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace kinesink::options {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kSizeUnits = {Unit{"KiB", 1ULL << 10},
                                   Unit{"MiB", 1ULL << 20},
                                   Unit{"GiB", 1ULL << 30},
                                   Unit{"kB", 1'000},
                                   Unit{"KB", 1'000},
                                   Unit{"MB", 1'000'000},
                                   Unit{"GB", 1'000'000'000},
                                   Unit{"B", 1},
                                   Unit{"", 1}};
constexpr std::array kTimeUnits = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000},
                                   Unit{"h", 3'600'000}, Unit{"", 1}};

// A number, whole or with a fraction, and one of the units.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, N>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  if (digits == 0) return std::nullopt;
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    if (const auto whole = parse_count(text.substr(0, digits))) {
      if (*whole > UINT64_MAX / known.factor) return std::nullopt;
      return *whole * known.factor;
    }
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + digits, number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + digits) return std::nullopt;
    const double value = number * static_cast<double>(known.factor);
    if (!(value < 1e18) || value != std::floor(value)) return std::nullopt;
    return static_cast<std::uint64_t>(value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, kSizeUnits);
}

std::optional<std::chrono::milliseconds> parse_time(std::string_view text) {
  const auto value = parse_with_unit(text, kTimeUnits);
  if (!value || *value > static_cast<std::uint64_t>(INT64_MAX) / 1'000'000) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "no" || text == "0") return false;
  return std::nullopt;
}

std::string show_size(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = 1 << 20;
  if (bytes >= kMiB && bytes % kMiB == 0) return std::to_string(bytes / kMiB) + " MiB";
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string show_time(std::uint64_t milliseconds) {
  if (milliseconds >= 3'600'000 && milliseconds % 3'600'000 == 0)
    return std::to_string(milliseconds / 3'600'000) + " h";
  if (milliseconds >= 1'000 && milliseconds % 1'000 == 0)
    return std::to_string(milliseconds / 1'000) + " s";
  return std::to_string(milliseconds) + " ms";
}

}  // namespace kinesink::options
