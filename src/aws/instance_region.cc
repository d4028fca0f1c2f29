#include "aws/instance_region.h"

#include <utility>

#include "aws/ask.h"
#include "aws/endpoint.h"
#include "http/client.h"

namespace kinesink::aws {
namespace {

constexpr int kOk = 200;

Error unknown(const std::string& why) {
  return make_error(ErrorKind::not_found, "instance metadata does not tell the Region: " + why);
}

std::string metadata_url(const Configuration& configuration) {
  if (auto url = configuration.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")) return *url;
  const std::string mode =
      configuration.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  const bool ipv6 = mode == "IPv6" || mode == "ipv6";
  return ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

// The body of the answer.
Result<std::string> body_of(const http::Exchange& exchange) {
  if (!exchange.response) {
    return unknown(exchange.error->kind == ErrorKind::timeout
                       ? "it did not answer within one second"
                       : exchange.error->message);
  }
  if (exchange.response->status != kOk)
    return unknown("it answered with status " + std::to_string(exchange.response->status));
  return exchange.response->body;
}

}  // namespace

Result<std::string> instance_region(http::EventLoop& loop, const Configuration& configuration) {
  if (configuration.instance_metadata_is_disabled())
    return unknown("AWS_EC2_METADATA_DISABLED forbids to ask");
  const Instant deadline = loop.now() + kInstanceRegionLimit;
  http::HttpClientOptions options;
  KINESINK_ASSIGN(options.endpoint, http::parse_endpoint(metadata_url(configuration)));
  options.connect_timeout = options.request_timeout = kInstanceRegionLimit;
  options.max_connections = 1;
  options.max_response_body = 4096;
  KINESINK_ASSIGN(const auto transport, http::open_http_client(loop, std::move(options)));
  http::Request for_token{"PUT", "/latest/api/token"};
  for_token.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
  KINESINK_ASSIGN(const std::string token,
                  body_of(ask(loop, *transport, std::move(for_token), "", deadline)));
  if (token.find_first_of("\r\n") != token.npos) return unknown("its token is malformed");
  http::Request for_region{"GET", "/latest/meta-data/placement/region"};
  for_region.headers = {{"X-aws-ec2-metadata-token", token}};
  KINESINK_ASSIGN(std::string region,
                  body_of(ask(loop, *transport, std::move(for_region), "", deadline)));
  if (!is_host_label(region)) return unknown("what it answered is no Region");
  return region;
}

}  // namespace kinesink::aws
