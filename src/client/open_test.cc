// Opening a client from options, environment and files. Nothing here leaves loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/client_core.h"
#include "kinesink/client.h"
#include "tests/support/http_stub.h"
#include "tests/support/surroundings.h"

namespace kinesink::client {
namespace {

using testing::HasSubstr;
using tests::HttpStub;

class FixedKeys final : public CredentialsProvider {
 public:
  void get_credentials(bool, Callback done) override { done(Credentials{"AKIDEXAMPLE", "secret"}); }
};

class OpenClient : public testing::Test {
 protected:
  OpenClient() {
    for (const char* name :
         {"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
          "AWS_ENDPOINT_URL_KINESIS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_CA_BUNDLE",
          "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "CBOR_ENABLED", "AWS_CBOR_DISABLE",
          "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http_proxy", "HTTP_PROXY", "all_proxy",
          "ALL_PROXY"}) {
      environment_.set(name, nullptr);
    }
    environment_.set("AWS_EC2_METADATA_DISABLED", "true");
    environment_.set("AWS_CONFIG_FILE", folder_.path("config"));
    environment_.set("AWS_SHARED_CREDENTIALS_FILE", folder_.path("credentials"));
  }
  // The Region, or the error.
  std::string region(ClientOptions options = {}) {
    const auto client = open(std::move(options));
    return client ? client->region() : client.error().to_string();
  }
  Result<Client> open(ClientOptions options) {
    if (options.profile.empty()) options.credentials = std::make_shared<FixedKeys>();
    options.log = [this](const LogRecord& record) {
      if (record.level <= LogLevel::warning) log_ += record.message;
    };
    return Client::open(std::move(options));
  }
  // Without asking anybody.
  std::string wire(ClientOptions options = {}) {
    options.aws_region = "us-east-1";
    const auto client = open(std::move(options));
    const auto chosen = client->core()->choose_wire({"events"}, client->core()->loop().now());
    if (!chosen) return chosen.error().to_string();
    return *chosen == kinesis::Wire::cbor ? "cbor" : "json";
  }

