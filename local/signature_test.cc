#include "local/signature.h"

#include "aws/sigv4.h"
#include "kinesink/credentials.h"
#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// Signed by botocore's SigV4Auth at 2025-06-15T15:06:40Z, for http://127.0.0.1:4567/.
http::Request signed_by_botocore(bool with_token) {
  http::Request request;
  request.headers = {{"X-Amz-Target", "Kinesis_20131202.ListStreams"},
                     {"Content-Type", "application/x-amz-json-1.1"},
                     {"Host", "127.0.0.1:4567"},
                     {"X-Amz-Date", "20250615T150640Z"}};
  std::string names = "content-type;host;x-amz-date";
  std::string signature = "df246579d05d182c6f8981c24dae7add611811e3571a6ee72672a2d101b65938";
  if (with_token) {
    request.headers.push_back({"X-Amz-Security-Token", "TOKEN/+="});
    names += ";x-amz-security-token";
    signature = "c7f09025eae5b87b23a56af570e196c1b2c495d56df841a60a74c2607cfe2ace";
  }
  request.headers.push_back(
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250615/us-east-1/kinesis/aws4_request, "
       "SignedHeaders=" +
           names + ";x-amz-target, Signature=" + signature});
  request.body = R"({"Limit":1})";
  return request;
}

class Signature : public ServiceTest {
 protected:
  // "200", or the code and the start of the message.
  std::string verify(const http::Request& request, std::string_view token = "",
                     std::string_view secret = kSecret) {
    restart({.verify_signatures = AcceptedKey{.access_key_id = "AKIDEXAMPLE",
                                              .secret_access_key = std::string(secret),
                                              .session_token = std::string(token)}});
    const auto response = service_->handle(request, clock_.wall_now());
    if (response.status == 200) return "200";
    const auto root = kinesis::decode(response.body, kinesis::Wire::json);
    return std::string((*root)["__type"].text().value_or("")) + ": " +
           std::string((*root)["message"].text().value_or("").substr(0, 40));
  }
  static std::string& header(http::Request& request, std::string_view name) {
    for (auto& one : request.headers) {
      if (one.name == name) return one.value;
    }
    return request.headers.emplace_back().value;
  }
};

constexpr std::string_view kMismatch =
    "InvalidSignatureException: The request signature we calculated does";

TEST_F(Signature, of_botocore_is_accepted) {
  EXPECT_EQ(verify(signed_by_botocore(false)), "200");
  EXPECT_EQ(verify(signed_by_botocore(true), "TOKEN/+="), "200");
}

TEST_F(Signature, of_our_own_signer_is_accepted) {
  for (const char* token : {"", "TOKEN/+="}) {
    http::Request request;
    request.headers = {{"X-Amz-Target", "Kinesis_20131202.ListStreams"},
                       {"Content-Type", "application/x-amz-json-1.1"}};
    request.body = "{}";
    const Credentials credentials = {"AKIDEXAMPLE", std::string(kSecret), token, std::nullopt};
    const auto done = aws::sign(request, "127.0.0.1:4567", aws::sha256(request.body),
                                {.region = "us-east-1"}, credentials, clock_.wall_now());
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(verify(request, token), "200");
    request.body = "{ }";
    EXPECT_EQ(verify(request, token), kMismatch);
  }
}

TEST_F(Signature, a_change_of_anything_signed_is_noticed) {
  http::Request body = signed_by_botocore(false);
  body.body = R"({"Limit":2})";
  EXPECT_EQ(verify(body), kMismatch);
  for (const char* name : {"X-Amz-Target", "Content-Type", "Host"}) {
    http::Request changed = signed_by_botocore(false);
    header(changed, name).back() ^= 1;
    EXPECT_THAT(verify(changed), testing::AnyOf(kMismatch, testing::HasSubstr("UnknownOperation")))
        << name;
  }
  http::Request date = signed_by_botocore(false);
  header(date, "X-Amz-Date") = "20250615T150641Z";
  EXPECT_EQ(verify(date), kMismatch);
  http::Request method = signed_by_botocore(false);
  method.method = "PUT";
  EXPECT_EQ(verify(method), kMismatch);
  EXPECT_EQ(verify(signed_by_botocore(false), "", "another"), kMismatch);
}

TEST_F(Signature, blanks_around_values_do_not_matter) {
  http::Request request = signed_by_botocore(false);
  header(request, "Content-Type").insert(0, "  ").append(" ");
  EXPECT_EQ(verify(request), "200");
}

TEST_F(Signature, keys_and_tokens_must_be_known) {
  const std::string unknown =
      "UnrecognizedClientException: The security token included in the reque";
  EXPECT_EQ(verify(signed_by_botocore(false), "TOKEN"), unknown);
  EXPECT_EQ(verify(signed_by_botocore(true)), unknown);
  http::Request request = signed_by_botocore(false);
  header(request, "Authorization").replace(28, 4, "OTHE");
  EXPECT_EQ(verify(request), unknown);
}

TEST_F(Signature, lives_five_minutes_to_either_side) {
  const http::Request request = signed_by_botocore(false);
  clock_.advance(std::chrono::minutes(5));
  EXPECT_EQ(verify(request), "200");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(verify(request), "InvalidSignatureException: Signature expired: 20250615T150640Z is n");
  clock_.set_wall_skew(-std::chrono::minutes(10) - std::chrono::milliseconds(1));
  EXPECT_EQ(verify(request), "200");
  clock_.set_wall_skew(-std::chrono::minutes(10) - std::chrono::milliseconds(2));
  EXPECT_EQ(verify(request), "InvalidSignatureException: Signature not yet current: 20250615T1506");
}

TEST_F(Signature, must_be_for_this_service_and_cover_host_and_date) {
  for (const char* part : {"us-east-1", "kinesis/", "aws4_request", "20250615/"}) {
    http::Request request = signed_by_botocore(false);
    std::string& authorization = header(request, "Authorization");
    authorization[authorization.find(part)] ^= 1;
    EXPECT_EQ(verify(request),
              "InvalidSignatureException: Credential should be scoped to a valid r")
        << part;
  }
  for (const std::string name : {"host;", "x-amz-date;"}) {
    http::Request request = signed_by_botocore(false);
    std::string& authorization = header(request, "Authorization");
    authorization.erase(authorization.find(name), name.size());
    EXPECT_THAT(verify(request), testing::HasSubstr("must be a 'SignedHeader'"));
  }
  http::Request basic = signed_by_botocore(false);
  header(basic, "Authorization").replace(0, 16, "Basic");
  EXPECT_THAT(verify(basic), testing::StartsWith("IncompleteSignatureException"));
}

}  // namespace
}  // namespace kinesink::local
