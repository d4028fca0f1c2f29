// The blocking calls: what they ask, how they read the answer, when they try again.
#include "kinesis/value.h"
#include "tests/support/client_fixture.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kArn = "arn:aws:kinesis:us-east-1:123456789012:stream/events";
constexpr const char* kSummary =
    R"({"StreamDescriptionSummary":{"StreamName":"events","StreamStatus":"ACTIVE",)"
    R"("StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/events",)"
    R"("OpenShardCount":3,"MaxRecordSizeInKiB":2048}})";
constexpr const char* kCreating =
    R"({"StreamDescriptionSummary":{"StreamName":"events","StreamStatus":"CREATING"}})";

class Calls : public ClientTest {
 protected:
  void answer(const char* body) { transport_.answers.push_back(answer_of(200, kJson, body)); }
  void answer(http::Exchange exchange) { transport_.answers.push_back(std::move(exchange)); }
  Result<StreamSummary> describe(bool fresh = false, Duration patience = seconds(30),
                                 const char* stream = "events") {
    return core_->describe_stream_summary({stream}, fresh, in(patience));
  }
  // Milliseconds between request i and the one before.
  std::int64_t pause_before(std::size_t i) const {
    return std::chrono::round<milliseconds>(transport_.times[i] - transport_.times[i - 1]).count();
  }
};

TEST_F(Calls, describe_a_stream_by_name_or_by_arn) {
  answer(kSummary);
  const auto summary = describe();
  ASSERT_TRUE(summary) << summary.error().to_string();
  EXPECT_EQ(summary->name, "events");
  EXPECT_EQ(summary->arn, kArn);
  EXPECT_EQ(summary->status, StreamStatus::active);
  EXPECT_EQ(summary->open_shard_count, 3U);
  EXPECT_EQ(summary->max_record_bytes, 2'097'152U);
  EXPECT_EQ(transport_.bodies[0], R"({"StreamName":"events"})");
  EXPECT_EQ(transport_.header(0, "X-Amz-Target"), "Kinesis_20131202.DescribeStreamSummary");
  answer(kCreating);
  const auto creating = describe(false, seconds(30), kArn);
  ASSERT_TRUE(creating);
  EXPECT_EQ(creating->status, StreamStatus::creating);
  EXPECT_EQ(creating->max_record_bytes, std::nullopt);
  EXPECT_EQ(transport_.bodies[1], std::string(R"({"StreamARN":")") + kArn + "\"}");
}

TEST_F(Calls, remember_an_active_stream_s_summary_for_some_minutes) {
  answer(kSummary);
  ASSERT_TRUE(describe());
  loop_.advance(minutes(3));
  ASSERT_TRUE(describe());
  EXPECT_EQ(transport_.requests.size(), 1U);
  answer(kSummary);
  ASSERT_TRUE(describe(true));
  EXPECT_EQ(transport_.requests.size(), 2U);
  loop_.advance(minutes(5));
  answer(kSummary);
  ASSERT_TRUE(describe());
  EXPECT_EQ(transport_.requests.size(), 3U);
}

TEST_F(Calls, do_not_remember_a_stream_that_is_being_created) {
  answer(kCreating);
  answer(kSummary);
  ASSERT_TRUE(describe());
  EXPECT_EQ(describe()->status, StreamStatus::active);
}

TEST_F(Calls, list_all_pages_of_shards_and_name_the_stream_once) {
  answer(R"({"NextToken":"next/+=","Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":)"
         R"({"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"},)"
         R"("SequenceNumberRange":{"StartingSequenceNumber":"1","EndingSequenceNumber":"9"}}]})");
  answer(R"({"Shards":[{"ShardId":"shardId-000000000001","ParentShardId":"shardId-000000000000",)"
         R"("HashKeyRange":{"StartingHashKey":"7","EndingHashKey":"8"},)"
         R"("SequenceNumberRange":{"StartingSequenceNumber":"10"}}]})");
  const auto shards = core_->list_shards({"events"}, in(seconds(5)));
  ASSERT_TRUE(shards) << shards.error().to_string();
  ASSERT_EQ(shards->size(), 2U);
  EXPECT_EQ((*shards)[0].range.first, 0U);
  EXPECT_EQ((*shards)[0].range.last, ~kinesis::HashKey{0});
  EXPECT_EQ((*shards)[0].ending_sequence_number, "9");
  EXPECT_EQ((*shards)[1].parent_id, "shardId-000000000000");
  EXPECT_EQ((*shards)[1].range.first, 7U);
  EXPECT_EQ((*shards)[1].ending_sequence_number, "");
  EXPECT_EQ(transport_.bodies[0], R"({"StreamName":"events"})");
  EXPECT_EQ(transport_.bodies[1], R"({"NextToken":"next/+="})");
}

