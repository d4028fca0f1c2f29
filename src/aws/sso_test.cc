// Keys from IAM Identity Center (SSO) and from `aws login`.
#include "tests/support/token_services_fixture.h"

namespace kinesink::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The shape of
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html.
constexpr const char* kSsoAnswer =
    R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t",)"
    R"("expiration":1893553445000}})";

// PEM, as a JSON string.
std::string private_key() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey_traditional(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2)
    text.replace(at, 1, "\\n");
  return text;
}

class Sso : public TokenServicesTest {
 protected:
  // `sha1`: of the name of the session, or of the start URL.
  void log_in(const std::string& sha1) {
    std::filesystem::create_directories(folder_.path("home/.aws/sso/cache"));
    folder_.write("home/.aws/sso/cache/" + sha1 + ".json",
                  R"({"accessToken":"sesame","expiresAt":"2030-01-01T00:00:00Z"})");
  }
};

TEST_F(Sso, gives_keys_for_an_sso_session) {
  serve_at("AWS_ENDPOINT_URL_SSO", {{200, kSsoAnswer, ""}});
  folder_.write("config",
                "[default]\nsso_session = corp\nsso_account_id = 123456789012\n"
                "sso_role_name = Data Writer\n"
                "[sso-session corp]\nsso_region = eu-west-2\n"
                "sso_start_url = https://corp.awsapps.com/start\n");
  EXPECT_THAT(key_of(fetch()), HasSubstr("Run: aws sso login --profile default"));
  log_in("5a0a3f5ab5b2d2a52ad5aa1f8ea4d3b0a4a2a1f5");
  EXPECT_THAT(key_of(fetch()), HasSubstr("Run: aws sso login --profile default"));
  log_in("ee0bfd2552fbd840c02cc48b6e823320543c450f");  // printf corp | sha1sum
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "SSO");
  EXPECT_EQ(found->session_token, "t");
  EXPECT_EQ(found->expiration, kEnd);
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_TRUE(
      requests_[0].starts_with("GET /federation/credentials?account_id=123456789012"
                               "&role_name=Data%20Writer HTTP/1.1\r\n"));
  EXPECT_EQ(header_of(requests_[0], "x-amz-sso_bearer_token"), "sesame");
}

TEST_F(Sso, is_found_at_the_region_of_the_sso_profile) {
  serve_by_proxy({{200, kSsoAnswer, ""}}, "DNS:portal.sso.eu-west-2.amazonaws.com");
  folder_.write("config",
                "[default]\nsso_start_url = https://corp.awsapps.com/start\n"
                "sso_region = eu-west-2\nsso_account_id = 1\nsso_role_name = r\n");
  log_in("a51746d4aa793ae07b25e90c3a5db96fc7832bd7");  // printf https://corp.awsapps.com/start |
                                                       // sha1sum
  EXPECT_EQ(key_of(fetch()), "SSO");
  requests();
  EXPECT_THAT(connects_, ElementsAre("CONNECT portal.sso.eu-west-2.amazonaws.com:443"));
}

TEST_F(Sso, that_refuses_its_login_says_what_to_do) {
  folder_.write("config",
                "[profile dev]\nsso_start_url = https://corp.awsapps.com/start\n"
                "sso_region = eu-west-2\nsso_account_id = 1\nsso_role_name = r\n");
  log_in("a51746d4aa793ae07b25e90c3a5db96fc7832bd7");
  serve_at("AWS_ENDPOINT_URL_SSO",
           {{401, R"({"message":"Session token not found or invalid"})", ""}});
  const auto ended = fetch("dev");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::auth);
  EXPECT_THAT(ended.error().message, HasSubstr("by SSO"));
  EXPECT_THAT(ended.error().message, HasSubstr("Session token not found or invalid"));
  EXPECT_THAT(ended.error().message, HasSubstr("Run: aws sso login --profile dev"));
  EXPECT_THAT(ended.error().message, Not(HasSubstr("sesame")));
  serve_at("AWS_ENDPOINT_URL_SSO", {{403, R"({"message":"No access"})", ""}});
  requests_.clear();
  EXPECT_THAT(key_of(fetch("dev")), HasSubstr("The user has no role r in account 1"));
  environment_.set("AWS_ENDPOINT_URL_SSO", "https://127.0.0.1:1");
  EXPECT_THAT(key_of(fetch("dev")), HasSubstr("SSO at 127.0.0.1:1 cannot be reached"));
}

TEST_F(Sso, is_not_asked_for_profiles_that_lack_something) {
  folder_.write("config", "[default]\nsso_session = corp\nsso_account_id = 1\n");
  EXPECT_THAT(key_of(fetch()), HasSubstr("sso_role_name is missing"));
  folder_.write("config", "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n");
  EXPECT_THAT(key_of(fetch()), HasSubstr("sso_region is missing"));
}

// The one call of aws-c-auth over TLS.
TEST_F(Sso, gives_keys_for_a_login_by_proxy_and_bundle) {
  serve_by_proxy({{200,
                   R"({"accessToken":{"accessKeyId":"LOGIN","secretAccessKey":"s",)"
                   R"("sessionToken":"t"},"expiresIn":900,"refreshToken":"next"})",
                   ""}},
                 "DNS:eu-west-1.signin.aws.amazon.com");
  folder_.write("config", "[profile dev]\nlogin_session = me\nregion = eu-west-1\n");
  const auto absent = fetch("dev");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::auth) << absent.error().message;
  EXPECT_THAT(absent.error().message, HasSubstr("by login"));
  EXPECT_THAT(absent.error().message, HasSubstr("Run: aws login --profile dev"));
  std::filesystem::create_directories(folder_.path("home/.aws/login/cache"));
  // printf me | sha256sum
  folder_.write(
      "home/.aws/login/cache/2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0.json",
      R"({"accessToken":{"accessKeyId":"OLD","secretAccessKey":"s","sessionToken":"t",)"
      R"("accountId":"1","expiresAt":"2030-01-01T00:00:00Z"},"tokenType":"t",)"
      R"("refreshToken":"r","idToken":"i","clientId":"c","dpopKey":")" +
          private_key() + "\"}");
  EXPECT_EQ(key_of(fetch("dev")), "LOGIN");
  requests();
  EXPECT_THAT(connects_, testing::Contains("CONNECT eu-west-1.signin.aws.amazon.com:443"));
}

TEST_F(Sso, whose_answer_holds_no_keys_is_named) {
  folder_.write("config",
                "[default]\nsso_start_url = https://corp.awsapps.com/start\n"
                "sso_region = eu-west-2\nsso_account_id = 1\nsso_role_name = r\n");
  log_in("a51746d4aa793ae07b25e90c3a5db96fc7832bd7");
  for (const char* body : {"", "{", "[]", R"({"roleCredentials":[]})", R"({"roleCredentials":{}})",
                           R"({"roleCredentials":{"accessKeyId":1,"secretAccessKey":{}}})"}) {
    requests_.clear();
    serve_at("AWS_ENDPOINT_URL_SSO", {{200, body, ""}});
    EXPECT_THAT(key_of(fetch()), HasSubstr("gave an answer without keys")) << body;
  }
}

}  // namespace
}  // namespace kinesink::aws
