// Verifies AWS Signature Version 4 as the service does
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
// Written apart from the signer in aws/, so that each is a witness of the other.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "http/transport.h"
#include "kinesink/result.h"
#include "local/service.h"

namespace kinesink::local {

inline constexpr Duration kSignatureLife = std::chrono::minutes(5);  // to either side of now

// Precondition: the request has an Authorization header with all its parameters. Paths are taken as
// they are: every call of the service goes to "/".
Result<void> verify_signature(const http::Request& request, WallTime now, std::string_view region,
                              const AcceptedKey& accepted);

}  // namespace kinesink::local
