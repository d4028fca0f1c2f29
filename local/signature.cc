#include "local/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <optional>

#include "base/bytes.h"
#include "local/authorization.h"
#include "local/input.h"

namespace kinesink::local {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

Error invalid_signature(std::string message) {
  return refusal("InvalidSignatureException", std::move(message));
}

Error unknown_client() {
  return refusal("UnrecognizedClientException",
                 "The security token included in the request is invalid.");
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The Authorization header, taken apart.
struct Authorization {
  std::vector<std::string_view> credential;  // key id, date, region, service, "aws4_request"
  std::string_view signed_headers;
  std::string_view signature;
};

std::optional<Authorization> parse(std::string_view header) {
  if (!header.starts_with(kAlgorithm)) return std::nullopt;
  Authorization parsed;
  for (std::string_view part : split(header.substr(kAlgorithm.size()), ',')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    const std::size_t equals = part.find('=');
    if (equals == part.npos) return std::nullopt;
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (name == "Credential") parsed.credential = split(value, '/');
    if (name == "SignedHeaders") parsed.signed_headers = value;
    if (name == "Signature") parsed.signature = value;
  }
  return parsed;
}

// "20250615T150640Z"
std::optional<WallTime> parse_time(std::string_view text) {
  constexpr std::string_view kShape = "00000000T000000Z";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (kShape[at] == '0' ? !digit : text[at] != kShape[at]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(at, size)) value = 10 * value + (digit - '0');
    return value;
  };
  std::tm utc{};
  utc.tm_year = number(0, 4) - 1900;
  utc.tm_mon = number(4, 2) - 1;
  utc.tm_mday = number(6, 2);
  utc.tm_hour = number(9, 2);
  utc.tm_min = number(11, 2);
  utc.tm_sec = number(13, 2);
  return WallTime(std::chrono::seconds(timegm(&utc)));
}

std::string format_time(WallTime time) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch() / std::chrono::seconds(1);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &utc)};
}

// A value without blanks at its ends, and with single ones inside.
std::string squeeze(std::string_view value) {
  std::string text;
  for (const char character : value) {
    if (character == ' ' && (text.empty() || text.back() == ' ')) continue;
    text.push_back(character);
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string canonical_request(const http::Request& request, std::string_view signed_headers) {
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  auto query = split(mark == target.npos ? std::string_view() : target.substr(mark + 1), '&');
  std::ranges::sort(query);
  std::string text = request.method + "\n" + std::string(target.substr(0, mark)) + "\n";
  for (std::size_t at = 0; at < query.size(); ++at) text.append(at ? "&" : "").append(query[at]);
  text.append("\n");
  for (const std::string_view name : split(signed_headers, ';')) {
    text.append(name).append(":").append(squeeze(request.header(name))).append("\n");
  }
  text.append("\n").append(signed_headers).append("\n");
  return text += sha256_hex(request.body);
}

Result<void> check_time(std::string_view stamp, WallTime now) {
  const auto signed_at = parse_time(stamp);
  if (!signed_at) {
    return refusal(
        "IncompleteSignatureException",
        "Date must be in ISO-8601 'basic format'. Got '" + std::string(stamp.substr(0, 64)) + "'.");
  }
  if (*signed_at < now - kSignatureLife) {
    return invalid_signature("Signature expired: " + std::string(stamp) + " is now earlier than " +
                             format_time(now - kSignatureLife) + " (" + format_time(now) +
                             " - 5 min.)");
  }
  if (*signed_at > now + kSignatureLife) {
    return invalid_signature("Signature not yet current: " + std::string(stamp) +
                             " is still later than " + format_time(now + kSignatureLife) + " (" +
                             format_time(now) + " + 5 min.)");
  }
  return {};
}

}  // namespace

Result<void> verify_signature(const http::Request& request, WallTime now, std::string_view region,
                              const AcceptedKey& accepted) {
  const auto given = parse(request.header("Authorization"));
  if (!given || given->credential.size() != 5) {
    return refusal("IncompleteSignatureException",
                   "Authorization header is not of the form AWS4-HMAC-SHA256 Credential=KEY/DATE/"
                   "REGION/SERVICE/aws4_request, SignedHeaders=..., Signature=...");
  }
  const auto& credential = given->credential;
  if (credential[0] != accepted.access_key_id ||
      request.header("X-Amz-Security-Token") != accepted.session_token) {
    return unknown_client();
  }
  const std::string_view stamp = request.header("X-Amz-Date");
  KINESINK_TRY(check_time(stamp, now));
  if (credential[1] != stamp.substr(0, 8) || credential[2] != region ||
      credential[3] != "kinesis" || credential[4] != "aws4_request") {
    return invalid_signature("Credential should be scoped to a valid region, service and date.");
  }
  const auto names = split(given->signed_headers, ';');
  for (const std::string_view name : {"host", "x-amz-date"}) {
    if (std::ranges::find(names, name) == names.end()) {
      return invalid_signature("'" + std::string(name) + "' must be a 'SignedHeader'.");
    }
  }
  const std::string scope = std::string(credential[1]) + "/" + std::string(credential[2]) + "/" +
                            std::string(credential[3]) + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + std::string(stamp) + "\n" + scope +
                              "\n" + sha256_hex(canonical_request(request, given->signed_headers));
  std::string key = "AWS4" + accepted.secret_access_key;
  for (const std::size_t part : {1, 2, 3, 4}) key = hmac(key, credential[part]);
  if (to_hex(hmac(key, to_sign)) == given->signature) return {};
  return invalid_signature(
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

}  // namespace kinesink::local
