// The calls that give keys for another proof of identity: STS, and the portal of IAM Identity
// Center (SSO). They are our own, not aws-c-auth's: that has its own idea of trust and proxies,
// takes AWS_ENDPOINT_URL_STS for a host name, waits for a silent server without end, and reports a
// refusal without what the service said.
#pragma once

#include <string>

#include "aws/configuration.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "http/client.h"
#include "kinesink/credentials.h"

namespace kinesink::aws {

// How those services are reached. Proxies and endpoints of the user's are in the configuration.
struct TokenServices {
  Configuration configuration;
  EndpointRules rules;  // Region, FIPS, dual-stack; the endpoint of the sink does not count here
  http::TlsOptions tls;
  Duration limit = std::chrono::seconds(10);  // of one call, with its retries
};

struct Role {
  std::string arn;
  std::string session_name = {};
  std::string external_id = {};  // empty: none
  std::string duration = {};     // seconds; empty: the service's own
};

struct SsoRole {
  std::string account;
  std::string name;
  std::string region;
};

// Each blocks its caller for `limit` at most. Kind auth if the service refuses, timeout or
// transient if it cannot be reached; messages name the service and the host.
Result<Credentials> assume_role(const TokenServices& services, const Role& role,
                                const Credentials& by);
Result<Credentials> assume_role_with_web_identity(const TokenServices& services, const Role& role,
                                                  const std::string& token);
Result<Credentials> sso_credentials(const TokenServices& services, const SsoRole& role,
                                    const std::string& token);

}  // namespace kinesink::aws
