// The chain of credentials in surroundings of the test's own. Nothing here may ask the real
// link-local addresses: instance metadata is disabled or moved to loopback in every test.
#pragma once

#include <aws/common/thread.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "aws/credentials.h"
#include "tests/support/surroundings.h"

namespace kinesink::aws {

class ChainTest : public testing::Test {
 protected:
  // The CRT ends its threads in the background.
  static void TearDownTestSuite() { aws_thread_join_all_managed(); }

  ChainTest() {
    for (const char* name : {"AWS_ACCESS_KEY_ID",
                             "AWS_SECRET_ACCESS_KEY",
                             "AWS_SESSION_TOKEN",
                             "AWS_PROFILE",
                             "AWS_ROLE_ARN",
                             "AWS_ROLE_SESSION_NAME",
                             "AWS_WEB_IDENTITY_TOKEN_FILE",
                             "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                             "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                             "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                             "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                             "AWS_ENDPOINT_URL",
                             "AWS_ENDPOINT_URL_STS",
                             "AWS_ENDPOINT_URL_SSO",
                             "AWS_LOGIN_CACHE_DIRECTORY",
                             "http_proxy",
                             "HTTP_PROXY",
                             "https_proxy",
                             "HTTPS_PROXY",
                             "all_proxy",
                             "ALL_PROXY",
                             "no_proxy",
                             "NO_PROXY"}) {
      environment_.set(name, nullptr);
    }
    environment_.set("AWS_EC2_METADATA_DISABLED", "true");
    environment_.set("AWS_CONFIG_FILE", folder_.path("config"));
    environment_.set("AWS_SHARED_CREDENTIALS_FILE", folder_.path("credentials"));
    environment_.set("HOME", folder_.path("home"));
  }

  Result<std::shared_ptr<CredentialsProvider>> chain(const std::string& profile = "") const {
    ChainOptions options{
        Configuration(process_environment(), profile), !profile.empty(), Log(), {}, tls_, limit_};
    options.rules.region = region_;
    return make_default_chain(std::move(options));
  }
  static Result<Credentials> fetch(CredentialsProvider& provider) {
    // Shared, because the callback may return after the future is ready.
    auto answered = std::make_shared<std::promise<Result<Credentials>>>();
    auto future = answered->get_future();
    provider.get_credentials(
        false, [answered](Result<Credentials> result) { answered->set_value(std::move(result)); });
    if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
      return make_error(ErrorKind::timeout, "the chain did not answer");
    return future.get();
  }
  Result<Credentials> fetch(const std::string& profile = "") const {
    KINESINK_ASSIGN(const auto provider, chain(profile));
    return fetch(*provider);
  }
  // The access key, or the error.
  static std::string key_of(const Result<Credentials>& credentials) {
    return credentials ? credentials->access_key_id : credentials.error().to_string();
  }
  void set_keys() {
    environment_.set("AWS_ACCESS_KEY_ID", "OF_ENVIRONMENT");
    environment_.set("AWS_SECRET_ACCESS_KEY", "secret");
  }

  tests::TemporaryFolder folder_;
  tests::EnvironmentGuard environment_;
  std::string region_ = "eu-west-1";
  http::TlsOptions tls_;
  Duration limit_ = std::chrono::seconds(10);
};

}  // namespace kinesink::aws
