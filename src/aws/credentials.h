// Where credentials come from. The default chain, in this order: environment; the profile (assumed
// role, SSO, login, credential_process, static keys); web identity; container (ECS, EKS Pod
// Identity) if its environment is set, else instance metadata.
#pragma once

#include <memory>

#include "aws/configuration.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/client.h"
#include "kinesink/credentials.h"

namespace kinesink::aws {

struct ChainOptions {
  Configuration configuration;
  // A profile that the user names stands instead of the environment, as in botocore: keys of
  // another account that happen to be set must not be used when the profile's fail.
  bool profile_was_given = false;
  Log log;
  EndpointRules rules;                               // for STS
  http::TlsOptions tls;                              // for whatever is asked over https
  Duration source_limit = std::chrono::seconds(10);  // of one source, but for a program
};

// On one thread of its own that is started when it is asked first. Keeps no cache: the client does.
// A source that is configured and fails ends the search, so that no other identity steps in; the
// error says which, why, and what to do. Kind auth, or transient if a service cannot be reached.
Result<std::shared_ptr<CredentialsProvider>> make_default_chain(ChainOptions options);

}  // namespace kinesink::aws
