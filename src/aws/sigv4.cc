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

namespace {

// All of a signature but what depends on the body.
struct Prepared {
  std::string canonical;      // request, up to the digest of the body
  std::string to_sign;        // up to the digest of the canonical request
  std::string authorization;  // up to the signature
  Digest key;

  std::string authorization_of(const Digest& body_digest) const {
    std::string request;
    request.reserve(canonical.size() + 2 * body_digest.size());
    request.append(canonical).append(hex(body_digest));
    std::string text;
    text.reserve(to_sign.size() + 2 * body_digest.size());
    text.append(to_sign).append(hex(sha256(request)));
    std::string whole;
    whole.reserve(authorization.size() + 2 * body_digest.size());
    return whole.append(authorization).append(hex(hmac(view_of(key), text)));
  }
};

// Adds the headers that every signed request has to `headers`, all of which are signed.
Result<Prepared> prepare(std::vector<http::Header>& headers, std::string_view method,
                         std::string_view authority, const SigningScope& scope,
                         const Credentials& credentials, WallTime now, SigningKey* key) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return make_error(ErrorKind::auth,
                      "the request cannot be signed: the credentials lack an access key id or a "
                      "secret access key");
  }
  const std::string timestamp = timestamp_of(now);
  const std::string_view date = std::string_view(timestamp).substr(0, 8);
  headers.push_back({"Host", std::string(authority)});
  headers.push_back({"X-Amz-Date", timestamp});
  if (!credentials.session_token.empty())
    headers.push_back({"X-Amz-Security-Token", credentials.session_token});

  Prepared prepared;
  std::string signed_names;
  prepared.canonical.append(method).append("\n/\n\n");
  for (const Canonical& header : canonical_headers(headers)) {
    prepared.canonical.append(header.name).append(":");
    append_value(prepared.canonical, *header.value);
    prepared.canonical.append("\n");
    signed_names.append(signed_names.empty() ? "" : ";").append(header.name);
  }
  prepared.canonical.append("\n").append(signed_names).append("\n");

  std::string credential_scope;
  credential_scope.append(date).append("/").append(scope.region).append("/");
  credential_scope.append(scope.service).append("/").append(kEnd);
  prepared.to_sign.append(kAlgorithm).append("\n").append(timestamp).append("\n");
  prepared.to_sign.append(credential_scope).append("\n");
  prepared.key = key != nullptr ? key->of(credentials.secret_access_key, date, scope)
                                : derive(credentials.secret_access_key, date, scope);
  prepared.authorization.append(kAlgorithm).append(" Credential=");
  prepared.authorization.append(credentials.access_key_id).append("/").append(credential_scope);
  prepared.authorization.append(", SignedHeaders=").append(signed_names).append(", Signature=");
  return prepared;
}

}  // namespace

Result<void> sign(http::Request& request, std::string_view authority, const Digest& body_digest,
                  const SigningScope& scope, const Credentials& credentials, WallTime now,
                  SigningKey* key) {
  if (request.target != "/")
    return make_error(ErrorKind::internal, "only requests to / are signed");
  KINESINK_ASSIGN(const Prepared prepared, prepare(request.headers, request.method, authority,
                                                   scope, credentials, now, key));
  request.headers.push_back({"Authorization", prepared.authorization_of(body_digest)});
  return {};
}

struct RequestSigner::Shared {
  std::shared_ptr<const Credentials> credentials;
  std::chrono::sys_seconds second;
  std::shared_ptr<const http::SharedHeaders> headers;
  Prepared prepared;
};

RequestSigner::RequestSigner(std::vector<http::Header> headers,
                             std::vector<http::Header> unsigned_headers, std::string authority,
                             std::string region)
    : headers_(std::move(headers)),
      unsigned_headers_(std::move(unsigned_headers)),
      authority_(std::move(authority)),
      region_(std::move(region)) {}

Result<std::shared_ptr<const RequestSigner::Shared>> RequestSigner::shared(
    const std::shared_ptr<const Credentials>& keys, WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::lock_guard lock(mutex_);
  if (shared_ != nullptr && shared_->second == second && shared_->credentials == keys)
    return shared_;
  auto made = std::make_shared<Shared>();
  made->credentials = keys;
  made->second = second;
  std::vector<http::Header> headers = headers_;
  KINESINK_ASSIGN(made->prepared,
                  prepare(headers, "POST", authority_, {region_}, *keys, now, &key_));
  headers.insert(headers.end(), unsigned_headers_.begin(), unsigned_headers_.end());
  KINESINK_ASSIGN(made->headers, http::SharedHeaders::make(std::move(headers)));
  shared_ = std::move(made);
  return shared_;
}

Result<void> RequestSigner::sign(http::Request& request, const Digest& body_digest,
                                 const std::shared_ptr<const Credentials>& credentials,
                                 WallTime now) {
  KINESINK_ASSIGN(const std::shared_ptr<const Shared> all, shared(credentials, now));
  request.shared_headers = all->headers;
  request.headers.push_back({"Authorization", all->prepared.authorization_of(body_digest)});
  return {};
}

}  // namespace kinesink::aws
