// AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html) by
// aws-c-auth.
#pragma once

#include <string>
#include <string_view>

#include "aws/sha256.h"
#include "base/clock.h"
#include "http/transport.h"
#include "kinesink/credentials.h"

namespace kinesink::aws {

struct SigningScope {
  std::string_view region;
  std::string_view service = "kinesis";
};

// Adds Host, X-Amz-Date, X-Amz-Security-Token (with session credentials) and Authorization to the
// headers, all of which are signed with those already there. Pure but for the CRT's initialisation;
// the same inputs give the same headers.
Result<void> sign(http::Request& request, std::string_view authority, const Digest& body_digest,
                  const SigningScope& scope, const Credentials& credentials, WallTime now);

}  // namespace kinesink::aws
