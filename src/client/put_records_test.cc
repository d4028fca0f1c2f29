// What PutRecords sends, and what becomes of the answer.
#include "tests/support/client_fixture.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::client {
namespace {

using kinesis::ErrorClass;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kClean =
    R"({"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-0"},)"
    R"({"SequenceNumber":"2","ShardId":"shardId-0"}]})";

class PutRecords : public ClientTest {};

TEST_F(PutRecords, sends_one_signed_request) {
  open({.aws_region = "eu-west-1", .application_id = "my-app"});
  put(1, kinesis::Wire::json);
  EXPECT_TRUE(transport_.requests.empty()) << "sent without credentials";
  loop_.run_until_idle();
  ASSERT_EQ(transport_.requests.size(), 1U);
  EXPECT_EQ(transport_.requests[0].method, "POST");
  EXPECT_EQ(transport_.requests[0].target, "/");
  EXPECT_EQ(transport_.bodies[0], "body");
  EXPECT_EQ(transport_.header(0, "Content-Type"), kJson);
  EXPECT_EQ(transport_.header(0, "X-Amz-Target"), "Kinesis_20131202.PutRecords");
  EXPECT_EQ(transport_.header(0, "Host"), "localhost:4567");
  EXPECT_EQ(transport_.header(0, "X-Amz-Date"), "20250615T150640Z");
  EXPECT_THAT(transport_.header(0, "User-Agent"),
              testing::MatchesRegex("kinesink/[0-9.]+ lang/cpp app/my-app"));
  EXPECT_THAT(transport_.header(0, "Authorization"),
              StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250615/eu-west-1/kinesis/"
                         "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target,"));
  EXPECT_EQ(transport_.header(0, "X-Amz-Security-Token"), "");
}

TEST_F(PutRecords, names_its_wire_and_sends_the_session_token) {
  provider_->standing.session_token = "token";
  put(1, kinesis::Wire::cbor);
  loop_.run_until_idle();
  EXPECT_EQ(transport_.header(0, "Content-Type"), kCbor);
  EXPECT_EQ(transport_.header(0, "X-Amz-Security-Token"), "token");
  EXPECT_THAT(transport_.header(0, "Authorization"), HasSubstr("x-amz-security-token"));
}

TEST_F(PutRecords, keeps_the_order_of_many_calls) {
  for (int i = 0; i < 11; ++i) put(1, kinesis::Wire::json, "stream-" + std::to_string(i));
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 11U);
  for (std::uint64_t id = 1; id <= 11; ++id)
    transport_.complete_request(id, refusal("ResourceNotFoundException"));
  ASSERT_EQ(outcomes_.size(), 11U);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_THAT(outcomes_[i].failure->error.message,
                HasSubstr("stream-" + std::to_string(i) + " "));
  }
}

TEST_F(PutRecords, sends_inside_the_call_once_there_are_credentials) {
  put();
  loop_.run_until_idle();
  put();
  EXPECT_EQ(transport_.requests.size(), 2U);
}

TEST_F(PutRecords, never_calls_back_inside_the_call) {
  put();
  loop_.run_until_idle();
  const ClientCore::CallId call = core_->new_call();
  core_->cancel(call);
  core_->put_records({"events"}, kinesis::Wire::json, {put_call(call, "body", 1)});
  EXPECT_TRUE(outcomes_.empty());
  loop_.run_until_idle();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].failure->error.kind, ErrorKind::cancelled);
  EXPECT_FALSE(outcomes_[0].failure->may_have_been_stored);
  EXPECT_EQ(transport_.requests.size(), 1U) << "a cancelled call was sent";
}

TEST_F(PutRecords, signs_the_digest_that_it_is_given) {
  std::vector<PutRecordsCall> calls;
  for (const char* hashed : {"", "body", "other"}) {
    calls.push_back(put_call(core_->new_call(), "body", 1));
    if (*hashed != 0) calls.back().digest = aws::sha256(hashed);
  }
  core_->put_records({"events"}, kinesis::Wire::json, std::move(calls));
  loop_.run_until_idle();
  ASSERT_EQ(transport_.requests.size(), 3U);
  EXPECT_EQ(transport_.header(1, "Authorization"), transport_.header(0, "Authorization"));
  EXPECT_NE(transport_.header(2, "Authorization"), transport_.header(0, "Authorization"));
}

TEST_F(PutRecords, gives_a_clean_answer) {
  const auto outcome = put_answered(answer_of(200, kJson, kClean), 2);
  ASSERT_TRUE(outcome.answer);
  EXPECT_TRUE(outcome.answer->failed.empty());
  EXPECT_EQ(outcome.answer->request_id, "request-1");
}

