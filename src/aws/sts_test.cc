// Keys from STS: roles and web identities.
#include "tests/support/token_services_fixture.h"

namespace kinesink::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRole = "arn:aws:iam::123456789012:role/writer";

// The shape of https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
std::string sts_answer(const std::string& key) {
  return "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser>"
         "<Credentials><AccessKeyId>" +
         key +
         "</AccessKeyId><SecretAccessKey>a/b+c&amp;d</SecretAccessKey>"
         "<SessionToken>token==</SessionToken><Expiration>2030-01-02T03:04:05Z</Expiration>"
         "</Credentials></AssumeRoleResult></AssumeRoleResponse>";
}

std::string sts_refusal(const std::string& code) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
         "</Code><Message>why &lt;not&gt;</Message></Error></ErrorResponse>";
}

class Sts : public TokenServicesTest {
 protected:
  void set_web_identity() {
    environment_.set("AWS_WEB_IDENTITY_TOKEN_FILE", folder_.write("token", "tok/en+\n"));
    environment_.set("AWS_ROLE_ARN", kRole);
    environment_.set("AWS_ROLE_SESSION_NAME", "here");
  }
  void set_role(const std::string& more = "") {
    folder_.write("config", "[default]\nrole_arn = " + std::string(kRole) +
                                "\nsource_profile = base\nrole_session_name = here\n" + more +
                                "\n[profile base]\naws_access_key_id = BASE\n"
                                "aws_secret_access_key = secret\n");
  }
};

TEST_F(Sts, gives_keys_for_a_web_identity) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("WEB"), ""}});
  set_web_identity();
  const auto found = fetch();
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->access_key_id, "WEB");
  EXPECT_EQ(found->secret_access_key, "a/b+c&d");
  EXPECT_EQ(found->session_token, "token==");
  EXPECT_EQ(found->expiration, kEnd);
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_TRUE(requests_[0].starts_with("POST / HTTP/1.1\r\n"));
  EXPECT_EQ(header_of(requests_[0], "Authorization"), "");
  EXPECT_EQ(body_of(requests_[0]),
            "Action=AssumeRoleWithWebIdentity&WebIdentityToken=tok%2Fen%2B&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fwriter&RoleSessionName=here");
}

// What an EKS cluster behind a proxy with an authority of its own needs.
TEST_F(Sts, is_reached_by_the_proxy_and_trusted_by_the_bundle) {
  serve_by_proxy({{200, sts_answer("PROXIED"), ""}}, "DNS:sts.eu-west-1.amazonaws.com");
  set_web_identity();
  EXPECT_EQ(key_of(fetch()), "PROXIED");
  requests();
  EXPECT_THAT(connects_, ElementsAre("CONNECT sts.eu-west-1.amazonaws.com:443"));
}

TEST_F(Sts, is_not_believed_without_the_bundle) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("WEB"), ""}});
  set_web_identity();
  tls_.ca_bundle.clear();
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("STS at localhost:"));
  EXPECT_THAT(found.error().message, HasSubstr("certificate"));
  EXPECT_TRUE(requests().empty());
  tls_.verify = false;
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("WEB"), ""}});
  EXPECT_EQ(key_of(fetch()), "WEB");
}

TEST_F(Sts, that_refuses_a_web_identity_says_why) {
  serve_at("AWS_ENDPOINT_URL_STS", {{400, sts_refusal("InvalidIdentityToken"), ""}});
  set_web_identity();
  set_keys();  // of another identity; they come first
  EXPECT_EQ(key_of(fetch()), "OF_ENVIRONMENT");
  environment_.set("AWS_ACCESS_KEY_ID", nullptr);
  environment_.set("AWS_SECRET_ACCESS_KEY", nullptr);
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("by web identity"));
  EXPECT_THAT(found.error().message, HasSubstr("refused: InvalidIdentityToken: why <not>"));
  EXPECT_THAT(found.error().message, HasSubstr("Check the token in " + folder_.path("token")));
  EXPECT_THAT(found.error().message, Not(HasSubstr("tok/en")));
  EXPECT_EQ(requests().size(), 1U) << "asked again for what will not change";
}

TEST_F(Sts, is_asked_again_when_it_stumbles) {
  serve_at("AWS_ENDPOINT_URL_STS", {{503, "", ""}, {429, "", ""}, {200, sts_answer("LATE"), ""}});
  set_web_identity();
  EXPECT_EQ(key_of(fetch()), "LATE");
}

TEST_F(Sts, that_nobody_reaches_is_named) {
  set_web_identity();
  environment_.set("AWS_ENDPOINT_URL_STS", "https://127.0.0.1:1");
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::transient);
  EXPECT_THAT(found.error().message, HasSubstr("STS at 127.0.0.1:1 cannot be reached"));
}

TEST_F(Sts, that_is_silent_is_waited_for_no_longer_than_the_limit) {
  limit_ = std::chrono::milliseconds(200);
  serve_at("AWS_ENDPOINT_URL_STS", {{0, "", ""}});
  set_web_identity();
  const auto begin = std::chrono::steady_clock::now();
  const auto found = fetch();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::transient);
  EXPECT_THAT(found.error().message, HasSubstr("cannot be reached"));
}

TEST_F(Sts, needs_a_region_or_an_endpoint) {
  region_ = "evil.com/";
  set_web_identity();
  EXPECT_THAT(key_of(fetch()), HasSubstr("STS needs a Region: set AWS_REGION"));
}

