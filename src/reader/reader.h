// Reads a stream back, shard by shard: for tail, tests and notebooks. Not a consumer group: it
// keeps no position of its own.
//
//   reader::Reader reader(core, {"events"}, {});
//   KINESINK_TRY(reader.open(deadline));
//   while (!reader.done()) KINESINK_ASSIGN(auto records, reader.next(deadline));
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/client_core.h"

namespace kinesink::reader {

struct ReaderOptions {
  client::ShardPosition from;        // in the shards that are open or kept when the reader opens;
                                     // children start at their beginning
  bool stop_when_caught_up = false;  // a shard is done once nothing is behind in it
  // Pause before a shard that had nothing new is asked again; the service allows five reads a
  // second per shard.
  Duration poll_interval = std::chrono::milliseconds(250);
};

struct ReadRecord {
  std::string shard_id;
  client::Record record;
};

// One thread. Blocks in open() and next().
class Reader {
 public:
  Reader(std::shared_ptr<client::ClientCore> core, kinesis::StreamReference stream,
         ReaderOptions options)
      : core_(std::move(core)), stream_(std::move(stream)), options_(std::move(options)) {}

  // Lists the shards. Parents are read before their children.
  Result<void> open(Instant deadline);
  // Records of the next shard in turn that has some; empty when there was nothing new before
  // `deadline`, or when done.
  Result<std::vector<ReadRecord>> next(Instant deadline);
  // Every shard is drained, or caught up with when that was asked for.
  bool done() const { return active_.empty() && waiting_.empty(); }

 private:
  struct Cursor {
    client::Shard shard;
    std::string iterator;     // empty: not asked for yet
    std::string last_number;  // of the last record, to go on after an iterator has expired
    Instant not_before{};
    bool is_child = false;
  };
  Result<client::RecordsPage> read(Cursor& cursor, Instant deadline);
  Result<void> start(Cursor& cursor, Instant deadline);
  void activate_children();
  void sleep_until(Instant when);

  const std::shared_ptr<client::ClientCore> core_;  // shared with sinks and other readers
  const kinesis::StreamReference stream_;
  const ReaderOptions options_;
  std::deque<Cursor> active_;           // the one whose turn it is first
  std::vector<client::Shard> waiting_;  // for their parents
  std::set<std::string> drained_;
  std::set<std::string> known_;
};

}  // namespace kinesink::reader