TEST_F(Calls, read_records_from_an_iterator) {
  answer(R"({"ShardIterator":"iterator"})");
  const auto iterator = core_->get_shard_iterator(
      {"events"}, "shardId-0", {ShardPosition::Kind::at_timestamp, "", 1'500}, in(seconds(5)));
  ASSERT_TRUE(iterator);
  EXPECT_EQ(*iterator, "iterator");
  EXPECT_THAT(transport_.bodies[0], HasSubstr(R"("ShardIteratorType":"AT_TIMESTAMP")"));
  EXPECT_THAT(transport_.bodies[0], HasSubstr(R"("Timestamp":1.5)"));
  answer(R"({"MillisBehindLatest":12,"NextShardIterator":null,"Records":[{"Data":"aGk=",)"
         R"("PartitionKey":"key","SequenceNumber":"1","ApproximateArrivalTimestamp":1.25}]})");
  const auto page = core_->get_records({"events"}, "iterator", 7, in(seconds(5)));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->next_iterator, "");
  EXPECT_EQ(page->milliseconds_behind_latest, 12);
  ASSERT_EQ(page->records.size(), 1U);
  EXPECT_EQ(page->records[0].data, "hi");
  EXPECT_EQ(page->records[0].partition_key, "key");
  EXPECT_EQ(page->records[0].arrival_milliseconds, 1'250);
  EXPECT_EQ(transport_.bodies[1], R"({"ShardIterator":"iterator","Limit":7})");
}

TEST_F(Calls, take_an_empty_answer_for_success) {
  answer("");
  EXPECT_TRUE(core_->create_stream("events", 2, in(seconds(5))));
  EXPECT_EQ(transport_.bodies[0], R"({"StreamName":"events","ShardCount":2})");
}

TEST_F(Calls, try_throttled_requests_again_until_the_deadline) {
  for (int i = 0; i < 20; ++i) answer(refusal("LimitExceededException"));
  const Instant deadline = in(seconds(10));
  const auto summary = describe(false, seconds(10));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::throttled);
  EXPECT_EQ(summary.error().aws_code, "LimitExceededException");
  EXPECT_LE(loop_.now(), deadline);
  EXPECT_GT(loop_.now(), deadline - seconds(2) - milliseconds(1));
  // At most 100 ms, doubling, to 2 s; at least half of it.
  ASSERT_GE(transport_.requests.size(), 9U);
  const std::int64_t longest[] = {100, 200, 400, 800, 1'600, 2'000, 2'000, 2'000};
  for (std::size_t i = 0; i < std::size(longest); ++i) {
    EXPECT_GE(pause_before(i + 1), longest[i] / 2) << i;
    EXPECT_LE(pause_before(i + 1), longest[i]) << i;
  }
}

TEST_F(Calls, try_what_may_pass_eight_times) {
  for (int i = 0; i < 7; ++i) answer(error_of(ErrorKind::transient));
  answer(kSummary);
  EXPECT_TRUE(describe());
  EXPECT_EQ(transport_.requests.size(), 8U);
  for (const http::Exchange& fault :
       {answer_of(503, "text/html", "<html>"), error_of(ErrorKind::timeout),
        answer_of(200, kJson, "{\"cut"), answer_of(500, kJson, "{}"),
        answer_of(200, kJson, "nonsense"), answer_of(502, "", ""), error_of(ErrorKind::transient),
        answer_of(504, "text/html", "<html>")}) {
    answer(fault);
  }
  EXPECT_FALSE(describe(true));
  EXPECT_EQ(transport_.requests.size(), 16U);
}

TEST_F(Calls, do_not_try_again_what_does_not_pass) {
  for (const char* code : {"ResourceNotFoundException", "AccessDeniedException",
                           "ValidationException", "KMSDisabledException"}) {
    const std::size_t before = transport_.requests.size();
    answer(refusal(code));
    const auto summary = describe();
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().aws_code, code);
    EXPECT_EQ(transport_.requests.size(), before + 1);
  }
  answer(error_of(ErrorKind::invalid_argument));
  EXPECT_EQ(describe().error().kind, ErrorKind::invalid_argument);
}

TEST_F(Calls, are_signed_with_new_keys_after_a_refusal_of_the_old) {
  answer(refusal("ExpiredTokenException"));
  answer(kSummary);
  provider_->answers = {Credentials{"OLD", "secret"}, Credentials{"NEW", "secret"}};
  ASSERT_TRUE(describe());
  EXPECT_THAT(transport_.header(0, "Authorization"), HasSubstr("Credential=OLD/"));
  EXPECT_THAT(transport_.header(1, "Authorization"), HasSubstr("Credential=NEW/"));
  answer(refusal("ExpiredTokenException"));
  answer(refusal("ExpiredTokenException"));
  const auto refused = describe(true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::auth);
  EXPECT_EQ(transport_.requests.size(), 4U) << "once only";
}

