// AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html),
// as far as calls need it that go to "/": the path is not encoded, and there is no query.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sha256.h"
#include "base/clock.h"
#include "http/transport.h"
#include "kinesink/credentials.h"

namespace kinesink::aws {

struct SigningScope {
  std::string_view region;
  std::string_view service = "kinesis";
};

// The key of a day, which costs more than all the rest of a signature. Thread-safe.
class SigningKey {
 public:
  // `date`: YYYYMMDD. Derived anew when anything differs from the last call.
  Digest of(const std::string& secret_access_key, std::string_view date, const SigningScope& scope);

 private:
  std::mutex mutex_;
  std::string derived_from_;
  Digest key_{};
};

// Adds Host, X-Amz-Date, X-Amz-Security-Token (with session credentials) and Authorization to the
// headers, all of which are signed with those already there. The same inputs give the same headers.
// `key`: kept by who signs often; nullptr: derived for this one.
Result<void> sign(http::Request& request, std::string_view authority, const Digest& body_digest,
                  const SigningScope& scope, const Credentials& credentials, WallTime now,
                  SigningKey* key = nullptr);

// For many requests that differ in their bodies only: what their signatures share is made once a
// second. Thread-safe.
class RequestSigner {
 public:
  // `headers`: of every request, signed; `unsigned_headers`: likewise, but not signed.
  RequestSigner(std::vector<http::Header> headers, std::vector<http::Header> unsigned_headers,
                std::string authority, std::string region);

  // Gives a POST to "/" without headers those that it needs, as sign() does.
  Result<void> sign(http::Request& request, const Digest& body_digest,
                    const std::shared_ptr<const Credentials>& credentials, WallTime now);

 private:
  struct Shared;
  Result<std::shared_ptr<const Shared>> shared(const std::shared_ptr<const Credentials>& keys,
                                               WallTime now);

  const std::vector<http::Header> headers_;
  const std::vector<http::Header> unsigned_headers_;
  const std::string authority_;
  const std::string region_;
  SigningKey key_;
  std::mutex mutex_;
  std::shared_ptr<const Shared> shared_;  // of the last second, with those who use it
};

}  // namespace kinesink::aws
