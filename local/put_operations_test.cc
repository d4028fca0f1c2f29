#include <algorithm>

#include "base/bytes.h"
#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

class PutOperations : public ServiceTest {
 protected:
  void SetUp() override { restart({.streams = {{"s", 2}}}); }

  std::string refused(std::string_view operation, std::string_view json) {
    return member(operation, json, "__type") + ": " + member(operation, json, "message");
  }
  static std::string entry(std::size_t data_size, std::string_view key = "k") {
    return R"({"Data":")" + to_base64(std::string(data_size, 'd')) + R"(","PartitionKey":")" +
           std::string(key) + "\"}";
  }
  static std::string put(const std::vector<std::string>& entries) {
    std::string text = R"({"StreamName":"s","Records":[)";
    for (const auto& one : entries) text.append(&one == &entries[0] ? "" : ",").append(one);
    return text + "]}";
  }
  // "shard index: data ..." of all shards
  std::string stored() {
    std::string text;
    for (const auto& shard : service_->store().find("s")->shards) {
      text += shard->index == 0 ? "" : " | ";
      for (std::uint64_t at = shard->log.first(); at < shard->log.end(); ++at) {
        const Record record = shard->log.record(at);
        text.append(record.partition_key).append("=").append(record.data).append(" ");
      }
    }
    return text;
  }
};

// MD5("a") is below 2^127, MD5("b") above.
TEST_F(PutOperations, stores_by_the_hash_of_the_key) {
  EXPECT_EQ(
      ask("PutRecords", R"({"StreamName":"s","Records":[{"Data":"eA==","PartitionKey":"a"},)"
                        R"({"Data":"eQ==","PartitionKey":"b"},{"Data":"","PartitionKey":"a"}]})"),
      R"(200 {"FailedRecordCount":0,"Records":[)"
      R"({"SequenceNumber":"49664278173267300915430104980445257044045802475049975810",)"
      R"("ShardId":"shardId-000000000000"},)"
      R"({"SequenceNumber":"49664278173289601660628635603586792762318450836555956242",)"
      R"("ShardId":"shardId-000000000001"},)"
      R"({"SequenceNumber":"49664278173267300915430104980446465969865417104224681986",)"
      R"("ShardId":"shardId-000000000000"}]})");
  EXPECT_EQ(stored(), "a=x a=  | b=y ");
}

// The same request in CBOR, of definite and of indefinite length, and the answer, from cbor2.
TEST_F(PutOperations, speaks_cbor) {
  const std::string definite = *from_hex(
      "a26a53747265616d4e616d656173675265636f72647381a264446174614200ff6c506172746974696f6e4b65"
      "796161");
  const std::string indefinite = *from_hex(
      "bf6a53747265616d4e616d656173675265636f7264739fbf64446174614200ff6c506172746974696f6e4b65"
      "796161ffffff");
  const auto first = service_->handle(make_request("PutRecords", definite, kinesis::Wire::cbor),
                                      clock_.wall_now());
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("Content-Type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(to_hex(first.body),
            "a2714661696c65645265636f7264436f756e7400675265636f72647381a26e53657175656e63654e756d"
            "626572783834393636343237383137333236373330303931353433303130343938303434353235373034"
            "34303435383032343735303439393735383130675368617264496474736861726449642d303030303030"
            "303030303030");
  const auto second = service_->handle(make_request("PutRecords", indefinite, kinesis::Wire::cbor),
                                       clock_.wall_now());
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body.size(), first.body.size());
  EXPECT_EQ(stored(), std::string("a=\0\xff a=\0\xff  | ", 13));
}

TEST_F(PutOperations, puts_one_record) {
  EXPECT_EQ(ask("PutRecord", R"({"StreamName":"s","Data":"eA==","PartitionKey":"b"})"),
            R"(200 {"ShardId":"shardId-000000000001","SequenceNumber":)"
            R"("49664278173289601660628635603586792762318450836555956242"})");
  EXPECT_EQ(stored(), " | b=x ");
}

TEST_F(PutOperations, an_explicit_hash_key_wins_and_both_ends_count) {
  const auto shard_of = [this](std::string_view key) {
    return member("PutRecord",
                  R"({"StreamName":"s","Data":"","PartitionKey":"a","ExplicitHashKey":")" +
                      std::string(key) + "\"}",
                  "ShardId");
  };
  EXPECT_EQ(shard_of("0"), "shardId-000000000000");
  EXPECT_EQ(shard_of("170141183460469231731687303715884105727"), "shardId-000000000000");
  EXPECT_EQ(shard_of("170141183460469231731687303715884105728"), "shardId-000000000001");
  EXPECT_EQ(shard_of(kMaxHashKey), "shardId-000000000001");
}