TEST_F(Calls, wait_for_new_keys_no_longer_than_the_deadline) {
  put();
  loop_.run_until_idle();  // the old keys are at hand now
  provider_->held = true;
  answer(refusal("ExpiredTokenException"));
  const Instant deadline = in(seconds(3));
  const auto summary = describe(false, seconds(3));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::timeout);
  EXPECT_EQ(loop_.now(), deadline);
  provider_->release();
  EXPECT_TRUE(loop_.run_until_idle());
}

TEST_F(Calls, give_up_at_once_without_credentials) {
  provider_->answers = {make_error(ErrorKind::auth, "no AWS credentials were found")};
  const auto summary = describe();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::auth);
  EXPECT_EQ(summary.error().message, "no AWS credentials were found");
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(Calls, correct_the_clock_once) {
  const std::vector<http::Header> date = {{"Date", "Sun, 15 Jun 2025 16:36:40 GMT"}};
  answer(refusal("InvalidSignatureException", date));
  answer(kSummary);
  ASSERT_TRUE(describe());
  EXPECT_EQ(transport_.header(1, "X-Amz-Date"), "20250615T163640Z");
  answer(refusal("InvalidSignatureException", date));
  answer(refusal("InvalidSignatureException", date));
  EXPECT_FALSE(describe(true));
  EXPECT_EQ(transport_.requests.size(), 4U);
}

TEST_F(Calls, end_at_the_deadline_and_cancel_what_is_in_flight) {
  const Instant deadline = in(seconds(3));
  const auto summary = describe(false, seconds(3));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().kind, ErrorKind::timeout);
  EXPECT_EQ(loop_.now(), deadline);
  EXPECT_EQ(transport_.cancelled.size(), 1U);
  EXPECT_TRUE(loop_.run_until_idle());
}

class WireChoiceOfClient : public Calls {
 protected:
  std::string choose(Duration patience = seconds(30)) {
    const auto wire = core_->choose_wire({"events"}, in(patience));
    if (!wire) return wire.error().to_string();
    return *wire == kinesis::Wire::cbor ? "cbor" : "json";
  }
};

TEST_F(WireChoiceOfClient, asks_in_cbor_and_remembers_the_answer) {
  answer(answer_of(200, kCbor, "\xa0"));
  EXPECT_EQ(choose(), "cbor");
  EXPECT_EQ(choose(), "cbor");
  ASSERT_EQ(transport_.requests.size(), 1U);
  EXPECT_EQ(transport_.header(0, "Content-Type"), kCbor);
  EXPECT_EQ(transport_.header(0, "X-Amz-Target"), "Kinesis_20131202.DescribeStreamSummary");
  EXPECT_EQ(transport_.bodies[0],
            "\xa1\x6aStreamName\x66"
            "events");
  answer(answer_of(200, kCbor, "\xa0"));
  const auto described = describe();  // an empty map is no description of a stream
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("stream events in us-east-1: the answer desc"));
  EXPECT_EQ(transport_.header(1, "Content-Type"), kCbor);
}

TEST_F(WireChoiceOfClient, takes_the_service_s_own_refusals_for_understanding) {
  answer(refusal("ResourceNotFoundException"));
  EXPECT_EQ(choose(), "cbor");
}

TEST_F(WireChoiceOfClient, is_json_for_a_server_that_does_not_read_cbor) {
  for (const http::Exchange& said :
       {answer_of(500, "text/html; charset=utf-8", "<!doctype html>"),
        answer_of(400, "text/plain", ""), refusal("SerializationException")}) {
    open({});
    answer(said);
    EXPECT_EQ(choose(), "json");
    const std::size_t asked = transport_.requests.size();
    EXPECT_EQ(choose(), "json");
    EXPECT_EQ(transport_.requests.size(), asked);
  }
}

TEST_F(WireChoiceOfClient, is_the_user_s_when_he_has_one) {
  open({.wire = WireChoice::json});
  EXPECT_EQ(choose(), "json");
  open({.wire = WireChoice::cbor});
  EXPECT_EQ(choose(), "cbor");
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(WireChoiceOfClient, outlasts_a_server_that_is_not_there_yet) {
  answer(error_of(ErrorKind::transient));
  answer(error_of(ErrorKind::timeout));
  answer(answer_of(200, kCbor, "\xa0"));
  EXPECT_EQ(choose(), "cbor");
  EXPECT_EQ(transport_.requests.size(), 3U);
}

TEST_F(WireChoiceOfClient, is_not_made_when_nobody_answers) {
  for (int i = 0; i < 10; ++i) answer(error_of(ErrorKind::transient));
  EXPECT_THAT(choose(), HasSubstr("transient"));
  EXPECT_EQ(transport_.requests.size(), 8U);
  transport_.answers.clear();
  EXPECT_THAT(choose(seconds(1)), HasSubstr("timeout"));
  answer(error_of(ErrorKind::invalid_argument));
  EXPECT_THAT(choose(), HasSubstr("invalid_argument"));
}

}  // namespace
}  // namespace kinesink::client
