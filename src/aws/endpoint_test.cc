// Expected hosts are what botocore's EndpointProvider computes from the rule set of the service.
#include "aws/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace kinesink::aws {
namespace {

struct Row {
  const char* region;
  bool use_fips;
  bool use_dualstack;
  std::optional<OperationType> arn;  // of an operation on a stream ARN; nothing: by name
  const char* host;
};

constexpr Row kRows[] = {
    {"us-east-1", false, false, std::nullopt, "kinesis.us-east-1.amazonaws.com"},
    {"us-east-1", false, false, OperationType::data,
     "123456789012.data-kinesis.us-east-1.amazonaws.com"},
    {"us-east-1", false, false, OperationType::control,
     "123456789012.control-kinesis.us-east-1.amazonaws.com"},
    {"us-east-1", true, false, std::nullopt, "kinesis-fips.us-east-1.amazonaws.com"},
    {"us-east-1", true, false, OperationType::data,
     "123456789012.data-kinesis-fips.us-east-1.amazonaws.com"},
    {"us-east-1", true, false, OperationType::control,
     "123456789012.control-kinesis-fips.us-east-1.amazonaws.com"},
    {"us-east-1", false, true, std::nullopt, "kinesis.us-east-1.api.aws"},
    {"us-east-1", false, true, OperationType::data, "123456789012.data-kinesis.us-east-1.api.aws"},
    {"us-east-1", false, true, OperationType::control,
     "123456789012.control-kinesis.us-east-1.api.aws"},
    {"us-east-1", true, true, std::nullopt, "kinesis-fips.us-east-1.api.aws"},
    {"us-east-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.us-east-1.api.aws"},
    {"us-east-1", true, true, OperationType::control,
     "123456789012.control-kinesis-fips.us-east-1.api.aws"},
    {"cn-north-1", false, false, std::nullopt, "kinesis.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", false, false, OperationType::data,
     "123456789012.data-kinesis.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", false, false, OperationType::control,
     "123456789012.control-kinesis.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", true, false, std::nullopt, "kinesis-fips.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", true, false, OperationType::data,
     "123456789012.data-kinesis-fips.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", true, false, OperationType::control,
     "123456789012.control-kinesis-fips.cn-north-1.amazonaws.com.cn"},
    {"cn-north-1", false, true, std::nullopt, "kinesis.cn-north-1.api.amazonwebservices.com.cn"},
    {"cn-north-1", false, true, OperationType::data,
     "123456789012.data-kinesis.cn-north-1.api.amazonwebservices.com.cn"},
    {"cn-north-1", false, true, OperationType::control,
     "123456789012.control-kinesis.cn-north-1.api.amazonwebservices.com.cn"},
    {"cn-north-1", true, true, std::nullopt,
     "kinesis-fips.cn-north-1.api.amazonwebservices.com.cn"},
    {"cn-north-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.cn-north-1.api.amazonwebservices.com.cn"},
    {"cn-north-1", true, true, OperationType::control,
     "123456789012.control-kinesis-fips.cn-north-1.api.amazonwebservices.com.cn"},
    {"eusc-de-east-1", false, false, std::nullopt, "kinesis.eusc-de-east-1.amazonaws.eu"},
    {"eusc-de-east-1", false, false, OperationType::data,
     "123456789012.data-kinesis.eusc-de-east-1.amazonaws.eu"},
    {"eusc-de-east-1", false, true, std::nullopt,
     "kinesis.eusc-de-east-1.api.amazonwebservices.eu"},
    {"eusc-de-east-1", false, true, OperationType::data,
     "123456789012.data-kinesis.eusc-de-east-1.api.amazonwebservices.eu"},
    {"eusc-de-east-1", true, true, std::nullopt,
     "kinesis-fips.eusc-de-east-1.api.amazonwebservices.eu"},
    {"eusc-de-east-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.eusc-de-east-1.api.amazonwebservices.eu"},
    {"us-gov-west-1", false, false, std::nullopt, "kinesis.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", false, false, OperationType::data,
     "123456789012.data-kinesis.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", false, false, OperationType::control,
     "123456789012.control-kinesis.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", true, false, std::nullopt, "kinesis.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", true, false, OperationType::data,
     "123456789012.data-kinesis-fips.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", true, false, OperationType::control,
     "123456789012.control-kinesis-fips.us-gov-west-1.amazonaws.com"},
    {"us-gov-west-1", false, true, std::nullopt, "kinesis.us-gov-west-1.api.aws"},
    {"us-gov-west-1", false, true, OperationType::data,
     "123456789012.data-kinesis.us-gov-west-1.api.aws"},
    {"us-gov-west-1", false, true, OperationType::control,
     "123456789012.control-kinesis.us-gov-west-1.api.aws"},
    {"us-gov-west-1", true, true, std::nullopt, "kinesis-fips.us-gov-west-1.api.aws"},
    {"us-gov-west-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.us-gov-west-1.api.aws"},
    {"us-gov-west-1", true, true, OperationType::control,
     "123456789012.control-kinesis-fips.us-gov-west-1.api.aws"},
    {"us-iso-east-1", false, false, std::nullopt, "kinesis.us-iso-east-1.c2s.ic.gov"},
    {"us-iso-east-1", false, false, OperationType::data, "kinesis.us-iso-east-1.c2s.ic.gov"},
    {"us-iso-east-1", false, true, std::nullopt, "kinesis.us-iso-east-1.api.aws.ic.gov"},
    {"us-iso-east-1", false, true, OperationType::data, "kinesis.us-iso-east-1.api.aws.ic.gov"},
    {"us-iso-east-1", true, true, std::nullopt, "kinesis-fips.us-iso-east-1.api.aws.ic.gov"},
    {"us-iso-east-1", true, true, OperationType::data, "kinesis-fips.us-iso-east-1.api.aws.ic.gov"},
    {"us-isob-east-1", false, false, std::nullopt, "kinesis.us-isob-east-1.sc2s.sgov.gov"},
    {"us-isob-east-1", false, false, OperationType::data, "kinesis.us-isob-east-1.sc2s.sgov.gov"},
    {"us-isob-east-1", false, true, std::nullopt, "kinesis.us-isob-east-1.api.aws.scloud"},
    {"us-isob-east-1", false, true, OperationType::data, "kinesis.us-isob-east-1.api.aws.scloud"},
    {"us-isob-east-1", true, true, std::nullopt, "kinesis-fips.us-isob-east-1.api.aws.scloud"},
    {"us-isob-east-1", true, true, OperationType::data,
     "kinesis-fips.us-isob-east-1.api.aws.scloud"},
    {"eu-isoe-west-1", false, false, std::nullopt, "kinesis.eu-isoe-west-1.cloud.adc-e.uk"},
    {"eu-isoe-west-1", false, false, OperationType::data,
     "123456789012.data-kinesis.eu-isoe-west-1.cloud.adc-e.uk"},
    {"eu-isoe-west-1", false, true, std::nullopt, "kinesis.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
    {"eu-isoe-west-1", false, true, OperationType::data,
     "123456789012.data-kinesis.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
    {"eu-isoe-west-1", true, true, std::nullopt,
     "kinesis-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
    {"eu-isoe-west-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
    {"us-isof-south-1", false, false, std::nullopt, "kinesis.us-isof-south-1.csp.hci.ic.gov"},
    {"us-isof-south-1", false, false, OperationType::data,
     "123456789012.data-kinesis.us-isof-south-1.csp.hci.ic.gov"},
    {"us-isof-south-1", false, true, std::nullopt, "kinesis.us-isof-south-1.api.aws.hci.ic.gov"},
    {"us-isof-south-1", false, true, OperationType::data,
     "123456789012.data-kinesis.us-isof-south-1.api.aws.hci.ic.gov"},
    {"us-isof-south-1", true, true, std::nullopt,
     "kinesis-fips.us-isof-south-1.api.aws.hci.ic.gov"},
    {"us-isof-south-1", true, true, OperationType::data,
     "123456789012.data-kinesis-fips.us-isof-south-1.api.aws.hci.ic.gov"},
    {"moon-west-1", false, false, std::nullopt, "kinesis.moon-west-1.amazonaws.com"},
    {"moon-west-1", false, false, OperationType::data,
     "123456789012.data-kinesis.moon-west-1.amazonaws.com"},
};

std::string partition_name(const std::string& region) {
  if (region == "cn-north-1") return "aws-cn";
  if (region == "eusc-de-east-1") return "aws-eusc";
  if (region == "us-gov-west-1") return "aws-us-gov";
  if (region == "us-iso-east-1") return "aws-iso";
  if (region == "us-isob-east-1") return "aws-iso-b";
  if (region == "eu-isoe-west-1") return "aws-iso-e";
  if (region == "us-isof-south-1") return "aws-iso-f";
  return "aws";
}

TEST(Endpoint, is_the_one_that_the_rule_set_names) {
  for (const Row& row : kRows) {
    const EndpointRules rules{row.region, "", row.use_fips, row.use_dualstack};
    const std::string arn = "arn:" + partition_name(row.region) + ":kinesis:" + row.region +
                            ":123456789012:stream/events";
    const auto endpoint =
        resolve_endpoint(rules, row.arn ? arn : "", row.arn.value_or(OperationType::data));
    ASSERT_TRUE(endpoint) << row.host << ": " << endpoint.error().to_string();
    EXPECT_EQ(endpoint->host, row.host);
    EXPECT_EQ(endpoint->port, 443);
    EXPECT_TRUE(endpoint->tls);
  }
}

Result<http::Endpoint> for_arn(const std::string& arn) {
  return resolve_endpoint({"us-east-1", "", false, false}, arn, OperationType::data);
}

TEST(Endpoint, refuses_arns_that_the_rule_set_refuses) {
  for (const char* arn :
       {"nonsense", "arn:aws:s3:us-east-1:123:stream/x", "arn:aws:kinesis::123:stream/x",
        "arn:aws:kinesis:us-east-1::stream/x", "arn:aws:kinesis:us-east-1:123:table/x",
        "arn:aws-cn:kinesis:us-east-1:123:stream/x", "arn:aws:kinesis:us-east-1:1_3:stream/x",
        "arn:aws:kinesis:us_east:123:stream/x", "arn:aws:kinesis:us-east-1:evil.com/:stream/x",
        "arn:aws:kinesis:us-east-1:123:stream/x:y"}) {
    const auto endpoint = for_arn(arn);
    ASSERT_FALSE(endpoint) << arn;
    EXPECT_EQ(endpoint.error().kind, ErrorKind::invalid_argument);
    EXPECT_THAT(endpoint.error().message, testing::HasSubstr(arn));
  }
}

TEST(Endpoint, of_an_arn_is_in_the_client_s_region) {
  EXPECT_EQ(for_arn("arn:aws:kinesis:us-west-2:123:stream/x")->host,
            "123.data-kinesis.us-east-1.amazonaws.com");
}

TEST(Endpoint, that_the_user_gives_is_used_as_it_is) {
  const auto endpoint =
      resolve_endpoint({"us-east-1", "http://localhost:4567", false, false},
                       "arn:aws:kinesis:us-east-1:123:stream/x", OperationType::data);
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->authority(), "localhost:4567");
  EXPECT_FALSE(endpoint->tls);
  for (const bool fips : {false, true}) {
    const auto refused = resolve_endpoint({"us-east-1", "http://localhost:4567", fips, !fips}, "",
                                          OperationType::none);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
  }
}

// Whatever comes from a file or an environment must not send credentials to another host.
TEST(Endpoint, refuses_regions_that_are_no_host_label) {
  const auto works = [](const std::string& region) {
    const bool with_url =
        resolve_endpoint({region, "http://localhost", false, false}, "", OperationType::none)
            .has_value();
    const auto endpoint = resolve_endpoint({region, "", false, false}, "", OperationType::none);
    EXPECT_TRUE(endpoint || endpoint.error().kind == ErrorKind::invalid_argument);
    EXPECT_EQ(with_url, endpoint || region.empty()) << region;
    return endpoint.has_value();
  };
  for (const char* region : {"", "evil.com/", "a.b", "us east", "-us", "us_east_1", "us-1\r\nX: y"})
    EXPECT_FALSE(works(region)) << region;
  EXPECT_TRUE(works(std::string(62, 'a')));
  EXPECT_TRUE(works(std::string(63, 'a')));
  EXPECT_FALSE(works(std::string(64, 'a')));
}

}  // namespace
}  // namespace kinesink::aws
