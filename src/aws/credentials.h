// Where credentials come from. The default chain, in this order: environment; the profile (static
// keys, assumed role, credential_process, SSO, login); web identity; container (ECS, EKS Pod
// Identity) if its environment is set, else instance metadata.
#pragma once

#include <memory>

#include "aws/configuration.h"
#include "base/clock.h"
#include "base/log.h"
#include "kinesink/credentials.h"

namespace kinesink::aws {

struct ChainOptions {
  Configuration configuration;
  // A profile that the user names stands instead of the environment, as in botocore: keys of
  // another account that happen to be set must not be used when the profile's fail.
  bool profile_was_given = false;
  Log log;
};

// By aws-c-auth, on one thread of its own that is started when a source needs the network. Keeps no
// cache: the client does. An error says which sources were tried.
Result<std::shared_ptr<CredentialsProvider>> make_default_chain(ChainOptions options);

}  // namespace kinesink::aws
