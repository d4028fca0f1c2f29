// The default chain, opened with a client: what the client's options say counts for it too.
#include "client/client_core.h"
#include "kinesink/client.h"
#include "tests/support/token_services_fixture.h"

namespace kinesink::client {
namespace {

using testing::HasSubstr;

class ClientChain : public aws::TokenServicesTest {
 protected:
  ClientChain() {
    environment_.set("AWS_CA_BUNDLE", nullptr);
    environment_.set("AWS_WEB_IDENTITY_TOKEN_FILE", folder_.write("token", "t"));
    environment_.set("AWS_ROLE_ARN", "r");
    serve_at("AWS_ENDPOINT_URL_STS",
             {{200,
               "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
               "<SessionToken>t</SessionToken>",
               ""}});
  }
  // Empty: there are credentials.
  static std::string fetch_with(ClientOptions options) {
    options.aws_region = "eu-west-1";
    const auto client = Client::open(std::move(options));
    if (!client) return client.error().to_string();
    std::promise<Result<void>> fetched;
    client->core()->refresh_credentials(
        [&fetched](Result<void> result) { fetched.set_value(std::move(result)); });
    const Result<void> result = fetched.get_future().get();
    return result ? "" : result.error().to_string();
  }
};

TEST_F(ClientChain, trusts_the_bundle_of_the_options) {
  EXPECT_EQ(fetch_with({.ca_bundle = authority_.file()}), "");
}

TEST_F(ClientChain, trusts_the_bundle_of_the_environment) {
  environment_.set("AWS_CA_BUNDLE", authority_.file());
  EXPECT_EQ(fetch_with({}), "");
}

TEST_F(ClientChain, verifies_unless_told_not_to) {
  EXPECT_THAT(fetch_with({}), HasSubstr("STS at localhost:"));
  EXPECT_EQ(fetch_with({.verify_ssl = false}), "");
}

TEST_F(ClientChain, of_a_profile_that_the_user_names_leaves_the_environment_alone) {
  folder_.write("config", "[profile dev]\nregion = eu-west-1\n");
  EXPECT_THAT(fetch_with({.profile = "dev", .ca_bundle = authority_.file()}),
              HasSubstr("tried: profile (profile dev)"));
}

}  // namespace
}  // namespace kinesink::client
