// The sources of the default chain, in its order. Those that files, IAM Identity Center and STS
// answer are our own; programs, `aws login`, containers and instance metadata are aws-c-auth's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/crt_network.h"

namespace kinesink::aws {

struct CredentialSource {
  using Done = CredentialsProvider::Callback;

  std::string name;
  // Somebody configured it on purpose: if it fails, the keys of another identity must not step in.
  bool decides = true;
  // Called on the CRT's thread, which it may block for a while; calls `done` once, on any thread.
  // With an error without message it has nothing to say.
  std::function<void(Done done)> fetch;
};

std::vector<CredentialSource> credential_sources(const ChainOptions& options,
                                                 const CrtNetwork& network);

}  // namespace kinesink::aws
