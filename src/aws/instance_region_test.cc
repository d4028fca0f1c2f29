#include "aws/instance_region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "http/client.h"
#include "tests/support/http_stub.h"

namespace kinesink::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Answer = tests::HttpStub::Answer;

class InstanceRegion : public testing::Test {
 protected:
  // Nothing is read from the real environment, nothing asked of the real address.
  Result<std::string> ask(const std::string& endpoint, const std::string& disabled = "") {
    const std::map<std::string, std::string> variables = {
        {"AWS_CONFIG_FILE", "/nonexistent"},
        {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint},
        {"AWS_EC2_METADATA_DISABLED", disabled}};
    const Configuration configuration(
        [&variables](const char* name) -> const char* {
          const auto found = variables.find(name);
          return found == variables.end() ? nullptr : found->second.c_str();
        },
        "");
    return instance_region(*loop_, configuration);
  }
  std::unique_ptr<http::EventLoop> loop_ = http::make_io_loop();
};

TEST_F(InstanceRegion, is_asked_for_with_a_token) {
  tests::HttpStub stub([](const std::string& line, const std::string& head) -> Answer {
    if (line == "PUT /latest/api/token") {
      const bool with_life = head.find("\r\nx-aws-ec2-metadata-token-ttl-seconds: ") != head.npos;
      return {with_life ? 200 : 400, "TOKEN=="};
    }
    const bool with_token = head.find("\r\nx-aws-ec2-metadata-token: token==\r\n") != head.npos;
    return {with_token ? 200 : 401, "eu-central-2"};
  });
  for (const char* enabled : {"", "false", "False"}) {
    const auto region = ask(stub.url(), enabled);
    ASSERT_TRUE(region) << region.error().to_string();
    EXPECT_EQ(*region, "eu-central-2");
  }
  EXPECT_THAT(ask(stub.url() + "/").value_or(""), "eu-central-2");
  EXPECT_EQ(stub.requests()[0], "PUT /latest/api/token");
  EXPECT_EQ(stub.requests()[1], "GET /latest/meta-data/placement/region");
}

TEST_F(InstanceRegion, is_not_asked_for_when_that_is_forbidden) {
  tests::HttpStub stub([](const std::string&, const std::string&) { return Answer{}; });
  for (const char* disabled : {"true", "TRUE", "1"}) {
    const auto region = ask(stub.url(), disabled);
    ASSERT_FALSE(region);
    EXPECT_EQ(region.error().kind, ErrorKind::not_found);
    EXPECT_THAT(region.error().message, HasSubstr("AWS_EC2_METADATA_DISABLED"));
  }
  EXPECT_THAT(stub.requests(), ElementsAre());
}

TEST_F(InstanceRegion, is_unknown_if_the_answer_is_no_region) {
  for (const Answer& answer : {Answer{403, ""}, Answer{200, "<html>"}, Answer{200, ""},
                               Answer{200, std::string(5000, 'a')}, Answer{200, "a\r\nb"}}) {
    tests::HttpStub stub([&answer](const std::string&, const std::string&) { return answer; });
    const auto region = ask(stub.url());
    ASSERT_FALSE(region) << answer.body;
    EXPECT_EQ(region.error().kind, ErrorKind::not_found) << region.error().to_string();
  }
}

TEST_F(InstanceRegion, is_given_up_after_a_second) {
  tests::HttpStub stub([](const std::string&, const std::string&) { return Answer{0, ""}; });
  const Instant start = loop_->now();
  const auto region = ask(stub.url());
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().kind, ErrorKind::not_found) << region.error().to_string();
  EXPECT_GE(loop_->now() - start, std::chrono::milliseconds(900));
  EXPECT_LT(loop_->now() - start, std::chrono::seconds(3));
}

TEST_F(InstanceRegion, of_a_machine_that_is_no_instance_is_unknown) {
  std::string url;
  {
    const tests::HttpStub gone([](const std::string&, const std::string&) { return Answer{}; });
    url = gone.url();
  }
  const auto region = ask(url);
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().kind, ErrorKind::not_found) << region.error().to_string();
  EXPECT_EQ(ask("ftp://nonsense").error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace kinesink::aws
