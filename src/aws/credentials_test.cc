// The chain against files, programs, containers and instance metadata. STS and SSO have a test of
// their own each.
#include "aws/credentials.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>

#include "tests/support/chain_fixture.h"
#include "tests/support/http_stub.h"

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

class Chain : public ChainTest {};

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

TEST_F(Chain, names_the_container_that_refuses) {
  HttpStub stub([](const std::string&, const std::string&) { return Answer{403, "{}"}; });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.url() + "/role");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("credentials by container"));
  EXPECT_THAT(found.error().message, HasSubstr("AWS_CONTAINER_"));
}

TEST_F(Chain, names_the_container_that_nobody_reaches) {
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/role");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::transient);
  EXPECT_THAT(found.error().message, HasSubstr("credentials by container"));
  EXPECT_THAT(found.error().message, HasSubstr("cannot be reached"));
}

TEST_F(Chain, refuses_a_container_s_server_on_another_machine) {
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/role");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("host is not allowed"));
}

TEST_F(Chain, waits_for_a_silent_container_no_longer_than_the_limit) {
  limit_ = std::chrono::milliseconds(200);
  HttpStub silent([](const std::string&, const std::string&) { return Answer{0, ""}; });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", silent.url() + "/role");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::transient);
  EXPECT_THAT(found.error().message, HasSubstr("container"));
  EXPECT_THAT(found.error().message, HasSubstr("did not answer in 200 ms"));
}

TEST_F(Chain, says_that_instance_metadata_gave_nothing_and_why) {
  limit_ = std::chrono::milliseconds(200);
  HttpStub silent([](const std::string&, const std::string&) { return Answer{0, ""}; });
  environment_.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.url());
  environment_.set("AWS_EC2_METADATA_DISABLED", "false");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message,
              HasSubstr("environment, profile, instance metadata (it did not answer in 200 ms)"));
  environment_.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
  limit_ = std::chrono::seconds(10);
  EXPECT_THAT(key_of(fetch()), HasSubstr("instance metadata (AWS_AUTH_"));
}

TEST_F(Chain, says_which_half_of_the_keys_is_missing) {
  environment_.set("AWS_ACCESS_KEY_ID", "A");
  EXPECT_THAT(key_of(fetch()), HasSubstr("environment (AWS_SECRET_ACCESS_KEY is missing)"));
  folder_.write("credentials", "[default]\naws_secret_access_key=B\n");
  EXPECT_THAT(key_of(fetch()), HasSubstr("profile (aws_access_key_id is missing)"));
}

// Keys of the machine must not step in for those of a program that fails.
TEST_F(Chain, ends_with_a_source_that_is_configured_and_fails) {
  HttpStub stub([](const std::string&, const std::string&) { return Answer{200, kServed}; });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.url() + "/role");
  EXPECT_EQ(key_of(fetch()), "SERVED");
  folder_.write("config", "[default]\ncredential_process = /bin/false\n");
  EXPECT_THAT(key_of(fetch()), HasSubstr("credentials by credential_process"));
}

TEST_F(Chain, refuses_a_ca_bundle_that_cannot_be_read) {
  tls_.ca_bundle = folder_.path("absent");
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://127.0.0.1:1/role");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::invalid_argument);
  EXPECT_THAT(found.error().message, HasSubstr(tls_.ca_bundle));
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
  limit_ = std::chrono::milliseconds(200);
  HttpStub silent([](const std::string&, const std::string&) { return Answer{0, ""}; });
  environment_.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", silent.url() + "/role");
  auto answered = std::make_shared<std::promise<void>>();  // set twice, it would throw
  {
    const auto provider = chain();
    ASSERT_TRUE(provider);
    (*provider)->get_credentials(false,
                                 [answered](const Result<Credentials>&) { answered->set_value(); });
  }
  // The search goes on, and reads the environment, which the end of this test changes.
  EXPECT_EQ(answered->get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
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