TEST_F(Sts, gives_keys_for_the_role_of_a_profile) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("ROLE"), ""}});
  set_role("external_id = a b\nduration_seconds = 1800");
  EXPECT_EQ(key_of(fetch()), "ROLE");
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_EQ(body_of(requests_[0]),
            "Action=AssumeRole&ExternalId=a%20b&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fwriter&RoleSessionName=here"
            "&DurationSeconds=1800");
  EXPECT_THAT(header_of(requests_[0], "Authorization"), HasSubstr("Credential=BASE/"));
  EXPECT_THAT(header_of(requests_[0], "Authorization"), HasSubstr("/eu-west-1/sts/aws4_request"));
}

TEST_F(Sts, knows_a_role_s_session_by_a_name_in_any_case) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("ROLE"), ""}});
  folder_.write("config",
                "[default]\nrole_arn = r\nsource_profile = default\n"
                "aws_access_key_id = OWN\naws_secret_access_key = s\n");
  EXPECT_EQ(key_of(fetch()), "ROLE");
  ASSERT_EQ(requests().size(), 1U);
  EXPECT_THAT(body_of(requests_[0]), HasSubstr("&RoleSessionName=kinesink-"));
  EXPECT_THAT(header_of(requests_[0], "Authorization"), HasSubstr("Credential=OWN/"));
}

TEST_F(Sts, takes_one_role_s_keys_for_the_next) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("FIRST"), ""}, {200, sts_answer("LAST"), ""}});
  folder_.write("config",
                "[profile last]\nrole_arn = r2\nsource_profile = first\n"
                "[profile first]\nrole_arn = r1\nsource_profile = base\n"
                "[profile base]\ncredential_process = echo "
                R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"s"})"
                "\n");
  folder_.write("credentials", "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
  EXPECT_EQ(key_of(fetch("last")), "LAST");
  ASSERT_EQ(requests().size(), 2U);
  EXPECT_THAT(body_of(requests_[0]), HasSubstr("RoleArn=r1&"));
  EXPECT_THAT(header_of(requests_[0], "Authorization"), HasSubstr("Credential=BASE/"));
  EXPECT_THAT(body_of(requests_[1]), HasSubstr("RoleArn=r2&"));
  EXPECT_THAT(header_of(requests_[1], "Authorization"), HasSubstr("Credential=FIRST/"));
  EXPECT_EQ(header_of(requests_[1], "X-Amz-Security-Token"), "token==");
}

TEST_F(Sts, takes_the_environment_s_keys_for_a_role) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("ROLE"), ""}});
  folder_.write("config", "[profile dev]\nrole_arn = r\ncredential_source = Environment\n");
  EXPECT_THAT(key_of(fetch("dev")), HasSubstr("its source, environment, gives no keys"));
  set_keys();
  EXPECT_EQ(key_of(fetch("dev")), "ROLE");
}

TEST_F(Sts, gives_keys_for_the_web_identity_of_a_profile) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, sts_answer("WEB"), ""}});
  folder_.write("config", "[default]\nrole_arn = r\nweb_identity_token_file = " +
                              folder_.write("token", "t") + "\n");
  EXPECT_EQ(key_of(fetch()), "WEB");
}

TEST_F(Sts, that_refuses_a_role_ends_the_search) {
  serve_at("AWS_ENDPOINT_URL_STS", {{403, sts_refusal("AccessDenied"), ""}});
  set_role();
  set_web_identity();
  const auto found = fetch();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::auth);
  EXPECT_THAT(found.error().message, HasSubstr("by role " + std::string(kRole)));
  EXPECT_THAT(found.error().message, HasSubstr("refused: AccessDenied: why <not>"));
  EXPECT_THAT(found.error().message, HasSubstr("trust policy, external_id"));
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(Sts, is_not_asked_for_roles_that_are_misconfigured) {
  const auto said = [this](const std::string& text) {
    folder_.write("config", "[default]\nrole_arn = r\n" + text);
    return key_of(fetch());
  };
  EXPECT_THAT(said(""), HasSubstr("neither source_profile nor credential_source"));
  EXPECT_THAT(said("source_profile = absent\n"), HasSubstr("source_profile absent is in no file"));
  EXPECT_THAT(said("source_profile = a\n[profile a]\nrole_arn = r\nsource_profile = default\n"),
              HasSubstr("source_profile default leads back to itself"));
  EXPECT_THAT(said("source_profile = default\n"), HasSubstr("its source, profile, gives no keys"));
  EXPECT_THAT(said("credential_source = Moon\n"), HasSubstr("credential_source Moon is none of"));
  EXPECT_THAT(said("mfa_serial = arn\nsource_profile = default\n"), HasSubstr("mfa_serial"));
}

// Both directions: the second signature bears the service's time.
TEST_F(Sts, corrects_the_clock_by_its_date) {
  for (const auto& [date, year] : {std::pair("Sun, 06 Nov 2011 08:49:37 GMT", "20111106T0849"),
                                   std::pair("Fri, 06 Nov 2111 08:49:37 GMT", "21111106T0849")}) {
    requests_.clear();
    serve_at("AWS_ENDPOINT_URL_STS",
             {{403, sts_refusal("SignatureDoesNotMatch"), "Date: " + std::string(date) + "\r\n"},
              {200, sts_answer("ROLE"), ""}});
    set_role();
    EXPECT_EQ(key_of(fetch()), "ROLE");
    ASSERT_EQ(requests().size(), 2U);
    EXPECT_THAT(header_of(requests_[1], "X-Amz-Date"), testing::StartsWith(year));
  }
}

TEST_F(Sts, whose_answer_holds_no_keys_is_named) {
  serve_at("AWS_ENDPOINT_URL_STS", {{200, "<AccessKeyId>&bad;</AccessKeyId>", ""}});
  set_web_identity();
  EXPECT_THAT(key_of(fetch()), HasSubstr("gave an answer without keys"));
}

}  // namespace
}  // namespace kinesink::aws
