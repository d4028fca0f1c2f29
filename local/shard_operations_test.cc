#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

class ShardOperations : public ServiceTest {
 protected:
  void SetUp() override { restart({.streams = {{"s", 2}}}); }

  std::string refused(std::string_view operation, std::string_view json) {
    return member(operation, json, "__type") + ": " + member(operation, json, "message");
  }
  std::string split(std::string_view shard, std::string_view key) {
    return ask("SplitShard", R"({"StreamName":"s","ShardToSplit":")" + std::string(shard) +
                                 R"(","NewStartingHashKey":")" + std::string(key) + "\"}");
  }
  std::string merge(std::string_view one, std::string_view other) {
    return ask("MergeShards", R"({"StreamName":"s","ShardToMerge":")" + std::string(one) +
                                  R"(","AdjacentShardToMerge":")" + std::string(other) + "\"}");
  }
  // "0[0-9] 1[10-19]<0 2..." : index, range, parents, "x" for closed
  std::string lineage(std::string_view more = "") {
    const auto response = service_->handle(
        make_request("ListShards", R"({"StreamName":"s")" + std::string(more) + "}"),
        clock_.wall_now());
    const auto root = kinesis::decode(response.body, kinesis::Wire::json);
    if (!root || response.status != 200) return response.body;
    std::string text;
    const auto short_id = [](const kinesis::Value& id) {
      return std::to_string(std::stoi(std::string(id.text().value().substr(8))));
    };
    for (const auto& shard : (*root)["Shards"].list()) {
      text += text.empty() ? "" : " ";
      text += short_id(shard["ShardId"]);
      if (!shard["ParentShardId"].is_null()) text += "<" + short_id(shard["ParentShardId"]);
      if (!shard["AdjacentParentShardId"].is_null()) {
        text += "+" + short_id(shard["AdjacentParentShardId"]);
      }
      if (!shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null()) text += "x";
    }
    return text;
  }
};

TEST_F(ShardOperations, split_then_merge_keeps_the_lineage) {
  EXPECT_EQ(split("shardId-000000000000", "1000"), "200");
  EXPECT_EQ(lineage(), "0x 1 2<0 3<0");
  EXPECT_EQ(merge("shardId-000000000003", "shardId-000000000001"), "200");
  EXPECT_EQ(lineage(), "0x 1x 2<0 3<0x 4<3+1");
  EXPECT_EQ(
      ask("ListShards", R"({"StreamName":"s","ExclusiveStartShardId":"shardId-000000000003"})"),
      R"(200 {"Shards":[{"ShardId":"shardId-000000000004","ParentShardId":)"
      R"("shardId-000000000003","AdjacentParentShardId":"shardId-000000000001",)"
      R"("HashKeyRange":{"StartingHashKey":"1000","EndingHashKey":)"
      R"("340282366920938463463374607431768211455"},"SequenceNumberRange":)"
      R"({"StartingSequenceNumber":)"
      R"("49664278173356503896224227473010190991316781291899191362"}}]})");
  // Writes go to the children.
  const auto shard_of = [this](std::string_view key) {
    return member("PutRecord",
                  R"({"StreamName":"s","Data":"","PartitionKey":"a","ExplicitHashKey":")" +
                      std::string(key) + "\"}",
                  "ShardId");
  };
  EXPECT_EQ(shard_of("999"), "shardId-000000000002");
  EXPECT_EQ(shard_of("1000"), "shardId-000000000004");
  EXPECT_EQ(shard_of(kMaxHashKey), "shardId-000000000004");
}

TEST_F(ShardOperations, a_closed_shard_ends_with_a_number_above_all_of_its_records) {
  split("shardId-000000000000", "1000");
  EXPECT_EQ(member("ListShards", R"({"StreamName":"s"})",
                   "Shards.0.SequenceNumberRange.EndingSequenceNumber"),
            "49664278173278451288029370292013607051542897397453553666");
}