TEST_F(PutRecords, gives_the_entries_that_failed) {
  const auto outcome = put_answered(
      answer_of(200, kJson,
                R"({"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"shardId-0"},)"
                R"({"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"}]})"),
      2);
  ASSERT_TRUE(outcome.answer);
  ASSERT_EQ(outcome.answer->failed.size(), 1U);
  EXPECT_EQ(outcome.answer->failed[0].index, 1U);
  EXPECT_EQ(outcome.answer->failed[0].error_class, ErrorClass::transient);
}

// The service may have stored everything: that must be counted, and tried again.
TEST_F(PutRecords, takes_an_unreadable_answer_for_maybe_stored) {
  for (const auto& [body, records] :
       std::vector<std::pair<std::string, std::size_t>>{{"{\"FailedRecordCount\":0,\"Rec", 2},
                                                        {"", 2},
                                                        {"<html>", 2},
                                                        {kClean, 3},
                                                        {kClean, 1}}) {
    const auto outcome = put_answered(answer_of(200, kJson, body), records);
    ASSERT_TRUE(outcome.failure) << body;
    EXPECT_EQ(outcome.failure->error_class, ErrorClass::transient);
    EXPECT_EQ(outcome.failure->error.kind, ErrorKind::transient);
    EXPECT_TRUE(outcome.failure->may_have_been_stored);
    EXPECT_EQ(outcome.failure->error.request_id, "request-1");
    EXPECT_THAT(outcome.failure->error.message, HasSubstr("PutRecords on stream events in"));
  }
}

TEST_F(PutRecords, reads_errors_in_every_form) {
  struct Row {
    http::Exchange answer;
    ErrorClass error_class;
    std::string code;
    bool may_have_been_stored;
  };
  const std::vector<Row> rows = {
      {refusal("ProvisionedThroughputExceededException"), ErrorClass::throttled,
       "ProvisionedThroughputExceededException", false},
      {refusal("com.amazonaws.kinesis#ValidationException"), ErrorClass::refused,
       "ValidationException", false},
      {answer_of(400, kCbor, "\xa2\x66__type\x78\x19ResourceNotFoundException\x67message\x62no"),
       ErrorClass::permanent, "ResourceNotFoundException", false},
      {answer_of(400, "", "", {{"x-amzn-ErrorType", "ExpiredTokenException:http://x"}}),
       ErrorClass::auth, "ExpiredTokenException", false},
      {answer_of(500, kJson, R"({"__type":"InternalFailure","message":"why"})"),
       ErrorClass::transient, "InternalFailure", true},
      {answer_of(503, "text/html", "<html>busy</html>"), ErrorClass::transient, "", true},
      {answer_of(413, "text/html", "<html>large</html>"), ErrorClass::refused, "", false},
      {answer_of(404, "text/html", "<html>who?</html>"), ErrorClass::permanent, "", false},
      {answer_of(302, "text/html", ""), ErrorClass::transient, "", false},
      {answer_of(204, "", ""), ErrorClass::transient, "", true},
  };
  for (const Row& row : rows) {
    const auto outcome = put_answered(row.answer);
    ASSERT_TRUE(outcome.failure);
    const std::string about = outcome.failure->error.to_string();
    EXPECT_EQ(outcome.failure->error_class, row.error_class) << about;
    EXPECT_EQ(outcome.failure->may_have_been_stored, row.may_have_been_stored) << about;
    if (!row.code.empty()) {
      EXPECT_EQ(outcome.failure->error.aws_code, row.code) << about;
    }
    EXPECT_EQ(outcome.failure->error.request_id, "request-1");
    EXPECT_THAT(about, HasSubstr("PutRecords on stream events in us-east-1"));
  }
}

TEST_F(PutRecords, says_what_to_do_about_errors_that_do_not_pass) {
  const auto absent = put_answered(refusal("ResourceNotFoundException"));
  EXPECT_EQ(absent.failure->error.kind, ErrorKind::not_found);
  EXPECT_THAT(absent.failure->error.message, HasSubstr("Check the stream's name, the Region"));
  const auto denied = put_answered(refusal("AccessDeniedException"));
  EXPECT_EQ(denied.failure->error.kind, ErrorKind::auth);
  EXPECT_EQ(denied.failure->error_class, ErrorClass::permanent);
  EXPECT_THAT(denied.failure->error.message, HasSubstr("permission kinesis:PutRecords"));
  const auto unknown = put_answered(refusal("UnrecognizedClientException"));
  EXPECT_THAT(unknown.failure->error.message, HasSubstr("check the credentials"));
  for (const char* code :
       {"KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException",
        "KMSAccessDeniedException", "KMSOptInRequired"}) {
    const auto key = put_answered(refusal(code));
    EXPECT_EQ(key.failure->error_class, ErrorClass::permanent) << code;
    EXPECT_THAT(key.failure->error.message, HasSubstr("stream's KMS key")) << code;
  }
}

