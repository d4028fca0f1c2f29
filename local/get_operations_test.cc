#include "base/bytes.h"
#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

class GetOperations : public ServiceTest {
 protected:
  void SetUp() override {
    restart({.streams = {{"s", 1}}});
    for (const char* data : {"a", "b", "c", "d"}) {
      sequences_.push_back(member(
          "PutRecord", R"({"StreamName":"s","PartitionKey":"k","Data":")" + to_base64(data) + "\"}",
          "SequenceNumber"));
      clock_.advance(std::chrono::seconds(1));
    }
  }

  std::string refused(std::string_view operation, std::string_view json) {
    return member(operation, json, "__type") + ": " + member(operation, json, "message");
  }
  static std::string iterator_request(std::string_view type, std::string_view more,
                                      std::string_view shard = "shardId-000000000000") {
    return R"({"StreamName":"s","ShardId":")" + std::string(shard) + R"(","ShardIteratorType":")" +
           std::string(type) + "\"" + std::string(more) + "}";
  }
  std::string iterator(std::string_view type, std::string_view more = "",
                       std::string_view shard = "shardId-000000000000") {
    return member("GetShardIterator", iterator_request(type, more, shard), "ShardIterator");
  }
  static std::string get(std::string_view iterator, std::string_view more = "") {
    return R"({"ShardIterator":")" + std::string(iterator) + "\"" + std::string(more) + "}";
  }
  // The payloads of one answer: "abc".
  std::string read(std::string_view iterator, std::string_view more = "") {
    const auto response =
        service_->handle(make_request("GetRecords", get(iterator, more)), clock_.wall_now());
    const auto root = kinesis::decode(response.body, kinesis::Wire::json);
    if (!root || response.status != 200) return response.body;
    std::string text;
    for (const auto& record : (*root)["Records"].list()) text += record["Data"].bytes().value();
    return text;
  }

  std::vector<std::string> sequences_;
};

TEST_F(GetOperations, every_type_of_iterator_starts_where_it_says) {
  const auto at = [this](std::size_t index) {
    return R"(,"StartingSequenceNumber":")" + sequences_[index] + "\"";
  };
  EXPECT_EQ(read(iterator("TRIM_HORIZON")), "abcd");
  EXPECT_EQ(read(iterator("LATEST")), "");
  EXPECT_EQ(read(iterator("AT_SEQUENCE_NUMBER", at(1))), "bcd");
  EXPECT_EQ(read(iterator("AFTER_SEQUENCE_NUMBER", at(1))), "cd");
  EXPECT_EQ(read(iterator("AFTER_SEQUENCE_NUMBER", at(3))), "");
  EXPECT_EQ(read(iterator("AT_TIMESTAMP", R"(,"Timestamp":1750000001)")), "bcd");
  EXPECT_EQ(read(iterator("AT_TIMESTAMP", R"(,"Timestamp":1750000001.001)")), "cd");
  EXPECT_EQ(read(iterator("AT_TIMESTAMP", R"(,"Timestamp":1)")), "abcd");
  const std::string start = member("ListShards", R"({"StreamName":"s"})",
                                   "Shards.0.SequenceNumberRange.StartingSequenceNumber");
  EXPECT_EQ(read(iterator("AT_SEQUENCE_NUMBER", R"(,"StartingSequenceNumber":")" + start + "\"")),
            "abcd");
}

TEST_F(GetOperations, latest_gets_what_comes_after) {
  const std::string latest = iterator("LATEST");
  ask("PutRecord", R"({"StreamName":"s","PartitionKey":"k","Data":"ZQ=="})");
  EXPECT_EQ(read(latest), "e");
}

TEST_F(GetOperations, records_carry_number_time_data_and_key) {
  const std::string answer = ask("GetRecords", get(iterator("TRIM_HORIZON"), R"(,"Limit":1)"));
  EXPECT_THAT(answer,
              testing::StartsWith(R"(200 {"Records":[{"SequenceNumber":")" + sequences_[0] +
                                  R"(","ApproximateArrivalTimestamp":1750000000.000,"Data":"YQ==",)"
                                  R"("PartitionKey":"k"}],"NextShardIterator":")"));
  EXPECT_THAT(answer, testing::EndsWith(R"("MillisBehindLatest":3000})"));
}

TEST_F(GetOperations, iterators_walk_on) {
  std::string at = iterator("TRIM_HORIZON");
  std::string seen;
  for (int step = 0; step < 3; ++step) {
    seen += read(at, R"(,"Limit":3)") + "/";
    at = member("GetRecords", get(at, R"(,"Limit":3)"), "NextShardIterator");
  }
  EXPECT_EQ(seen, "abc/d//");
  EXPECT_EQ(member("GetRecords", get(at), "MillisBehindLatest"), "0");
}

TEST_F(GetOperations, a_closed_shard_ends_with_its_children) {
  ask("SplitShard",
      R"({"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"})");
  const std::string from_start = iterator("TRIM_HORIZON");
  EXPECT_NE(member("GetRecords", get(from_start, R"(,"Limit":3)"), "NextShardIterator"), "null");
  EXPECT_EQ(member("GetRecords", get(from_start), "NextShardIterator"), "null");
  EXPECT_EQ(member("GetRecords", get(from_start), "ChildShards"),
            R"([{"ShardId":"shardId-000000000001","ParentShards":["shardId-000000000000"],)"
            R"("HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"999"}},)"
            R"({"ShardId":"shardId-000000000002","ParentShards":["shardId-000000000000"],)"
            R"("HashKeyRange":{"StartingHashKey":"1000",)"
            R"("EndingHashKey":"340282366920938463463374607431768211455"}}])");
  ask("MergeShards", R"({"StreamName":"s","ShardToMerge":"shardId-000000000001",)"
                     R"("AdjacentShardToMerge":"shardId-000000000002"})");
  EXPECT_EQ(member("GetRecords", get(iterator("LATEST", "", "shardId-000000000002")),
                   "ChildShards.0.ParentShards"),
            R"(["shardId-000000000001","shardId-000000000002"])");
}