TEST_F(PutOperations, refuses_explicit_hash_keys_out_of_range) {
  for (const char* operation : {"PutRecord", "PutRecords"}) {
    const auto with = [operation](const std::string& key) {
      const std::string record =
          R"("Data":"","PartitionKey":"a","ExplicitHashKey":")" + key + "\"}";
      return operation == std::string_view("PutRecord")
                 ? R"({"StreamName":"s",)" + record
                 : R"({"StreamName":"s","Records":[{)" + record + "]}";
    };
    EXPECT_EQ(refused(operation, with("340282366920938463463374607431768211456")),
              "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the "
              "range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456");
    for (const char* bad : {"01", "-1", "x", "1234567890123456789012345678901234567890"}) {
      EXPECT_THAT(refused(operation, with(bad)),
                  testing::EndsWith("xplicitHashKey' failed to satisfy constraint: Member must "
                                    "satisfy regular expression pattern: 0|([1-9]\\d{0,38})"));
    }
  }
  EXPECT_EQ(stored(), " | ");
}

TEST_F(PutOperations, a_request_has_1_to_500_records) {
  const auto of = [](std::size_t count) { return put(std::vector(count, entry(0))); };
  EXPECT_EQ(refused("PutRecords", of(0)),
            "ValidationException: 1 validation error detected: Value '[]' at 'records' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1");
  EXPECT_THAT(ask("PutRecords", of(1)), testing::StartsWith("200"));
  EXPECT_THAT(ask("PutRecords", of(499)), testing::StartsWith("200"));
  EXPECT_THAT(ask("PutRecords", of(500)), testing::StartsWith("200"));
  EXPECT_EQ(refused("PutRecords", of(501)),
            "ValidationException: 1 validation error detected: Value '[PutRecordsRequestEntry]' at "
            "'records' failed to satisfy constraint: Member must have length less than or equal to "
            "500");
  EXPECT_EQ(service_->counters().records, 1000u);
}

TEST_F(PutOperations, a_record_with_its_key_has_at_most_the_streams_size) {
  const std::size_t most = kinesis::kDefaultMaxRecordBytes;
  for (const std::size_t size : {most - 1, most}) {
    EXPECT_THAT(ask("PutRecords", put({entry(size - 3, "key")})), testing::StartsWith("200"));
  }
  EXPECT_EQ(refused("PutRecords", put({entry(0), entry(most + 1 - 3, "key")})),
            "InvalidArgumentException: A record of 1048577 bytes, its partition key included, "
            "exceeds the maximum record size of 1024 KiB in stream s under account 000000000000.");
  EXPECT_EQ(service_->counters().records, 2u);  // nothing of a refused request is stored
  ask("UpdateMaxRecordSize",
      R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","MaxRecordSizeInKiB":)"
      "10240}");
  EXPECT_THAT(ask("PutRecords", put({entry(most + 1)})), testing::StartsWith("200"));
}

TEST_F(PutOperations, a_request_has_at_most_10_MiB_of_data_and_keys) {
  const auto of = [](std::size_t size) {
    std::vector<std::string> entries(9, entry(kMiB - 1));
    entries.push_back(entry(kMiB / 2 - 1));
    entries.push_back(entry(size - 9 * kMiB - kMiB / 2 - 1));
    return put(entries);
  };
  const std::size_t most = kinesis::kMaxRequestBytes;
  for (const std::size_t size : {most - 1, most}) {
    EXPECT_THAT(ask("PutRecords", of(size)), testing::StartsWith("200")) << size;
  }
  EXPECT_EQ(refused("PutRecords", of(most + 1)),
            "InvalidArgumentException: Records size exceeds 10 MB limit");
}

TEST_F(PutOperations, partition_keys_have_1_to_256_characters) {
  std::string wide;  // characters of two bytes
  for (int count = 0; count < 256; ++count) wide += "ü";
  for (const std::string& key :
       {std::string("k"), std::string(255, 'k'), std::string(256, 'k'), wide}) {
    EXPECT_THAT(ask("PutRecords", put({entry(0, key)})), testing::StartsWith("200"));
    EXPECT_THAT(ask("PutRecord", R"({"StreamName":"s","Data":"","PartitionKey":")" + key + "\"}"),
                testing::StartsWith("200"));
  }
  EXPECT_THAT(
      refused("PutRecords", put({entry(0), entry(0, std::string(257, 'k'))})),
      testing::EndsWith("' at 'records.2.member.partitionKey' failed to satisfy constraint: "
                        "Member must have length less than or equal to 256"));
  EXPECT_EQ(refused("PutRecords", put({entry(0, "")})),
            "ValidationException: 1 validation error detected: Value '' at "
            "'records.1.member.partitionKey' failed to satisfy constraint: Member must have length "
            "greater than or equal to 1");
}

