// A client whose stream is a few strings in memory, for tests of readers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/client_core.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::tests {

class FakeClient final : public client::ClientCore {
 public:
  FakeClient& add_shard(const std::string& id, const std::string& parent, bool closed);
  FakeClient& put(const std::string& shard, const std::string& data);
  // Iterators given so far are refused from now on.
  void expire_iterators() { ++generation_; }
  int reads() const { return reads_; }

  http::EventLoop& loop() override { return loop_; }
  const std::string& region() const override { return region_; }
  const Log& log() const override { return log_; }
  std::vector<aws::Digest> digests(std::span<const std::string_view>) override { return {}; }
  CallId new_call() override { return 0; }
  void put_records(const kinesis::StreamReference&, kinesis::Wire,
                   std::vector<client::PutRecordsCall>) override {}
  void cancel(CallId) override {}
  void refresh_credentials(std::function<void(Result<void>)> done) override { done({}); }
  Result<kinesis::Wire> choose_wire(const kinesis::StreamReference&, Instant) override {
    return kinesis::Wire::cbor;
  }
  Result<client::StreamSummary> describe_stream_summary(const kinesis::StreamReference&, bool,
                                                        Instant) override {
    return client::StreamSummary{};
  }
  Result<std::vector<client::Shard>> list_shards(const kinesis::StreamReference&,
                                                 Instant) override {
    return shards_;
  }
  Result<std::string> get_shard_iterator(const kinesis::StreamReference&,
                                         const std::string& shard_id,
                                         const client::ShardPosition& from, Instant) override;
  Result<client::RecordsPage> get_records(const kinesis::StreamReference&,
                                          const std::string& iterator, std::size_t limit,
                                          Instant) override;
  Result<void> create_stream(const std::string&, std::size_t, Instant) override { return {}; }

 private:
  SimulatedLoop loop_;
  std::string region_ = "us-east-1";
  Log log_;
  std::vector<client::Shard> shards_;
  std::map<std::string, std::vector<std::string>>
      records_;  // by shard; the sequence number is the place, from 1
  int generation_ = 0;
  int reads_ = 0;
};

}  // namespace kinesink::tests
