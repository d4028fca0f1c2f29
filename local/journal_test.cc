#include "local/journal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

using testing::HasSubstr;

// All that clients can see of a store, and the records.
std::string described(const Store& store) {
  std::ostringstream out;
  for (const auto& [name, stream] : store.streams()) {
    out << name << ' ' << stream->created_ms << ' ' << stream->active_ms << ' ' << stream->on_demand
        << ' ' << stream->max_record_bytes << " open";
    for (const Shard* shard : stream->open) out << ' ' << shard->index;
    out << '\n';
    for (const auto& shard : stream->shards) {
      out << shard->id() << ' ' << kinesis::to_decimal(shard->range.first) << ' '
          << shard->parent.value_or(99) << ' ' << shard->adjacent_parent.value_or(99) << ' '
          << shard->closed_ms.value_or(0);
      for (const std::uint32_t child : shard->children) out << " +" << child;
      for (std::uint64_t i = shard->log.first(); i < shard->log.end(); ++i) {
        const Record record = shard->log.record(i);
        out << '\n'
            << shard->sequence_number(i, record.arrival_ms) << ' ' << record.partition_key << '='
            << record.data;
      }
      out << '\n';
    }
  }
  return out.str();
}

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/journal-XXXXXX";
    folder_.path = ::mkdtemp(pattern.data());
    folder_.path += "/data";
  }
  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(folder_.path).parent_path());
  }

  std::string file() const { return folder_.path + "/journal"; }
  std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(file(), std::ios::binary).rdbuf();
    return text.str();
  }
  void put(std::string_view bytes) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  }

  std::unique_ptr<Service> serve(std::size_t max_stored_bytes = StoreOptions{}.max_bytes) {
    auto service = std::make_unique<Service>(
        ServiceOptions{.streams = {{"events", 2}}, .max_stored_bytes = max_stored_bytes});
    note_.clear();
    const Result<void> kept = service->keep_in(folder_, note_);
    problem_ = kept ? "" : kept.error().message;
    return service;
  }
  int ask(Service& service, std::string_view operation, const std::string& json) {
    clock_.advance(std::chrono::milliseconds(7));
    answer_ = service.handle(make_request(operation, json), clock_.wall_now());
    return answer_.status;
  }
  void put_record(Service& service, const std::string& key, const std::string& base64) {
    ASSERT_EQ(
        ask(service, "PutRecord",
            R"({"StreamName":"events","PartitionKey":")" + key + R"(","Data":")" + base64 + "\"}"),
        200)
        << answer_.body;
  }
  std::string remembered() {
    const auto service = serve();
    EXPECT_EQ(problem_, "");
    return described(service->store());
  }

  DataFolder folder_;
  ManualClock clock_;
  http::Response answer_;
  std::string note_;
  std::string problem_;
};

TEST_F(JournalTest, a_restart_finds_everything) {
  auto service = serve();
  put_record(*service, "a", "AAAA");
  ASSERT_EQ(ask(*service, "SplitShard",
                R"({"StreamName":"events","ShardToSplit":"shardId-000000000000",)"
                R"("NewStartingHashKey":"1000"})"),
            200);
  put_record(*service, "b", "");
  ASSERT_EQ(ask(*service, "MergeShards",
                R"({"StreamName":"events","ShardToMerge":"shardId-000000000003",)"
                R"("AdjacentShardToMerge":"shardId-000000000001"})"),
            200)
      << answer_.body;
  ASSERT_EQ(ask(*service, "CreateStream", R"({"StreamName":"other","ShardCount":1})"), 200);
  ASSERT_EQ(ask(*service, "CreateStream", R"({"StreamName":"gone","ShardCount":1})"), 200);
  ASSERT_EQ(ask(*service, "DeleteStream", R"({"StreamName":"gone"})"), 200);
  ASSERT_EQ(ask(*service, "UpdateMaxRecordSize",
                R"({"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/events",)"
                R"("MaxRecordSizeInKiB":2048})"),
            200)
      << answer_.body;
  put_record(*service, "c", "/wD/");
  const std::string before = described(service->store());
  service.reset();
  EXPECT_EQ(remembered(), before);
  EXPECT_THAT(before, HasSubstr("other"));
}

