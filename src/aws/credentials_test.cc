// The chain against files, programs and servers of the test. Nothing here may ask the real
// link-local addresses: instance metadata is disabled or moved to loopback in every test.
#include "aws/credentials.h"

#include <aws/common/thread.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "tests/support/http_stub.h"
#include "tests/support/surroundings.h"

namespace kinesink::aws {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::HttpStub;
using Answer = HttpStub::Answer;

// The shape of https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
constexpr const char* kServed =
    R"({"AccessKeyId":"SERVED","SecretAccessKey":"served secret","Token":"served token",)"
    R"("Expiration":"2030-01-02T03:04:05Z","Code":"Success"})";

// ThreadSanitizer lets no thread start in the child of a fork of threads.
#if defined(__SANITIZE_THREAD__)
constexpr bool kChildMayStartThreads = false;
#elif defined(__has_feature)
constexpr bool kChildMayStartThreads = !__has_feature(thread_sanitizer);
#else
constexpr bool kChildMayStartThreads = true;
#endif

class Chain : public testing::Test {
 protected:
  // The CRT ends its threads in the background.
  static void TearDownTestSuite() { aws_thread_join_all_managed(); }

  Chain() {
    for (const char* name :
         {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
          "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
          "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
          "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"}) {
      environment_.set(name, nullptr);
    }
    environment_.set("AWS_EC2_METADATA_DISABLED", "true");
    environment_.set("AWS_CONFIG_FILE", folder_.path("config"));
    environment_.set("AWS_SHARED_CREDENTIALS_FILE", folder_.path("credentials"));
  }

  static Result<std::shared_ptr<CredentialsProvider>> chain(const std::string& profile = "") {
    return make_default_chain(
        {Configuration(process_environment(), profile), !profile.empty(), Log()});
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
  static Result<Credentials> fetch(const std::string& profile = "") {
    KINESINK_ASSIGN(const auto provider, chain(profile));
    return fetch(*provider);
  }
  static std::string key_of(const Result<Credentials>& credentials) {
    return credentials ? credentials->access_key_id : credentials.error().to_string();
  }
  void set_keys() {
    environment_.set("AWS_ACCESS_KEY_ID", "OF_ENVIRONMENT");
    environment_.set("AWS_SECRET_ACCESS_KEY", "secret");
  }

  tests::TemporaryFolder folder_;
  tests::EnvironmentGuard environment_;
};

TEST_F(Chain, starts_with_the_environment) {
  folder_.write("credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n");
  set_keys();
  environment_.set("AWS_SESSION_TOKEN", "token");
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "OF_ENVIRONMENT");
  EXPECT_EQ(found->secret_access_key, "secret");
  EXPECT_EQ(found->session_token, "token");
  EXPECT_EQ(found->expiration, std::nullopt);
}

TEST_F(Chain, reads_the_keys_of_a_profile_anew_each_time) {
  folder_.write("credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n");
  const auto provider = chain();
  ASSERT_TRUE(provider);
  EXPECT_EQ(key_of(fetch(**provider)), "A");
  folder_.write("credentials",
                "[default]\naws_access_key_id=C\naws_secret_access_key=D\naws_session_token=E\n");
  const auto found = fetch(**provider);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "C");
  EXPECT_EQ(found->session_token, "E");
}

TEST_F(Chain, takes_the_profile_that_the_environment_names) {
  folder_.write("config", "[profile dev]\naws_access_key_id=DEV\naws_secret_access_key=B\n");
  environment_.set("AWS_PROFILE", "dev");
  EXPECT_EQ(key_of(fetch()), "DEV");
  set_keys();
  EXPECT_EQ(key_of(fetch()), "OF_ENVIRONMENT");
}

// Keys of another account must not step in for those that the user asked for.
TEST_F(Chain, ignores_the_environment_s_keys_for_a_profile_that_the_user_names) {
  folder_.write("config",
                "[profile dev]\naws_access_key_id=DEV\naws_secret_access_key=B\n"
                "[profile broken]\nregion=eu-west-1\n");
  set_keys();
  EXPECT_EQ(key_of(fetch("dev")), "DEV");
  const auto found = fetch("broken");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
}

TEST_F(Chain, of_a_named_profile_that_does_not_exist_is_not_found) {
  folder_.write("config", "[default]\nregion=eu-west-1\n");
  const auto provider = chain("absent");
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::not_found);
  EXPECT_THAT(provider.error().message, HasSubstr("'absent'"));
}

