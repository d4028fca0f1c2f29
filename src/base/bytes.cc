#include "base/bytes.h"

#include <array>

namespace kinesink {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNotADigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<std::uint8_t>(kBase64[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kBase64Values = make_base64_values();

// Two characters for every 12 bits: one table look-up writes them both.
constexpr std::array<std::array<char, 2>, 4096> make_base64_pairs() {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kBase64[i >> 6], kBase64[i & 63]};
  return pairs;
}
constexpr auto kBase64Pairs = make_base64_pairs();

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

char* write_base64(const void* data, std::size_t size, char* out) {
  const auto* in = static_cast<const std::uint8_t*>(data);
  for (; size >= 3; size -= 3, in += 3, out += 4) {
    const std::uint32_t group = static_cast<std::uint32_t>(in[0] << 16 | in[1] << 8 | in[2]);
    const auto& high = kBase64Pairs[group >> 12];
    const auto& low = kBase64Pairs[group & 4095];
    out[0] = high[0];
    out[1] = high[1];
    out[2] = low[0];
    out[3] = low[1];
  }
  if (size > 0) {
    const std::uint32_t group =
        static_cast<std::uint32_t>(in[0] << 16 | (size > 1 ? in[1] << 8 : 0));
    *out++ = kBase64[group >> 18];
    *out++ = kBase64[group >> 12 & 63];
    *out++ = size > 1 ? kBase64[group >> 6 & 63] : '=';
    *out++ = '=';
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  write_base64(bytes.data(), bytes.size(), text.data());
  return text;
}

bool append_from_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  const std::size_t before = out.size();
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(before + text.size() / 4 * 3);
  char* to = out.data() + before;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t missing = i + 4 == text.size() ? padding : 0;
    std::uint32_t group = 0;
    std::uint8_t wrong = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const bool pad = j >= 4 - missing;
      const std::uint8_t value = pad ? 0 : kBase64Values[static_cast<std::uint8_t>(text[i + j])];
      wrong |= value & 0xc0;
      group = group << 6 | (value & 63);
    }
    if (wrong != 0) {
      out.resize(before);
      return false;
    }
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  out.resize(out.size() - padding);
  return true;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  if (!append_from_base64(text, bytes)) return std::nullopt;
  return bytes;
}

char* write_hex(const void* data, std::size_t size, char* out) {
  const auto* in = static_cast<const std::uint8_t*>(data);
  for (std::size_t i = 0; i < size; ++i) {
    *out++ = kHex[in[i] >> 4];
    *out++ = kHex[in[i] & 15];
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2, '\0');
  write_hex(bytes.data(), bytes.size(), text.data());
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace kinesink