TEST_F(JournalTest, any_life_is_remembered) {
  Random random(11);
  for (int life = 0; life < 8; ++life) {
    auto service = serve();
    ASSERT_EQ(problem_, "");
    for (int i = 0; i < 40; ++i) {
      const auto& open = service->store().find("events");
      const std::uint64_t choice = random.below(20);
      if (choice > 1 || open == nullptr) {
        put_record(*service, std::to_string(random.next()), "AAAAAAAA");
      } else if (const Shard& shard = *open->open[random.below(open->open.size())]; choice == 0) {
        const auto middle = shard.range.first + (shard.range.last - shard.range.first) / 2 + 1;
        ask(*service, "SplitShard",
            R"({"StreamName":"events","ShardToSplit":")" + shard.id() +
                R"(","NewStartingHashKey":")" + kinesis::to_decimal(middle) + "\"}");
      } else if (open->open.size() > 1) {
        ask(*service, "MergeShards",
            R"({"StreamName":"events","ShardToMerge":")" + open->open[0]->id() +
                R"(","AdjacentShardToMerge":")" + open->open[1]->id() + "\"}");
      }
    }
    const std::string before = described(service->store());
    service.reset();
    ASSERT_EQ(remembered(), before) << "life " << life;
  }
}

// As a process that is killed leaves it, at any byte.
TEST_F(JournalTest, an_unfinished_end_is_dropped) {
  std::string before;
  std::size_t whole = 0;
  {
    auto service = serve();
    put_record(*service, "a", "AAAA");
    before = described(service->store());
    whole = bytes().size();
    put_record(*service, "b", "BBBB");
  }
  const std::string all = bytes();
  for (std::size_t size = whole; size < all.size(); ++size) {
    put(all.substr(0, size));
    EXPECT_EQ(remembered(), before);
    EXPECT_EQ(note_.empty(), size == whole);
    EXPECT_EQ(bytes().size(), whole);
  }
  // A frame whose bytes did not all reach the disk; zeros where the file had grown.
  std::string spoilt = all;
  spoilt[whole + 20] ^= 1;
  put(spoilt);
  EXPECT_EQ(remembered(), before);
  put(all.substr(0, whole) + std::string(100, '\0'));
  EXPECT_EQ(remembered(), before);
}

TEST_F(JournalTest, damage_before_the_end_is_refused) {
  {
    auto service = serve();
    put_record(*service, "a", "AAAA");
    put_record(*service, "b", "BBBB");
  }
  const std::string all = bytes();
  std::string spoilt = all;
  spoilt[40] ^= 1;
  put(spoilt);
  serve();
  EXPECT_THAT(problem_, HasSubstr("journal is damaged at byte 19: a checksum is wrong"));
  // A size that is wrong is not taken for an unfinished end, which would be dropped.
  spoilt = all;
  spoilt[19 + 2] ^= 1;
  put(spoilt);
  serve();
  EXPECT_THAT(problem_, HasSubstr("damaged at byte 19: a checksum is wrong"));
  EXPECT_EQ(bytes(), spoilt);
  put("something else, and long enough");
  serve();
  EXPECT_THAT(problem_, HasSubstr("no journal"));
  EXPECT_EQ(bytes(), "something else, and long enough");  // it is left as it is
}

TEST_F(JournalTest, is_for_one_server_and_its_owner) {
  const mode_t before = ::umask(0);
  const auto first = serve();
  ::umask(before);
  serve();
  EXPECT_THAT(problem_, HasSubstr("in use by another server"));
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat(folder_.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(JournalTest, is_written_anew_when_most_of_it_is_gone) {
  constexpr std::size_t kKept = 8 << 20;
  const std::string megabyte(1'000'000, 'A');
  auto service = serve(kKept);
  std::size_t largest = 0;
  std::size_t last = 0;
  bool shrank = false;
  for (int i = 0; i < 200; ++i) {
    put_record(*service, std::to_string(i), megabyte);
    last = std::filesystem::file_size(file());
    shrank = shrank || last < largest;
    largest = std::max(largest, last);
  }
  EXPECT_TRUE(shrank);
  EXPECT_LT(largest, std::size_t{80} << 20);
  const std::string before = described(service->store());
  service.reset();
  service = serve(kKept);
  EXPECT_EQ(problem_, "");
  EXPECT_EQ(described(service->store()), before);
}

// Nothing is acknowledged that is not written, and nothing is lost when there is room again.
TEST_F(JournalTest, a_full_disk_refuses_until_there_is_room) {
  auto service = serve();
  put_record(*service, "a", "AAAA");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit full = before;
  full.rlim_cur = bytes().size() + 30;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const std::string record = R"({"StreamName":"events","PartitionKey":"k","Data":"AAAA"})";
  EXPECT_EQ(ask(*service, "PutRecord", record), 500);
  const std::string said = answer_.body;
  EXPECT_EQ(ask(*service, "PutRecord", record), 500);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, previous);
  EXPECT_THAT(said, HasSubstr("cannot write"));
  put_record(*service, "b", "BBBB");
  const std::string now = described(service->store());
  service.reset();
  EXPECT_EQ(remembered(), now);
}

}  // namespace
}  // namespace kinesink::local