TEST_F(PutRecords, says_where_a_redirect_leads) {
  const auto outcome =
      put_answered(answer_of(301, "text/html", "", {{"Location", "https://elsewhere/"}}));
  EXPECT_EQ(outcome.failure->error.message,
            "PutRecords on stream events in us-east-1: HTTP status 301. Redirects are not "
            "followed; it named https://elsewhere/");
}

TEST_F(PutRecords, tells_of_network_errors_whether_the_records_may_be_stored) {
  struct Row {
    ErrorKind kind;
    ErrorClass error_class;
  };
  for (const Row row : {Row{ErrorKind::transient, ErrorClass::transient},
                        Row{ErrorKind::timeout, ErrorClass::transient},
                        Row{ErrorKind::cancelled, ErrorClass::transient},
                        Row{ErrorKind::resource, ErrorClass::transient},
                        Row{ErrorKind::invalid_argument, ErrorClass::permanent},
                        Row{ErrorKind::internal, ErrorClass::permanent}}) {
    for (const bool received : {false, true}) {
      const auto outcome = put_answered(error_of(row.kind, received));
      ASSERT_TRUE(outcome.failure);
      EXPECT_EQ(outcome.failure->error_class, row.error_class) << name_of(row.kind);
      EXPECT_EQ(outcome.failure->error.kind, row.kind);
      EXPECT_EQ(outcome.failure->may_have_been_stored, received);
      const bool of_the_way = row.kind == ErrorKind::transient || row.kind == ErrorKind::timeout;
      EXPECT_EQ(outcome.failure->error.message.starts_with("PutRecords on stream events"),
                of_the_way);
    }
  }
}

class ClockCorrection : public PutRecords {};

// 2025-06-15T15:06:40Z is now.
TEST_F(ClockCorrection, moves_the_next_signature_to_the_service_s_time) {
  const auto outcome = put_answered(
      refusal("InvalidSignatureException", {{"Date", "Sun, 15 Jun 2025 16:36:40 GMT"}}));
  EXPECT_EQ(outcome.failure->error_class, ErrorClass::clock);
  EXPECT_THAT(log_, HasSubstr("clock is corrected"));
  put();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.header(0, "X-Amz-Date"), "20250615T150640Z");
  EXPECT_EQ(transport_.header(1, "X-Amz-Date"), "20250615T163640Z");
}

TEST_F(ClockCorrection, goes_back_as_well) {
  put_answered(refusal("RequestExpired", {{"Date", "Fri, 29 Feb 2024 23:59:59 GMT"}}));
  put();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.header(1, "X-Amz-Date"), "20240229T235959Z");
}

// It was the secret, then; a hint is more use than a correction of nothing.
TEST_F(ClockCorrection, is_not_made_for_less_than_four_minutes) {
  const auto outcome = put_answered(
      refusal("InvalidSignatureException", {{"Date", "Sun, 15 Jun 2025 15:10:40 GMT"}}));
  EXPECT_THAT(outcome.failure->error.message, HasSubstr("check the secret access key"));
  EXPECT_EQ(log_, "");
  put_answered(refusal("InvalidSignatureException", {{"Date", "Sun, 15 Jun 2025 15:10:41 GMT"}}));
  EXPECT_EQ(transport_.header(1, "X-Amz-Date"), "20250615T150640Z");
  EXPECT_THAT(log_, HasSubstr("clock is corrected"));
}

TEST_F(ClockCorrection, does_not_trust_a_date_that_is_none) {
  for (const char* date :
       {"", "yesterday", "Sun, 15 Jun 2025 16:36:40 UTC", "Sun, 31 Jun 2025 16:36:40 GMT",
        "Sun, 15 Foo 2025 16:36:40 GMT", "Sun, 15 unJ 2025 16:36:40 GMT",
        "Sun, 15 Jun 9999 16:36:40 GMT", "Sun, 15 Jun 1969 16:36:40 GMT",
        "Sun, -5 Jun 2025 16:36:40 GMT", "Sunday, 15-Jun-25 16:36:40 GMT"}) {
    put_answered(refusal("InvalidSignatureException", {{"Date", date}}));
    put();
    loop_.run_until_idle();
    EXPECT_EQ(transport_.header(transport_.requests.size() - 1, "X-Amz-Date"), "20250615T150640Z")
        << date;
  }
  EXPECT_EQ(log_, "");
}

}  // namespace
}  // namespace kinesink::client
