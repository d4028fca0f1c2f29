// Expected signatures are botocore's (SigV4Auth with its clock held at 2025-06-15T15:06:40Z).
#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aws/crt_signature_fixture.h"
#include "base/random.h"

namespace kinesink::aws {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'750'000'000)};
constexpr const char* kJson = "application/x-amz-json-1.1";
constexpr const char* kCbor = "application/x-amz-cbor-1.1";
const Credentials kKeys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

http::Request request_of(const char* content_type, const char* operation) {
  http::Request request;
  request.headers = {{"Content-Type", content_type},
                     {"X-Amz-Target", std::string("Kinesis_20131202.") + operation}};
  return request;
}

std::string header(const http::Request& request, std::string_view name) {
  std::string value;
  for (const http::Header& one : request.headers) {
    if (one.name == name) value += (value.empty() ? "" : "|") + one.value;
  }
  return value;
}

std::string authorization(const char* region, const char* signed_headers, const char* signature) {
  return std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250615/") + region +
         "/kinesis/aws4_request, SignedHeaders=" + signed_headers + ", Signature=" + signature;
}

TEST(Signature, of_long_lived_keys_is_botocore_s) {
  const std::string_view body = R"({"StreamName":"events","Records":[]})";
  http::Request request = request_of(kJson, "PutRecords");
  ASSERT_TRUE(sign(request, "kinesis.us-east-1.amazonaws.com", sha256(body),
                   {.region = "us-east-1"}, kKeys, kNow));
  EXPECT_EQ(header(request, "Authorization"),
            authorization("us-east-1", "content-type;host;x-amz-date;x-amz-target",
                          "7b0f1f9a53840edc0983b050e33060ff7d1b9ffbf2b3b837593677198d257ac8"));
  EXPECT_EQ(header(request, "X-Amz-Date"), "20250615T150640Z");
  EXPECT_EQ(header(request, "Host"), "kinesis.us-east-1.amazonaws.com");
  EXPECT_EQ(request.headers.size(), 5U);
}

TEST(Signature, of_session_keys_covers_the_token) {
  const std::string_view body = R"({"StreamName":"events","Records":[]})";
  http::Request request = request_of(kJson, "PutRecords");
  Credentials keys = kKeys;
  keys.session_token = "IQoJb3JpZ2luX2VjEXAMPLE//+==";
  ASSERT_TRUE(sign(request, "kinesis.us-east-1.amazonaws.com", sha256(body),
                   {.region = "us-east-1"}, keys, kNow));
  EXPECT_EQ(
      header(request, "Authorization"),
      authorization("us-east-1", "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
                    "14b2a1d8cc3b66a0047e36142d3d2529d174ef590ece7579b363d6e455ba9bdb"));
  EXPECT_EQ(header(request, "X-Amz-Security-Token"), keys.session_token);
}

TEST(Signature, of_a_binary_body_at_an_account_s_endpoint_is_botocore_s) {
  std::string body;
  for (int byte = 0; byte < 256; ++byte) body += static_cast<char>(byte);
  http::Request request = request_of(kCbor, "PutRecords");
  Credentials keys = kKeys;
  keys.session_token = "TOKEN";
  ASSERT_TRUE(sign(request, "123456789012.data-kinesis.eu-west-1.amazonaws.com", sha256(body),
                   {.region = "eu-west-1"}, keys, kNow));
  EXPECT_EQ(
      header(request, "Authorization"),
      authorization("eu-west-1", "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
                    "a6560f93e0bd17e02a2c855c0df3fd2a8e0deff0991cb629354e8f93831d47e3"));
}

TEST(Signature, covers_the_port_and_an_empty_body) {
  http::Request request = request_of(kCbor, "ListShards");
  ASSERT_TRUE(sign(request, "127.0.0.1:4567", sha256(""), {.region = "cn-north-1"}, kKeys, kNow));
  EXPECT_EQ(header(request, "Authorization"),
            authorization("cn-north-1", "content-type;host;x-amz-date;x-amz-target",
                          "ce694701a98a652f537a72eb6e72df3aa4d1d790ddbb513e20cb768bdac161f5"));
}

// Whatever the headers, the region and the keys: aws-c-auth comes to the same.
TEST(Signature, is_that_of_aws_c_auth) {
  Random random(5);
  const auto text = [&random](std::size_t most) {
    std::string drawn;
    for (std::size_t i = random.below(most) + 1; i > 0; --i)
      drawn += static_cast<char>('!' + random.below(94));
    return drawn;
  };
  SigningKey key;
  for (int i = 0; i < 300; ++i) {
    http::Request ours = request_of(i % 2 == 0 ? kCbor : kJson, "PutRecords");
    ours.headers.push_back({"X-Amz-Extra", " a  b\t c" + text(30) + "  "});
    http::Request theirs = ours;
    Credentials keys{text(20), text(90), random.below(2) == 0 ? "" : text(300), std::nullopt};
    const Digest digest = sha256(text(1000));
    const WallTime now = kNow + std::chrono::seconds(random.below(100'000'000));
    const std::string authority = "h" + std::to_string(random.below(1000)) + ".example:8443";
    ASSERT_TRUE(sign(ours, authority, digest, {.region = "eu-north-1"}, keys, now, &key));
    ASSERT_TRUE(witness::sign(theirs, authority, digest, {.region = "eu-north-1"}, keys, now));
    ASSERT_EQ(header(ours, "Authorization"), header(theirs, "Authorization"));
    ASSERT_EQ(header(ours, "X-Amz-Date"), header(theirs, "X-Amz-Date"));
  }
}

TEST(Signature, of_a_kept_key_changes_with_day_and_secret) {
  SigningKey key;
  const SigningScope scope{.region = "us-east-1"};
  const Digest today = key.of("secret", "20250615", scope);
  EXPECT_EQ(key.of("secret", "20250615", scope), today);
  EXPECT_NE(key.of("secret", "20250616", scope), today);
  EXPECT_NE(key.of("other", "20250615", scope), today);
  EXPECT_NE(key.of("secret", "20250615", {.region = "us-east-2"}), today);
  EXPECT_EQ(key.of("secret", "20250615", scope), today);
}

// A signature is good for a whole second; what is finer is cut off, not rounded.
TEST(Signature, is_dated_to_the_second) {
  http::Request early = request_of(kJson, "ListShards");
  http::Request late = request_of(kJson, "ListShards");
  const Digest digest = sha256("{}");
  ASSERT_TRUE(sign(early, "localhost", digest, {.region = "us-east-1"}, kKeys, kNow));
  ASSERT_TRUE(sign(late, "localhost", digest, {.region = "us-east-1"}, kKeys,
                   kNow + std::chrono::milliseconds(999)));
  EXPECT_EQ(header(late, "Authorization"), header(early, "Authorization"));
}

TEST(Signature, without_a_key_is_refused) {
  http::Request request = request_of(kJson, "ListShards");
  const auto signed_by_nobody =
      sign(request, "localhost", sha256("{}"), {.region = "us-east-1"}, {"", "", ""}, kNow);
  ASSERT_FALSE(signed_by_nobody);
  EXPECT_EQ(header(request, "Authorization"), "");
}

// All headers that a request has, in the order of its head.
std::vector<http::Header> all_headers(const http::Request& request) {
  std::vector<http::Header> all = request.shared_headers->headers();
  all.insert(all.end(), request.headers.begin(), request.headers.end());
  return all;
}

TEST(RequestSigner, signs_as_sign_does_and_adds_what_is_not_signed) {
  RequestSigner signer(request_of(kCbor, "PutRecords").headers, {{"User-Agent", "me"}},
                       "localhost:4567", "us-east-1");
  auto keys = std::make_shared<const Credentials>(kKeys);
  const auto session = std::make_shared<const Credentials>(
      Credentials{"OTHER", "other secret", "TOKEN", std::nullopt});
  for (int i = 0; i < 20; ++i) {
    if (i == 10) keys = session;
    const Digest digest = sha256(std::to_string(i));
    const WallTime now = kNow + std::chrono::milliseconds(350 * i);
    http::Request expected = request_of(kCbor, "PutRecords");
    ASSERT_TRUE(sign(expected, "localhost:4567", digest, {"us-east-1"}, *keys, now));
    http::Request request;
    ASSERT_TRUE(signer.sign(request, digest, keys, now));
    std::vector<http::Header> headers = all_headers(request);
    std::erase_if(headers, [](const http::Header& one) { return one.name == "User-Agent"; });
    ASSERT_EQ(headers.size(), expected.headers.size());
    for (std::size_t at = 0; at < headers.size(); ++at) {
      EXPECT_EQ(headers[at].name, expected.headers[at].name);
      EXPECT_EQ(headers[at].value, expected.headers[at].value);
    }
    EXPECT_EQ(request.header("User-Agent"), "me");
  }
}

TEST(RequestSigner, shares_within_a_second) {
  RequestSigner signer({}, {}, "localhost", "us-east-1");
  const auto keys = std::make_shared<const Credentials>(kKeys);
  http::Request first, second, later;
  ASSERT_TRUE(signer.sign(first, sha256("1"), keys, kNow));
  ASSERT_TRUE(signer.sign(second, sha256("2"), keys, kNow + std::chrono::milliseconds(999)));
  ASSERT_TRUE(signer.sign(later, sha256("3"), keys, kNow + std::chrono::milliseconds(1000)));
  EXPECT_EQ(first.shared_headers, second.shared_headers);
  EXPECT_NE(first.shared_headers, later.shared_headers);
}

TEST(RequestSigner, refuses_a_token_that_would_break_the_head) {
  RequestSigner signer({}, {}, "localhost", "us-east-1");
  const auto keys = std::make_shared<const Credentials>(
      Credentials{"AKIDEXAMPLE", "secret", "token\r\nX-More: 1", std::nullopt});
  http::Request request;
  const Result<void> refused = signer.sign(request, sha256(""), keys, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace kinesink::aws
