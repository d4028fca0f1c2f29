// What the environment and files of this machine hold: keys, and tokens to exchange for keys. Read
// anew each time: others write them.
#pragma once

#include <string>

#include "aws/configuration.h"
#include "aws/token_calls.h"

namespace kinesink::aws {

// An error without message: there are none.
Result<Credentials> keys_of_environment(const Configuration& configuration);
Result<Credentials> keys_of_profile(const Configuration& profile);

Result<std::string> web_identity_token(const std::string& file);

struct SsoLogin {
  SsoRole role;
  std::string token;
};
// Of a profile with sso_session, or with sso_start_url and its own sso_region. The token is what
// `aws sso login` left in ~/.aws/sso/cache.
Result<SsoLogin> sso_login(const Configuration& profile);

}  // namespace kinesink::aws
