#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

class StreamOperations : public ServiceTest {};

TEST_F(StreamOperations, create_describe_delete) {
  EXPECT_EQ(ask("CreateStream", R"({"StreamName":"s","ShardCount":2})"), "200");
  EXPECT_EQ(
      ask("DescribeStream", R"({"StreamName":"s"})"),
      R"(200 {"StreamDescription":{"StreamName":"s",)"
      R"("StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","StreamStatus":"ACTIVE",)"
      R"("StreamModeDetails":{"StreamMode":"PROVISIONED"},"Shards":[)"
      R"({"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0",)"
      R"("EndingHashKey":"170141183460469231731687303715884105727"},"SequenceNumberRange":)"
      R"({"StartingSequenceNumber":"49664278173267300915430104980444048118226187845875269634"}},)"
      R"({"ShardId":"shardId-000000000001","HashKeyRange":)"
      R"({"StartingHashKey":"170141183460469231731687303715884105728",)"
      R"("EndingHashKey":"340282366920938463463374607431768211455"},"SequenceNumberRange":)"
      R"({"StartingSequenceNumber":"49664278173289601660628635603585583836498836207381250066"}}],)"
      R"("HasMoreShards":false,"RetentionPeriodHours":24,)"
      R"("StreamCreationTimestamp":1750000000.000,)"
      R"("EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"EncryptionType":"NONE"}})");
  EXPECT_EQ(ask("DeleteStream", R"({"StreamName":"s"})"), "200");
  EXPECT_EQ(ask("DescribeStream", R"({"StreamName":"s"})"),
            R"(400 {"__type":"ResourceNotFoundException",)"
            R"("message":"Stream s under account 000000000000 not found."})");
}

TEST_F(StreamOperations, summary_tells_shards_and_record_size) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":3,"MaxRecordSizeInKiB":2048})");
  EXPECT_EQ(
      ask("DescribeStreamSummary",
          R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s"})"),
      R"(200 {"StreamDescriptionSummary":{"StreamName":"s",)"
      R"("StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","StreamStatus":"ACTIVE",)"
      R"("StreamModeDetails":{"StreamMode":"PROVISIONED"},"RetentionPeriodHours":24,)"
      R"("StreamCreationTimestamp":1750000000.000,)"
      R"("EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"EncryptionType":"NONE",)"
      R"("OpenShardCount":3,"ConsumerCount":0,"MaxRecordSizeInKiB":2048}})");
}

TEST_F(StreamOperations, on_demand_streams_start_with_four_shards) {
  const std::string mode = R"("StreamModeDetails":{"StreamMode":"ON_DEMAND"})";
  EXPECT_EQ(ask("CreateStream", R"({"StreamName":"s",)" + mode + "}"), "200");
  EXPECT_EQ(member("DescribeStreamSummary", R"({"StreamName":"s"})",
                   "StreamDescriptionSummary.OpenShardCount"),
            "4");
  EXPECT_EQ(ask("DescribeLimits", "{}"),
            R"(200 {"ShardLimit":20000,"OpenShardCount":4,"OnDemandStreamCount":1,)"
            R"("OnDemandStreamCountLimit":50})");
}

TEST_F(StreamOperations, a_stream_becomes_active_after_the_delay) {
  restart({.stream_delay = std::chrono::milliseconds(500)});
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  const auto status = [this] {
    return member("DescribeStreamSummary", R"({"StreamName":"s"})",
                  "StreamDescriptionSummary.StreamStatus");
  };
  clock_.advance(std::chrono::milliseconds(499));
  EXPECT_EQ(status(), "CREATING");
  EXPECT_EQ(ask("PutRecord", R"({"StreamName":"s","Data":"","PartitionKey":"k"})"),
            R"(400 {"__type":"ResourceNotFoundException",)"
            R"("message":"Stream s under account 000000000000 not found."})");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(status(), "ACTIVE");
}

TEST_F(StreamOperations, streams_of_the_options_are_there_from_the_start) {
  auto streams = parse_streams("a:2,b");
  ASSERT_TRUE(streams);
  restart({.streams = *streams, .stream_delay = std::chrono::hours(1)});
  EXPECT_EQ(member("ListStreams", "{}", "StreamNames"), R"(["a","b"])");
  EXPECT_EQ(member("DescribeStreamSummary", R"({"StreamName":"a"})",
                   "StreamDescriptionSummary.StreamStatus"),
            "ACTIVE");
}

TEST_F(StreamOperations, lists_streams_in_pages) {
  for (const char* name : {"c", "a", "b"}) {
    ask("CreateStream", R"({"ShardCount":1,"StreamName":")" + std::string(name) + "\"}");
  }
  const std::string first = ask("ListStreams", R"({"Limit":2})");
  EXPECT_THAT(first, testing::HasSubstr(R"("StreamNames":["a","b"],"HasMoreStreams":true)"));
  const std::string token = member("ListStreams", R"({"Limit":2})", "NextToken");
  EXPECT_EQ(member("ListStreams", R"({"NextToken":")" + token + "\"}", "StreamNames"), R"(["c"])");
  EXPECT_EQ(member("ListStreams", R"({"ExclusiveStartStreamName":"b"})", "StreamNames"),
            R"(["c"])");
  EXPECT_EQ(ask("ListStreams", R"({"NextToken":"eA=="})"),
            R"(400 {"__type":"InvalidArgumentException","message":"NextToken is invalid."})");
}