  tests::TemporaryFolder folder_;
  tests::EnvironmentGuard environment_;
  std::string log_;
};

TEST_F(OpenClient, finds_the_region_in_order) {
  EXPECT_THAT(region(), HasSubstr("no Region is known"));
  folder_.write("config", "[default]\nregion = of-profile\n");
  EXPECT_EQ(region(), "of-profile");
  environment_.set("AWS_DEFAULT_REGION", "of-default");
  EXPECT_EQ(region(), "of-default");
  environment_.set("AWS_REGION", "of-environment");
  EXPECT_EQ(region(), "of-environment");
  EXPECT_EQ(region({.aws_region = "of-option"}), "of-option");
}

TEST_F(OpenClient, asks_instance_metadata_for_the_region_last) {
  HttpStub stub([](const std::string& line, const std::string&) -> HttpStub::Answer {
    return {200, line.starts_with("PUT") ? "TOKEN" : "of-instance"};
  });
  environment_.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", stub.url());
  environment_.set("AWS_EC2_METADATA_DISABLED", nullptr);
  EXPECT_EQ(region({.aws_region = "of-option"}), "of-option");
  EXPECT_EQ(region({.endpoint_url = "http://127.0.0.1:9"}), "us-east-1");
  EXPECT_TRUE(stub.requests().empty());
  EXPECT_EQ(region(), "of-instance");
  EXPECT_EQ(stub.requests().size(), 2U);
}

TEST_F(OpenClient, says_why_no_region_is_known) {
  EXPECT_THAT(region(), HasSubstr("set aws_region"));
  EXPECT_THAT(region(), HasSubstr("AWS_EC2_METADATA_DISABLED"));
}

TEST_F(OpenClient, refuses_what_can_never_work) {
  EXPECT_THAT(region({.aws_region = "evil.com/"}), HasSubstr("is no Region"));
  EXPECT_THAT(region({.endpoint_url = "localhost:4567"}), HasSubstr("starts with neither"));
  EXPECT_THAT(region({.endpoint_url = "http://localhost", .use_fips_endpoint = true}),
              HasSubstr("cannot be combined"));
  EXPECT_THAT(region({.aws_region = "us-east-1", .profile = "absent"}), HasSubstr("'absent'"));
}

// What reads them is seen by what it refuses: nothing here looks up AWS's own names.
TEST_F(OpenClient, reads_fips_and_dual_stack_of_environment_and_profile) {
  const ClientOptions custom{.endpoint_url = "http://localhost"};
  EXPECT_EQ(region(custom), "us-east-1");
  for (const char* name : {"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"}) {
    environment_.set(name, "true");
    EXPECT_THAT(region(custom), HasSubstr("cannot be combined"));
    environment_.set(name, nullptr);
  }
  folder_.write("config", "[default]\nuse_dualstack_endpoint = true\n");
  EXPECT_THAT(region(custom), HasSubstr("cannot be combined"));
}

TEST_F(OpenClient, checks_the_ranges_of_its_options) {
  const auto works = [this](ClientOptions options) {
    options.aws_region = "us-east-1";
    const auto client = open(std::move(options));
    EXPECT_TRUE(client || client.error().kind == ErrorKind::invalid_argument);
    return client.has_value();
  };
  EXPECT_FALSE(works({.max_connections = 0}));
  EXPECT_TRUE(works({.max_connections = 1}));
  EXPECT_TRUE(works({.max_connections = 1'024}));
  EXPECT_FALSE(works({.max_connections = 1'025}));
  EXPECT_FALSE(works({.io_threads = 0}));
  EXPECT_TRUE(works({.io_threads = 64}));
  EXPECT_FALSE(works({.io_threads = 65}));
  EXPECT_FALSE(works({.connect_timeout = std::chrono::milliseconds(0)}));
  EXPECT_FALSE(works({.request_timeout = std::chrono::milliseconds(0)}));
  EXPECT_TRUE(works({.application_id = std::string(50, 'a')}));
  EXPECT_FALSE(works({.application_id = std::string(51, 'a')}));
  EXPECT_FALSE(works({.application_id = "a\r\nX-Evil: 1"}));
  EXPECT_FALSE(works({.application_id = "a b"}));
}

TEST_F(OpenClient, speaks_cbor_to_the_service_itself) { EXPECT_EQ(wire(), "cbor"); }

TEST_F(OpenClient, honours_the_switches_of_the_java_sdks) {
  environment_.set("CBOR_ENABLED", "true");
  EXPECT_EQ(wire(), "cbor");
  environment_.set("CBOR_ENABLED", "false");
  EXPECT_EQ(wire(), "json");
  EXPECT_EQ(wire({.wire = WireChoice::cbor}), "cbor");
  environment_.set("CBOR_ENABLED", nullptr);
  environment_.set("AWS_CBOR_DISABLE", "1");
  EXPECT_EQ(wire(), "json");
  EXPECT_EQ(wire({.wire = WireChoice::json}), "json");
}

TEST_F(OpenClient, warns_of_what_is_not_safe) {
  region({.endpoint_url = "https://kinesis.example"});
  for (const char* url : {"http://127.0.0.1:4567", "http://localhost", "http://[::1]:4567"})
    region({.endpoint_url = url});
  EXPECT_EQ(log_, "");
  region({.endpoint_url = "http://kinesis.example"});
  EXPECT_THAT(log_, HasSubstr("UNENCRYPTED"));
  log_.clear();
  region({.endpoint_url = "http://127.evil.example"});
  EXPECT_THAT(log_, HasSubstr("UNENCRYPTED"));
  log_.clear();
  region({.aws_region = "us-east-1", .verify_ssl = false});
  EXPECT_THAT(log_, HasSubstr("NOT verified"));
}

TEST_F(OpenClient, talks_to_the_endpoint_of_the_environment) {
  HttpStub stub([](const std::string& line, const std::string& head) -> HttpStub::Answer {
    const bool good =
        line == "POST /" &&
        head.find("\r\nx-amz-target: kinesis_20131202.createstream\r\n") != head.npos &&
        head.find("credential=akidexample/") != head.npos;
    return {good ? 200 : 500, ""};
  });
  environment_.set("AWS_ENDPOINT_URL_KINESIS", stub.url());
  const auto client = open({});
  ASSERT_TRUE(client) << client.error().to_string();
  const auto created = client->core()->create_stream(
      "events", 1, client->core()->loop().now() + std::chrono::seconds(10));
  EXPECT_TRUE(created) << created.error().to_string();
}

TEST_F(OpenClient, needs_all_parts_of_an_injected_client) {
  const auto core = make_client_core({}, {});
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace kinesink::client
