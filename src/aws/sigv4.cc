#include "aws/sigv4.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

namespace kinesink::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kEnd = "aws4_request";
constexpr std::size_t kBlock = 64;

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// RFC 2104; `key` of at most a block.
Digest hmac(std::string_view key, std::string_view message) {
  std::string inner(kBlock, '\x36');
  std::string outer(kBlock, '\x5c');
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  inner.append(message);
  outer.append(view_of(sha256(inner)));
  return sha256(outer);
}

Digest derive(const std::string& secret, std::string_view date, const SigningScope& scope) {
  const std::string first = "AWS4" + secret;
  const Digest start =
      first.size() <= kBlock ? hmac(first, date) : hmac(view_of(sha256(first)), date);
  return hmac(view_of(hmac(view_of(hmac(view_of(start), scope.region)), scope.service)), kEnd);
}

// 20250615T150640Z
std::string timestamp_of(WallTime now) {
  using namespace std::chrono;
  const auto seconds = floor<std::chrono::seconds>(now);
  const auto day = floor<days>(seconds);
  const year_month_day date(day);
  const hh_mm_ss<std::chrono::seconds> time(seconds - day);
  char text[40];
  std::snprintf(text, sizeof(text), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

struct Canonical {
  std::string name;  // in lower case
  const std::string* value = nullptr;
};

std::vector<Canonical> canonical_headers(const std::vector<http::Header>& headers) {
  std::vector<Canonical> sorted;
  sorted.reserve(headers.size());
  for (const http::Header& header : headers) {
    Canonical one{header.name, &header.value};
    for (char& letter : one.name)
      letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    sorted.push_back(std::move(one));
  }
  std::ranges::stable_sort(sorted, {}, &Canonical::name);
  return sorted;
}

// Without blanks at the ends, and one for several in between.
void append_value(std::string& out, std::string_view value) {
  bool blank = false;
  const std::size_t begin = out.size();
  for (const char letter : value) {
    if (letter == ' ' || letter == '\t') {
      blank = true;
      continue;
    }
    if (blank && out.size() > begin) out += ' ';
    blank = false;
    out += letter;
  }
}

}  // namespace

Digest SigningKey::of(const std::string& secret_access_key, std::string_view date,
                      const SigningScope& scope) {
  std::string from;
  from.reserve(secret_access_key.size() + 64);
  from.append(secret_access_key).append("\n").append(date).append("\n");
  from.append(scope.region).append("\n").append(scope.service);
  const std::lock_guard lock(mutex_);
  if (from != derived_from_) {
    key_ = derive(secret_access_key, date, scope);
    derived_from_ = std::move(from);
  }
  return key_;
}

Result<void> sign(http::Request& request, std::string_view authority, const Digest& body_digest,
                  const SigningScope& scope, const Credentials& credentials, WallTime now,
                  SigningKey* key) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return make_error(ErrorKind::auth,
                      "the request cannot be signed: the credentials lack an access key id or a "
                      "secret access key");
  }
  if (request.target != "/")
    return make_error(ErrorKind::internal, "only requests to / are signed");
  const std::string timestamp = timestamp_of(now);
  const std::string_view date = std::string_view(timestamp).substr(0, 8);
  request.headers.push_back({"Host", std::string(authority)});
  request.headers.push_back({"X-Amz-Date", timestamp});
  if (!credentials.session_token.empty())
    request.headers.push_back({"X-Amz-Security-Token", credentials.session_token});

  std::string signed_names;
  std::string canonical;
  canonical.reserve(512 + credentials.session_token.size());
  canonical.append(request.method).append("\n/\n\n");
  for (const Canonical& header : canonical_headers(request.headers)) {
    canonical.append(header.name).append(":");
    append_value(canonical, *header.value);
    canonical.append("\n");
    signed_names.append(signed_names.empty() ? "" : ";").append(header.name);
  }
  canonical.append("\n").append(signed_names).append("\n").append(hex(body_digest));

  std::string credential_scope;
  credential_scope.append(date).append("/").append(scope.region).append("/");
  credential_scope.append(scope.service).append("/").append(kEnd);
  std::string to_sign(kAlgorithm);
  to_sign.append("\n").append(timestamp).append("\n").append(credential_scope).append("\n");
  to_sign.append(hex(sha256(canonical)));
  const Digest signing_key = key != nullptr ? key->of(credentials.secret_access_key, date, scope)
                                            : derive(credentials.secret_access_key, date, scope);
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials.access_key_id).append("/");
  authorization.append(credential_scope).append(", SignedHeaders=").append(signed_names);
  authorization.append(", Signature=").append(hex(hmac(view_of(signing_key), to_sign)));
  request.headers.push_back({"Authorization", std::move(authorization)});
  return {};
}

}  // namespace kinesink::aws
