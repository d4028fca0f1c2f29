#include "local/record_log.h"

#include <gtest/gtest.h>

#include <string>

#include "base/units.h"

namespace kinesink::local {
namespace {

std::string show(const RecordLog& log) {
  std::string text;
  for (std::uint64_t index = log.first(); index < log.end(); ++index) {
    const Record record = log.record(index);
    text += std::to_string(record.index) + "@" + std::to_string(record.arrival_ms) + " " +
            std::string(record.partition_key) + "=" + std::string(record.data) + "\n";
  }
  return text;
}

TEST(RecordLog, gives_back_what_it_was_given) {
  RecordLog log;
  EXPECT_EQ(log.first(), log.end());
  log.append(100, "one", "a");
  log.append(100, "", "k");
  log.append(105, std::string("\0\xff", 2), "b");
  EXPECT_EQ(show(log), std::string("1@100 a=one\n2@100 k=\n3@105 b=\0\xff\n", 32));
}

TEST(RecordLog, never_lets_time_fall) {
  RecordLog log;
  log.append(100, "x", "a");
  log.append(90, "y", "a");
  EXPECT_EQ(show(log), "1@100 a=x\n2@100 a=y\n");
}

TEST(RecordLog, finds_the_first_record_at_or_after_a_time) {
  RecordLog log;
  for (const std::int64_t time : {10, 20, 20, 30}) log.append(time, "x", "a");
  EXPECT_EQ(log.lower_bound(0), 1u);
  EXPECT_EQ(log.lower_bound(10), 1u);
  EXPECT_EQ(log.lower_bound(11), 2u);
  EXPECT_EQ(log.lower_bound(20), 2u);
  EXPECT_EQ(log.lower_bound(30), 4u);
  EXPECT_EQ(log.lower_bound(31), 5u);
}

TEST(RecordLog, spans_chunks_and_drops_the_oldest) {
  RecordLog log;
  const std::string big(3 * kMiB, 'x');  // larger than any usual chunk
  for (int index = 0; index < 2000; ++index) log.append(index, std::to_string(index), "key");
  log.append(2000, big, "big");
  log.append(2001, "last", "key");
  EXPECT_GT(log.chunk_count(), 3u);
  EXPECT_EQ(log.record(1).data, "0");
  EXPECT_EQ(log.record(2000).data, "1999");
  EXPECT_EQ(log.record(2001).data, big);
  EXPECT_EQ(log.record(2002).data, "last");

  const std::size_t before = log.committed_bytes();
  log.drop_oldest_chunk();
  EXPECT_LT(log.committed_bytes(), before);
  EXPECT_GT(log.first(), 1u);
  EXPECT_EQ(log.record(log.first()).data, std::to_string(log.first() - 1));
  EXPECT_EQ(log.end(), 2003u);
  while (log.chunk_count() > 0) log.drop_oldest_chunk();
  EXPECT_EQ(log.committed_bytes(), 0u);
  EXPECT_EQ(log.first(), 2003u);
}

TEST(RecordLog, counts_skipped_records) {
  RecordLog log;
  log.skip(5);
  log.skip(6);
  EXPECT_EQ(log.first(), 3u);
  EXPECT_EQ(log.end(), 3u);
  EXPECT_EQ(log.last_arrival_ms(), 6);
}

}  // namespace
}  // namespace kinesink::local