TEST_F(StreamOperations, refuses_in_the_words_of_the_service) {
  const auto refused = [this](std::string_view operation, std::string_view json) {
    return member(operation, json, "__type") + ": " + member(operation, json, "message");
  };
  EXPECT_EQ(refused("CreateStream", R"({"StreamName":"","ShardCount":0})"),
            "ValidationException: 3 validation errors detected: Value '' at 'streamName' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1; Value '' at "
            "'streamName' failed to satisfy constraint: Member must satisfy regular expression "
            "pattern: [a-zA-Z0-9_.-]+; Value '0' at 'shardCount' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1");
  EXPECT_EQ(refused("CreateStream", R"({"ShardCount":1})"),
            "ValidationException: 1 validation error detected: Value null at 'streamName' failed "
            "to satisfy constraint: Member must not be null");
  EXPECT_EQ(refused("CreateStream", R"({"StreamName":"s"})"),
            "ValidationException: 1 validation error detected: Value null at 'shardCount' failed "
            "to satisfy constraint: Member must not be null");
  EXPECT_EQ(refused("CreateStream", R"({"StreamName":"s","ShardCount":"x"})"),
            "SerializationException: The value of ShardCount can not be converted to an Integer");
  EXPECT_THAT(refused("CreateStream", R"({"StreamName":"s","ShardCount":20001})"),
              testing::StartsWith("LimitExceededException: This request would exceed the shard "
                                  "limit for the account 000000000000 in us-east-1."));
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  EXPECT_EQ(refused("CreateStream", R"({"StreamName":"s","ShardCount":1})"),
            "ResourceInUseException: Stream s under account 000000000000 already exists.");
  EXPECT_EQ(refused("DescribeStream", "{}"),
            "InvalidArgumentException: Either StreamName or StreamARN must be given.");
  EXPECT_EQ(refused("DescribeStream",
                    R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000001:stream/s"})"),
            "ResourceNotFoundException: Stream s under account 000000000001 not found.");
  EXPECT_THAT(refused("DescribeStream", R"({"StreamARN":"arn:aws:s3:::s"})"),
              testing::HasSubstr("at 'streamARN' failed to satisfy constraint: Member must satisfy "
                                 "regular expression pattern: arn:aws.*:kinesis:"));
  EXPECT_THAT(refused("DescribeStream", "not json"), testing::StartsWith("SerializationException"));
}

TEST_F(StreamOperations, record_sizes_run_from_1024_to_10240_KiB) {
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  const auto update = [this](int kib) {
    return ask("UpdateMaxRecordSize",
               R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s",)"
               R"("MaxRecordSizeInKiB":)" +
                   std::to_string(kib) + "}");
  };
  EXPECT_THAT(update(1023), testing::HasSubstr("ValidationException"));
  EXPECT_EQ(update(1024), "200");
  EXPECT_EQ(update(10240), "200");
  EXPECT_EQ(service_->store().find("s")->max_record_bytes, 10240u * kKiB);
  EXPECT_THAT(update(10241), testing::HasSubstr("ValidationException"));
}

TEST_F(StreamOperations, stream_names_have_1_to_128_characters) {
  for (const auto& [size, status] : {std::pair{1, "200"}, {127, "200"}, {128, "200"}}) {
    EXPECT_EQ(ask("CreateStream", R"({"ShardCount":1,"StreamName":")" +
                                      std::string(static_cast<std::size_t>(size), 'n') + "\"}"),
              status);
  }
  EXPECT_THAT(
      ask("CreateStream", R"({"ShardCount":1,"StreamName":")" + std::string(129, 'n') + "\"}"),
      testing::HasSubstr("Member must have length less than or equal to 128"));
}

TEST(ParseStreams, reads_names_and_shard_counts) {
  const auto streams = parse_streams("a:2,b,c.d-e_f:20000");
  ASSERT_TRUE(streams);
  ASSERT_EQ(streams->size(), 3u);
  EXPECT_EQ((*streams)[0].shards, 2u);
  EXPECT_EQ((*streams)[1].name, "b");
  EXPECT_EQ((*streams)[1].shards, 1u);
  EXPECT_EQ((*streams)[2].shards, 20'000u);
  EXPECT_TRUE(parse_streams("")->empty());
  for (const char* bad : {"a:0", "a:x", "a:", ":1", "a b:1", "a,,b", "a:20001", "a:1:2"}) {
    const auto refused = parse_streams(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace kinesink::local
