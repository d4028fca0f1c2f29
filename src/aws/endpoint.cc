#include "aws/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace kinesink::aws {
namespace {

struct Partition {
  std::string_view name;
  std::string_view region_prefix;
  std::string_view suffix;
  std::string_view dualstack_suffix;  // empty: none
};

// The first prefix that fits decides; `aws` fits all.
constexpr std::array kPartitions = {
    Partition{"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    Partition{"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    Partition{"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    Partition{"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    Partition{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    Partition{"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    Partition{"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    Partition{"aws", "", "amazonaws.com", "api.aws"},
};

const Partition& partition_of(std::string_view region) {
  for (const Partition& partition : kPartitions) {
    if (region.starts_with(partition.region_prefix)) return partition;
  }
  return kPartitions.back();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Error refuse(std::string message) {
  return make_error(ErrorKind::invalid_argument, std::move(message));
}

std::string region_suffix(const EndpointRules& rules, const Partition& partition) {
  return rules.region + '.' +
         std::string(rules.use_dualstack ? partition.dualstack_suffix : partition.suffix);
}

// Account of arn:partition:kinesis:region:account:stream/name.
Result<std::string> account_of(const std::string& arn, const Partition& partition) {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "kinesis" || !is_host_label(parts[3]) ||
      !is_host_label(parts[4]) || !parts[5].starts_with("stream/")) {
    return refuse(
        "'" + arn +
        "' is no stream ARN; it must look like arn:aws:kinesis:REGION:ACCOUNT:stream/NAME");
  }
  if (parts[1] != partition.name) {
    return refuse("the stream ARN '" + arn + "' is of partition " + std::string(parts[1]) +
                  ", the Region in use of partition " + std::string(partition.name));
  }
  return std::string(parts[4]);
}

}  // namespace

bool is_host_label(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= kLongest && text.front() != '-' &&
         std::ranges::all_of(text, fits);
}

Result<http::Endpoint> resolve_endpoint(const EndpointRules& rules, const std::string& stream_arn,
                                        OperationType type) {
  // With an endpoint of the user's it still becomes part of a header.
  if (!rules.region.empty() && !is_host_label(rules.region)) {
    return refuse("'" + rules.region + "' is no Region; it must look like eu-west-1");
  }
  if (!rules.endpoint_url.empty()) {
    if (rules.use_fips || rules.use_dualstack) {
      return refuse("a custom endpoint URL cannot be combined with a FIPS or dual-stack endpoint");
    }
    return http::parse_endpoint(rules.endpoint_url);
  }
  if (rules.region.empty()) {
    return refuse(
        "no Region is known: set aws_region (--region), AWS_REGION, or region in the profile");
  }
  const Partition& partition = partition_of(rules.region);
  const bool account_endpoints = partition.name != "aws-iso" && partition.name != "aws-iso-b";
  http::Endpoint endpoint;
  if (!stream_arn.empty() && account_endpoints && type != OperationType::none) {
    KINESINK_ASSIGN(const std::string account, account_of(stream_arn, partition));
    endpoint.host = account + (type == OperationType::data ? ".data-kinesis" : ".control-kinesis") +
                    (rules.use_fips ? "-fips." : ".") + region_suffix(rules, partition);
    return endpoint;
  }
  endpoint.host = service_host("kinesis", rules);
  return endpoint;
}

std::string service_host(std::string_view service, const EndpointRules& rules) {
  const Partition& partition = partition_of(rules.region);
  // In GovCloud the plain name is the FIPS one.
  const bool plain_is_fips = partition.name == "aws-us-gov" && !rules.use_dualstack;
  return std::string(service) + (rules.use_fips && !plain_is_fips ? "-fips." : ".") +
         region_suffix(rules, partition);
}

std::string configured_endpoint_url(const std::string& option, const Configuration& configuration,
                                    const std::string& service) {
  if (!option.empty()) return option;
  if (configuration.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or(false)) return {};
  std::string of_service = "AWS_ENDPOINT_URL_" + service;
  for (char& c : of_service) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const char* name : {of_service.c_str(), "AWS_ENDPOINT_URL"}) {
    if (auto url = configuration.variable(name)) return *std::move(url);
  }
  return configuration.service_endpoint(service).value_or("");
}

std::string configured_region(const std::string& option, const Configuration& configuration) {
  if (!option.empty()) return option;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = configuration.variable(name)) return *std::move(region);
  }
  return configuration.property("region").value_or("");
}

bool configured_fips(const Configuration& configuration) {
  return configuration.setting("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint").value_or(false);
}

bool configured_dualstack(const Configuration& configuration) {
  return configuration.setting("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
      .value_or(false);
}

}  // namespace kinesink::aws
