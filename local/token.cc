// Tokens and small texts of the operations.
#include <charconv>
#include <ctime>

#include "base/bytes.h"
#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::size_t kChecksumDigits = 16;

// FNV-1a: tells a damaged token from a good one; no protection against a forger is meant.
std::string checksum_of(std::string_view content) {
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  for (const char character : content) {
    sum = (sum ^ static_cast<unsigned char>(character)) * 0x100'0000'01b3;
  }
  char digits[kChecksumDigits];
  write_hex(&sum, sizeof(sum), digits);
  return {digits, kChecksumDigits};
}

}  // namespace

std::string seal_token(std::string_view content) {
  std::string sealed = checksum_of(content);
  return to_base64(sealed.append(content));
}

std::optional<std::string> open_token(std::string_view token) {
  auto sealed = from_base64(token);
  if (!sealed || sealed->size() < kChecksumDigits) return std::nullopt;
  std::string content = sealed->substr(kChecksumDigits);
  if (sealed->compare(0, kChecksumDigits, checksum_of(content)) != 0) return std::nullopt;
  return content;
}

std::vector<std::string_view> parts_of(std::string_view content) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t slash = content.find('/');
    parts.push_back(content.substr(0, slash));
    if (slash == content.npos) return parts;
    content.remove_prefix(slash + 1);
  }
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0) {
    return std::nullopt;
  }
  return number;
}

std::string to_utc_text(std::int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof(text), "%a %b %d %H:%M:%S UTC %Y", &utc);
  return {text, size};
}

NamedStream read_stream_name(Input& in) {
  NamedStream named;
  named.name = in.text("StreamName",
                       {.longest = kinesis::kMaxStreamNameCharacters, .pattern = &kNamePattern});
  named.arn = in.text("StreamARN", {.longest = 2048, .pattern = &kArnPattern});
  return named;
}

}  // namespace kinesink::local