TEST_F(Chain, runs_the_program_of_a_profile) {
  const std::string program = folder_.write(
      "program",
      "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"S\","
      "\"SessionToken\":\"T\",\"Expiration\":\"2030-01-02T03:04:05Z\"}'\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  folder_.write("config", "[default]\ncredential_process = " + program + "\n");
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "PROCESS");
  EXPECT_EQ(found->session_token, "T");
  // date -u -d 2030-01-02T03:04:05Z +%s
  EXPECT_EQ(found->expiration,
            std::chrono::system_clock::time_point(std::chrono::seconds(1'893'553'445)));
}

TEST_F(Chain, does_not_block_the_caller_while_a_program_runs) {
  const std::string gate = folder_.path("gate");
  const std::string program = folder_.write(
      "program", "#!/bin/sh\nuntil test -e " + gate +
                     "; do sleep 0.02; done\n"
                     "echo '{\"Version\":1,\"AccessKeyId\":\"SLOW\",\"SecretAccessKey\":\"S\"}'\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  folder_.write("config", "[default]\ncredential_process = " + program + "\n");
  const auto provider = chain();
  ASSERT_TRUE(provider);
  std::promise<Result<Credentials>> answered;
  (*provider)->get_credentials(
      false, [&](Result<Credentials> result) { answered.set_value(std::move(result)); });
  folder_.write("gate", "");  // a caller who is blocked never comes here
  EXPECT_EQ(key_of(answered.get_future().get()), "SLOW");
}

TEST_F(Chain, says_what_to_do_when_a_program_fails) {
  folder_.write("config", "[default]\ncredential_process = /bin/false\n");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("credential_process"));
}

TEST_F(Chain, asks_the_container_s_server_with_its_token) {
  HttpStub stub([](const std::string& line, const std::string& head) -> Answer {
    const bool good = line == "GET /role" && head.find("\r\nauthorization: sesame") != head.npos;
    return good ? Answer{200, kServed} : Answer{403, "{}"};
  });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.url() + "/role");
  environment_.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "sesame");
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "SERVED");
  EXPECT_EQ(found->secret_access_key, "served secret");
  EXPECT_EQ(found->session_token, "served token");
  EXPECT_EQ(found->expiration,
            std::chrono::system_clock::time_point(std::chrono::seconds(1'893'553'445)));

  // EKS Pod Identity gives the token in a file.
  environment_.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "closed");
  environment_.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder_.write("token", "sesame"));
  EXPECT_EQ(key_of(fetch()), "SERVED");
}

TEST_F(Chain, asks_instance_metadata_with_a_token) {
  HttpStub stub([](const std::string& line, const std::string& head) -> Answer {
    if (line == "PUT /latest/api/token") return {200, "TOKEN"};
    if (head.find("\r\nx-aws-ec2-metadata-token: token\r\n") == head.npos) return {401, ""};
    const std::string folder = "GET /latest/meta-data/iam/security-credentials/";
    if (line == folder) return {200, "role"};
    return line == folder + "role" ? Answer{200, kServed} : Answer{404, ""};
  });
  environment_.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", stub.url());
  environment_.set("AWS_EC2_METADATA_DISABLED", "false");
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "SERVED");
  ASSERT_FALSE(stub.requests().empty());
  EXPECT_EQ(stub.requests()[0], "PUT /latest/api/token");

  environment_.set("AWS_EC2_METADATA_DISABLED", "true");
  EXPECT_FALSE(fetch());
}

TEST_F(Chain, does_not_stumble_over_a_missing_web_identity_file) {
  environment_.set("AWS_WEB_IDENTITY_TOKEN_FILE", folder_.path("absent"));
  environment_.set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
  environment_.set("AWS_REGION", "eu-west-1");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("web identity"));
}

TEST_F(Chain, that_finds_nothing_says_what_it_tried_and_what_to_do) {
  folder_.write("config", "[default]\nregion=eu-west-1\n");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("environment, profile"));
  EXPECT_THAT(found.error().message, HasSubstr("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(found.error().message, Not(HasSubstr("instance metadata")));
}

TEST_F(Chain, that_cannot_find_its_profile_says_so) {
  environment_.set("AWS_PROFILE", "absent");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("profile absent, which is in no file"));
}

TEST_F(Chain, may_end_before_its_answer) {
  HttpStub silent([](const std::string&, const std::string&) { return Answer{0, ""}; });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", silent.url() + "/role");
  auto answered = std::make_shared<std::atomic<int>>(0);
  {
    const auto provider = chain();
    ASSERT_TRUE(provider);
    (*provider)->get_credentials(false, [answered](const Result<Credentials>&) { ++*answered; });
  }
  EXPECT_LE(*answered, 1);
}

TEST_F(Chain, is_left_alone_by_a_forked_child_that_has_one_of_its_own) {
  set_keys();
  auto provider = chain();
  ASSERT_TRUE(provider);
  ASSERT_TRUE(fetch(**provider));
  const pid_t child = ::fork();
  if (child == 0) {
    provider->reset();
    ::_exit(!kChildMayStartThreads || key_of(fetch()) == "OF_ENVIRONMENT" ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_TRUE(fetch(**provider));
}

}  // namespace
}  // namespace kinesink::aws
