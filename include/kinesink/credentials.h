// AWS credentials, and how to bring your own.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "kinesink/result.h"

namespace kinesink {

// Never printed by kinesink.
struct Credentials {
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};  // empty: none
  std::optional<std::chrono::system_clock::time_point> expiration = {};
};

// Implement it to bring your own credentials. Called from an I/O thread, one call at a time.
class KINESINK_EXPORT CredentialsProvider {
 public:
  using Callback = std::function<void(Result<Credentials>)>;

  virtual ~CredentialsProvider();
  // Calls `done` once, from any thread, possibly before returning; until then the client's calls
  // wait and this provider is kept. `refresh`: what was given before was refused or is about to
  // expire; do not answer from a cache. Must not block.
  virtual void get_credentials(bool refresh, Callback done) = 0;
};

}  // namespace kinesink
