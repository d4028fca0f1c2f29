#include "reader/reader.h"

#include <gtest/gtest.h>

#include "tests/support/fake_client.h"

namespace kinesink::reader {
namespace {

using client::ShardPosition;
using tests::FakeClient;

std::string all_of(Reader& reader, FakeClient& client) {
  std::string text;
  while (!reader.done()) {
    auto records = reader.next(client.loop().now() + std::chrono::seconds(10));
    if (!records) return text + records.error().to_string();
    if (records->empty()) return text + "|";
    for (const ReadRecord& record : *records)
      text += record.shard_id + ":" + record.record.data + " ";
  }
  return text;
}

TEST(Reader, reads_every_shard_and_parents_before_children) {
  auto client = std::make_shared<FakeClient>();
  client->add_shard("s2", "s0", false).add_shard("s0", "", true).add_shard("s1", "", false);
  client->put("s0", "a").put("s0", "b").put("s1", "c").put("s2", "d");
  Reader reader(client, {"events"}, {.from = {}, .stop_when_caught_up = true});
  ASSERT_TRUE(reader.open(kNever));
  const std::string read = all_of(reader, *client);
  EXPECT_LT(read.find("s0:b"), read.find("s2:d")) << read;
  EXPECT_NE(read.find("s1:c"), std::string::npos) << read;
}

TEST(Reader, from_latest_skips_closed_shards_and_waits_for_what_comes) {
  auto client = std::make_shared<FakeClient>();
  client->add_shard("s0", "", true).add_shard("s1", "s0", false);
  client->put("s0", "old");
  Reader reader(client, {"events"}, {.from = {ShardPosition::Kind::latest, "", 0}});
  ASSERT_TRUE(reader.open(kNever));
  EXPECT_EQ(all_of(reader, *client), "|");
  client->put("s1", "new");
  auto records = reader.next(client->loop().now() + std::chrono::seconds(10));
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().record.data, "new");
}

TEST(Reader, goes_on_after_an_iterator_expired) {
  auto client = std::make_shared<FakeClient>();
  client->add_shard("s0", "", false).put("s0", "a");
  Reader reader(client, {"events"}, {});
  ASSERT_TRUE(reader.open(kNever));
  ASSERT_EQ(reader.next(kNever)->front().record.data, "a");
  client->put("s0", "b");
  client->expire_iterators();
  const auto records = reader.next(kNever);
  ASSERT_TRUE(records) << records.error().to_string();
  EXPECT_EQ(records->front().record.data, "b");
}

TEST(Reader, asks_a_quiet_shard_no_more_than_four_times_a_second) {
  auto client = std::make_shared<FakeClient>();
  client->add_shard("s0", "", false);
  Reader reader(client, {"events"}, {});
  ASSERT_TRUE(reader.open(kNever));
  EXPECT_TRUE(reader.next(client->loop().now() + std::chrono::seconds(10))->empty());
  EXPECT_LE(client->reads(), 41);
}

}  // namespace
}  // namespace kinesink::reader