TEST_F(GetOperations, an_answer_has_at_most_10_MiB_but_one_record_at_least) {
  restart({.streams = {{"s", 1}}});
  ask("UpdateMaxRecordSize",
      R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","MaxRecordSizeInKiB":)"
      "10240}");
  const auto put = [this](std::size_t size) {
    EXPECT_THAT(ask("PutRecord", R"({"StreamName":"s","PartitionKey":"k","Data":")" +
                                     to_base64(std::string(size - 1, 'x')) + "\"}"),
                testing::StartsWith("200"));
  };
  for (const std::size_t size : {4 * kMiB, 6 * kMiB, 4 * kMiB, 6 * kMiB + 1, 10 * kMiB}) put(size);
  std::string at = iterator("TRIM_HORIZON");
  std::string counts;
  for (int step = 0; step < 4; ++step) {
    const auto response = service_->handle(make_request("GetRecords", get(at)), clock_.wall_now());
    const auto root = kinesis::decode(response.body, kinesis::Wire::json);
    ASSERT_TRUE(root);
    counts += std::to_string((*root)["Records"].list().size()) + " ";
    at = (*root)["NextShardIterator"].text().value();
  }
  EXPECT_EQ(counts, "2 1 1 1 ");
}

TEST_F(GetOperations, limits_of_records_are_1_to_10000) {
  const std::string at = iterator("TRIM_HORIZON");
  EXPECT_THAT(read(at, R"(,"Limit":0)"), testing::HasSubstr("greater than or equal to 1"));
  EXPECT_EQ(read(at, R"(,"Limit":1)"), "a");
  EXPECT_EQ(read(at, R"(,"Limit":9999)"), "abcd");
  EXPECT_EQ(read(at, R"(,"Limit":10000)"), "abcd");
  EXPECT_THAT(read(at, R"(,"Limit":10001)"), testing::HasSubstr("less than or equal to 10000"));
}

TEST_F(GetOperations, iterators_expire_after_five_minutes) {
  const std::string at = iterator("TRIM_HORIZON");
  clock_.advance(std::chrono::seconds(300));
  EXPECT_EQ(read(at), "abcd");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(refused("GetRecords", get(at)),
            "ExpiredIteratorException: Iterator expired. The iterator was created at time Sun Jun "
            "15 15:06:44 UTC 2025 while right now it is Sun Jun 15 15:11:44 UTC 2025 which is "
            "further in the future than the tolerated delay of 300000 milliseconds.");
}

TEST_F(GetOperations, refuses_iterators_that_are_not_its_own) {
  std::string damaged = iterator("TRIM_HORIZON");
  damaged[30] = damaged[30] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {damaged, std::string("x"), std::string("AAAA")}) {
    EXPECT_EQ(refused("GetRecords", get(bad)), "InvalidArgumentException: Invalid ShardIterator.");
  }
  const std::string at = iterator("TRIM_HORIZON");
  ask("DeleteStream", R"({"StreamName":"s"})");
  EXPECT_EQ(refused("GetRecords", get(at)),
            "ResourceNotFoundException: Stream s under account 000000000000 not found.");
  ask("CreateStream", R"({"StreamName":"s","ShardCount":1})");
  EXPECT_EQ(refused("GetRecords", get(at)), "InvalidArgumentException: Invalid ShardIterator.");
}

TEST_F(GetOperations, refuses_iterators_that_make_no_sense) {
  const auto refused_iterator = [this](std::string_view type, std::string_view more) {
    return refused("GetShardIterator", iterator_request(type, more));
  };
  const std::string number = R"(,"StartingSequenceNumber":")" + sequences_[0] + "\"";
  EXPECT_THAT(refused_iterator("LATEST", number),
              testing::EndsWith("Request specified LATEST and also a StartingSequenceNumber."));
  EXPECT_THAT(refused_iterator("AT_SEQUENCE_NUMBER", ""),
              testing::EndsWith("AT_SEQUENCE_NUMBER and no StartingSequenceNumber."));
  EXPECT_EQ(refused_iterator("AT_SEQUENCE_NUMBER", R"(,"StartingSequenceNumber":"5")"),
            "InvalidArgumentException: StartingSequenceNumber 5 used in GetShardIterator on shard "
            "shardId-000000000000 in stream s under account 000000000000 is invalid.");
  EXPECT_THAT(refused_iterator("AT_TIMESTAMP", ""),
              testing::StartsWith("InvalidArgumentException"));
  EXPECT_EQ(refused_iterator("AT_TIMESTAMP", R"(,"Timestamp":1750000005)"),
            "InvalidArgumentException: The timestampInMillis parameter cannot be greater than the "
            "currentTimestampInMillis. timestampInMillis: 1750000005000, currentTimestampInMillis: "
            "1750000004000");
  EXPECT_THAT(refused_iterator("SOMEWHERE", ""),
              testing::HasSubstr("Value 'SOMEWHERE' at 'shardIteratorType' failed to satisfy "
                                 "constraint: Member must satisfy enum value set: ["));
  ask("SplitShard",
      R"({"StreamName":"s","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"})");
  EXPECT_EQ(refused("GetShardIterator",
                    iterator_request("AT_SEQUENCE_NUMBER", number, "shardId-000000000001")),
            "InvalidArgumentException: Invalid StartingSequenceNumber. It encodes "
            "shardId-000000000000, while it was used in a call to a shard with "
            "shardId-000000000001");
}

}  // namespace
}  // namespace kinesink::local
