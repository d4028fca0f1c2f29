// Which endpoint a call goes to: the rules of the service's endpoint rule set
// (https://docs.aws.amazon.com/general/latest/gr/ak.html, and the rule set that AWS publishes with
// its SDKs).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/configuration.h"
#include "http/transport.h"
#include "kinesink/result.h"

namespace kinesink::aws {

// A part of a host name (RFC 1123). A Region or account that is none could send signed requests to
// a foreign host.
bool is_host_label(std::string_view text);

// Data: PutRecords, PutRecord, GetRecords, GetShardIterator. Control: the other calls that name a
// stream. None: CreateStream, ListStreams.
enum class OperationType : std::uint8_t { data, control, none };

struct EndpointRules {
  std::string region;
  std::string endpoint_url;  // empty: the service's own
  bool use_fips = false;
  bool use_dualstack = false;
};

// `stream_arn` empty: the stream is named, not addressed by ARN. invalid_argument for malformed
// ARNs and combinations that do not exist.
Result<http::Endpoint> resolve_endpoint(const EndpointRules& rules, const std::string& stream_arn,
                                        OperationType type);

// Of another service that has an endpoint in each Region: `sts`, or `portal.sso`.
std::string service_host(std::string_view service, const EndpointRules& rules);

// Option, AWS_ENDPOINT_URL_KINESIS (or another service's), AWS_ENDPOINT_URL, profile; the last
// three unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true. Empty: the service's own.
std::string configured_endpoint_url(const std::string& option, const Configuration& configuration,
                                    const std::string& service = "kinesis");
// Option, AWS_REGION, AWS_DEFAULT_REGION, profile. Empty: not known (instance metadata may know).
std::string configured_region(const std::string& option, const Configuration& configuration);
// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, else use_fips_endpoint and
// use_dualstack_endpoint of the profile, as botocore reads them.
bool configured_fips(const Configuration& configuration);
bool configured_dualstack(const Configuration& configuration);

}  // namespace kinesink::aws