TEST_F(PutOperations, missing_members_are_told) {
  EXPECT_EQ(refused("PutRecord", R"({"StreamName":"s"})"),
            "ValidationException: 2 validation errors detected: Value null at 'data' failed to "
            "satisfy constraint: Member must not be null; Value null at 'partitionKey' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(refused("PutRecord", R"({"StreamName":"s","Data":"?","PartitionKey":"k"})"),
            "SerializationException: The value of Data can not be converted to a Blob");
  EXPECT_EQ(
      refused("PutRecords", R"({"StreamName":"nope","Records":[{"Data":"","PartitionKey":"k"}]})"),
      "ResourceNotFoundException: Stream nope under account 000000000000 not found.");
}

TEST_F(PutOperations, limits_of_a_shard_are_enforced_on_request) {
  restart({.streams = {{"s", 1}}, .enforce_limits = true});
  const std::string five_hundred = put(std::vector(500, entry(0)));
  EXPECT_EQ(member("PutRecords", five_hundred, "FailedRecordCount"), "0");
  EXPECT_EQ(member("PutRecords", put(std::vector(499, entry(0))), "FailedRecordCount"), "0");
  EXPECT_EQ(member("PutRecords", put({entry(0), entry(0)}), "Records.1.ErrorCode"),
            "ProvisionedThroughputExceededException");
  EXPECT_EQ(
      ask("PutRecords", put({entry(0)})),
      R"(200 {"FailedRecordCount":1,"Records":[)"
      R"({"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded )"
      R"(for shard shardId-000000000000 in stream s under account 000000000000."}]})");
  EXPECT_THAT(ask("PutRecord", R"({"StreamName":"s","Data":"","PartitionKey":"k"})"),
              testing::StartsWith(R"(400 {"__type":"ProvisionedThroughputExceededException")"));
  EXPECT_EQ(service_->counters().throttled, 3u);
  clock_.advance(std::chrono::milliseconds(100));  // a hundred records more
  EXPECT_EQ(member("PutRecords", five_hundred, "FailedRecordCount"), "400");
}

TEST_F(PutOperations, bytes_per_second_of_a_shard_are_enforced) {
  restart({.streams = {{"s", 1}}, .enforce_limits = true});
  const std::size_t half = kinesis::kShardBytesPerSecond / 2;
  EXPECT_EQ(member("PutRecords", put({entry(half - 1), entry(half - 1)}), "FailedRecordCount"),
            "0");
  EXPECT_EQ(member("PutRecords", put({entry(0)}), "FailedRecordCount"), "1");
  clock_.advance(std::chrono::milliseconds(499));
  EXPECT_EQ(member("PutRecords", put({entry(half - 1)}), "FailedRecordCount"), "1");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(member("PutRecords", put({entry(half - 1)}), "FailedRecordCount"), "0");
}

TEST_F(PutOperations, discarding_keeps_nothing_but_the_count) {
  restart({.streams = {{"s", 2}}, .discard = true});
  const std::string first = ask("PutRecords", put({entry(5, "a"), entry(5, "b")}));
  EXPECT_THAT(first,
              testing::HasSubstr("49664278173267300915430104980445257044045802475049975810"));
  const std::string second = ask("PutRecords", put({entry(5, "a")}));
  EXPECT_THAT(second,
              testing::HasSubstr("49664278173267300915430104980446465969865417104224681986"));
  EXPECT_EQ(stored(), " | ");
  EXPECT_EQ(service_->store().committed_bytes(), 0u);
  EXPECT_EQ(service_->counters().records, 3u);
  EXPECT_EQ(service_->counters().bytes, 18u);
}

TEST_F(PutOperations, stored_bytes_are_bounded_by_dropping_the_oldest) {
  restart({.streams = {{"s", 1}}, .max_stored_bytes = 4 * kMiB});
  for (int index = 0; index < 10; ++index) {
    ask("PutRecords", put({entry(600 * kKiB, "k" + std::to_string(index))}));
  }
  const Store& store = service_->store();
  EXPECT_LE(store.committed_bytes(), 4 * kMiB);
  EXPECT_GT(store.trimmed_records(), 0u);
  const RecordLog& log = store.find("s")->shards[0]->log;
  EXPECT_EQ(log.first(), store.trimmed_records() + 1);
  EXPECT_EQ(log.record(log.end() - 1).partition_key, "k9");
}

}  // namespace
}  // namespace kinesink::local