TEST_F(ShardOperations, filters) {
  const auto filter = [this](const std::string& rest) {
    return lineage(R"(,"ShardFilter":{"Type":")" + rest + "}");
  };
  clock_.advance(std::chrono::seconds(10));  // 1750000010
  lineage();                                 // the streams of the options are made
  clock_.advance(std::chrono::seconds(10));  // 1750000020
  split("shardId-000000000000", "1000");
  EXPECT_EQ(filter(R"(AT_LATEST")"), "1 2<0 3<0");
  EXPECT_EQ(filter(R"(AT_TRIM_HORIZON")"), "0x 1");
  EXPECT_EQ(filter(R"(FROM_TRIM_HORIZON")"), "0x 1 2<0 3<0");
  EXPECT_EQ(filter(R"(AFTER_SHARD_ID","ShardId":"shardId-000000000001")"), "2<0 3<0");
  EXPECT_EQ(filter(R"(AT_TIMESTAMP","Timestamp":1750000015)"), "0x 1");
  EXPECT_EQ(filter(R"(AT_TIMESTAMP","Timestamp":1750000021)"), "1 2<0 3<0");
  EXPECT_EQ(filter(R"(FROM_TIMESTAMP","Timestamp":1750000015)"), "0x 1 2<0 3<0");
  EXPECT_EQ(filter(R"(FROM_TIMESTAMP","Timestamp":1750000020.5)"), "1 2<0 3<0");
  EXPECT_THAT(filter(R"(NONE")"), testing::HasSubstr("Member must satisfy enum value set"));
  EXPECT_THAT(filter(R"(AFTER_SHARD_ID")"), testing::HasSubstr("InvalidArgumentException"));
  EXPECT_THAT(filter(R"(AT_TIMESTAMP")"), testing::HasSubstr("InvalidArgumentException"));
}

TEST_F(ShardOperations, pages_carry_their_filter_for_300_seconds) {
  split("shardId-000000000000", "1000");
  const std::string first =
      R"({"StreamName":"s","MaxResults":1,"ShardFilter":{"Type":"AT_LATEST"}})";
  const std::string token = member("ListShards", first, "NextToken");
  const std::string next = R"({"MaxResults":1,"NextToken":")" + token + "\"}";
  EXPECT_EQ(member("ListShards", first, "Shards.0.ShardId"), "shardId-000000000001");
  EXPECT_EQ(member("ListShards", next, "Shards.0.ShardId"), "shardId-000000000002");
  const std::string last = member("ListShards", next, "NextToken");
  EXPECT_EQ(member("ListShards", R"({"NextToken":")" + last + "\"}", "NextToken"), "null");
  EXPECT_EQ(refused("ListShards", R"({"StreamName":"s","NextToken":")" + token + "\"}"),
            "InvalidArgumentException: NextToken and StreamName cannot be provided together.");
  EXPECT_EQ(refused("ListShards", R"({"NextToken":"AAAA"})"),
            "InvalidArgumentException: NextToken is invalid.");
  clock_.advance(std::chrono::seconds(300));
  EXPECT_EQ(member("ListShards", next, "Shards.0.ShardId"), "shardId-000000000002");
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(refused("ListShards", next),
            "ExpiredNextTokenException: The NextToken expired: it lives 300 seconds.");
}

TEST_F(ShardOperations, describe_pages_through_the_shards) {
  const std::string first = R"({"StreamName":"s","Limit":1})";
  EXPECT_EQ(member("DescribeStream", first, "StreamDescription.HasMoreShards"), "true");
  const std::string second =
      R"({"StreamName":"s","Limit":1,"ExclusiveStartShardId":"shardId-000000000000"})";
  EXPECT_EQ(member("DescribeStream", second, "StreamDescription.Shards.0.ShardId"),
            "shardId-000000000001");
  EXPECT_EQ(member("DescribeStream", second, "StreamDescription.HasMoreShards"), "false");
}

TEST_F(ShardOperations, refuses_splits_at_the_edges) {
  const std::string half = "170141183460469231731687303715884105727";
  for (const std::string& key : {std::string("0"), std::string("1"), half}) {
    EXPECT_EQ(
        split("shardId-000000000000", key),
        R"(400 {"__type":"InvalidArgumentException","message":"NewStartingHashKey )" + key +
            " used in SplitShard() on shard shardId-000000000000 in stream s under account "
            "000000000000 is not both greater than one plus the shard's StartingHashKey 0 and "
            "less than the shard's EndingHashKey " +
            half + ".\"}");
  }
  EXPECT_EQ(split("shardId-000000000000", "2"), "200");
  EXPECT_THAT(split("shardId-000000000000", "1000"), testing::HasSubstr("not eligible"));
  EXPECT_EQ(split("shardId-000000000009", "2"),
            R"(400 {"__type":"ResourceNotFoundException","message":"Could not find shard )"
            R"(shardId-000000000009 in stream s under account 000000000000."})");
}

TEST_F(ShardOperations, refuses_merges_of_shards_that_do_not_touch) {
  split("shardId-000000000000", "1000");
  for (const auto& [one, other] :
       {std::pair{"shardId-000000000002", "shardId-000000000001"},  // apart
        {"shardId-000000000000", "shardId-000000000001"},           // one is closed
        {"shardId-000000000001", "shardId-000000000001"}}) {        // the same
    EXPECT_THAT(merge(one, other), testing::HasSubstr("are not an adjacent pair of shards eligible "
                                                      "for merging"));
  }
}

TEST_F(ShardOperations, a_stream_that_is_updating_is_in_use) {
  restart({.streams = {{"s", 1}}, .stream_delay = std::chrono::seconds(1)});
  EXPECT_EQ(split("shardId-000000000000", "1000"), "200");
  EXPECT_THAT(split("shardId-000000000001", "500"),
              testing::HasSubstr("ResourceInUseException\",\"message\":\"Stream s under account "
                                 "000000000000 not ACTIVE, instead in state UPDATING"));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(split("shardId-000000000001", "500"), "200");
}

}  // namespace
}  // namespace kinesink::local
