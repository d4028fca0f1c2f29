// Expected hosts are what botocore computes from the rule sets of the services.
#include "aws/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vectors/endpoints.h"

namespace kinesink::aws {
namespace {

// `*` of a vector is the Region.
std::string in_region(std::string_view host, std::string_view region) {
  std::string text(host);
  if (const std::size_t at = text.find('*'); at != text.npos) text.replace(at, 1, region);
  return text;
}

std::string host_of(const EndpointRules& rules, const std::string& arn, OperationType type) {
  const auto endpoint = resolve_endpoint(rules, arn, type);
  if (!endpoint) return endpoint.error().to_string();
  EXPECT_EQ(endpoint->port, 443);
  EXPECT_TRUE(endpoint->tls);
  return endpoint->host;
}

void expect_hosts(const EndpointGroup& group, std::string_view region, const EndpointHosts& row) {
  const EndpointRules rules{std::string(region), "", row.use_fips, row.use_dualstack};
  const std::string arn = "arn:" + std::string(group.partition) + ":kinesis:" + rules.region +
                          ":123456789012:stream/events";
  const std::array<std::string, 5> found = {
      host_of(rules, "", OperationType::data), host_of(rules, arn, OperationType::data),
      host_of(rules, arn, OperationType::control), service_host("sts", rules),
      service_host("portal.sso", rules)};
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i], in_region(row.hosts[i], region))
        << (row.use_fips ? "FIPS " : "") << (row.use_dualstack ? "dual-stack" : "");
  }
}

TEST(Endpoint, is_the_one_that_the_rule_set_names) {
  std::size_t compared = 0;
  for (const EndpointGroup& group : kEndpointVectors) {
    for (const std::string_view region : group.regions) {
      for (const EndpointHosts& row : group.hosts) expect_hosts(group, region, row);
      ++compared;
    }
  }
  EXPECT_GE(compared, 50U);
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
