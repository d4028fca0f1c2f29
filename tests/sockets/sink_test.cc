// The sink over real sockets, against the local server in the same process.
#include "kinesink/sink.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <set>

#include "client/client_core.h"
#include "local/server.h"
#include "tests/support/rows.h"

namespace kinesink {
namespace {

using std::chrono::milliseconds;

class FixedCredentials final : public CredentialsProvider {
 public:
  void get_credentials(bool, Callback done) override {
    done(Credentials{"AKIDEXAMPLE", "secret", "", std::nullopt});
  }
};

std::vector<tests::Row> numbered(std::int64_t first, std::size_t count,
                                 const std::string& text = "text") {
  std::vector<tests::Row> rows;
  for (std::size_t i = 0; i < count; ++i)
    rows.push_back({first + static_cast<std::int64_t>(i), text});
  return rows;
}

class SinkOverSockets : public testing::Test {
 protected:
  void serve(local::LocalServerOptions options = {}) {
    options.service.streams = {{"events", 3}};
    auto started = local::LocalServer::start(std::move(options));
    ASSERT_TRUE(started) << started.error().to_string();
    server_ = *std::move(started);
  }

  SinkOptions options() const {
    SinkOptions options;
    options.stream_name = "events";
    options.client.aws_region = "us-east-1";
    options.client.endpoint_url = server_->endpoint_url();
    options.client.ca_bundle = server_->ca_file();
    options.client.credentials = std::make_shared<FixedCredentials>();
    options.checkpoint_timeout = milliseconds(20'000);
    options.close_timeout = milliseconds(20'000);
    return options;
  }

  // How often each payload is in the stream.
  std::map<std::string, int> stored() const {
    std::map<std::string, int> payloads;
    ClientOptions client = options().client;
    auto core = client::open_client_core(client);
    EXPECT_TRUE(core) << core.error().to_string();
    const kinesis::StreamReference stream{"events"};
    const Instant deadline = (*core)->loop().now() + std::chrono::seconds(10);
    auto shards = (*core)->list_shards(stream, deadline);
    EXPECT_TRUE(shards) << shards.error().to_string();
    for (const client::Shard& shard : *shards) {
      auto iterator = (*core)->get_shard_iterator(stream, shard.id, {}, deadline);
      std::string next = iterator ? *iterator : "";
      while (!next.empty()) {
        auto page = (*core)->get_records(stream, next, 10'000, deadline);
        if (!page) return payloads;
        for (const client::Record& record : page->records) ++payloads[record.data];
        if (page->records.empty() && page->milliseconds_behind_latest == 0) break;
        next = page->next_iterator;
      }
    }
    return payloads;
  }

  std::unique_ptr<local::LocalServer> server_;
};

TEST_F(SinkOverSockets, stores_every_row_once) {
  serve();
  KinesisSink sink(options());
  ASSERT_TRUE(sink.on_start());
  EXPECT_EQ(sink.name(), "kinesis-producer-events");
  const tests::Rows batch(numbered(0, 5'000));
  const Result<void> taken = sink.process_batch(batch.view());
  ASSERT_TRUE(taken) << taken.error().to_string();
  const Result<void> closed = sink.on_close();
  ASSERT_TRUE(closed) << closed.error().to_string();
  const auto payloads = stored();
  EXPECT_EQ(payloads.size(), 5'000U);
  EXPECT_EQ(payloads.count("{\"id\":4999,\"text\":\"text\"}"), 1U);
  for (const auto& [payload, times] : payloads) ASSERT_EQ(times, 1) << payload;
  const Stats stats = sink.stats();
  EXPECT_EQ(stats.acknowledged, 5'000U);
  EXPECT_EQ(stats.pending, 0U);
  EXPECT_EQ(stats.requests, 10U);
}

TEST_F(SinkOverSockets, speaks_json_when_told_to) {
  serve();
  SinkOptions chosen = options();
  chosen.client.wire = WireChoice::json;
  KinesisSink sink(std::move(chosen));
  ASSERT_TRUE(sink.on_start());
  const tests::Rows batch(numbered(0, 700));
  ASSERT_TRUE(sink.process_batch(batch.view()));
  ASSERT_TRUE(sink.on_close());
  EXPECT_EQ(stored().size(), 700U);
}

TEST_F(SinkOverSockets, verifies_the_server_s_certificate) {
  local::LocalServerOptions with_tls;
  with_tls.tls.emplace();
  serve(std::move(with_tls));
  KinesisSink sink(options());
  const Result<void> started = sink.on_start();
  ASSERT_TRUE(started) << started.error().to_string();
  const tests::Rows batch(numbered(0, 2'000, std::string(2'000, 'x')));
  ASSERT_TRUE(sink.process_batch(batch.view()));
  ASSERT_TRUE(sink.on_close());
  EXPECT_EQ(stored().size(), 2'000U);

  SinkOptions untrusting = options();
  untrusting.client.ca_bundle.clear();
  KinesisSink refused(std::move(untrusting));
  const Result<void> failed = refused.on_start();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(failed.error().message.find("not trusted"), std::string::npos)
      << failed.error().message;
}

TEST_F(SinkOverSockets, loses_nothing_when_the_server_misbehaves) {
  local::LocalServerOptions faulty;
  faulty.faults.throttle = 0.05;
  faulty.faults.error = 0.02;
  faulty.faults.lost_answer = 0.1;
  faulty.faults.lost_request = 0.1;
  faulty.faults.server_error = 0.1;
  faulty.faults.cut = 0.05;
  serve(std::move(faulty));
  SinkOptions patient = options();
  patient.retry.base_delay = patient.checkpoint_retry.base_delay = milliseconds(5);
  KinesisSink sink(std::move(patient));
  ASSERT_TRUE(sink.on_start());
  for (std::int64_t i = 0; i < 10; ++i) {
    const tests::Rows batch(numbered(i * 1'000, 1'000));
    ASSERT_TRUE(sink.process_batch(batch.view()));
    const Result<void> done = sink.handle_checkpoint({static_cast<std::uint64_t>(i), false});
    ASSERT_TRUE(done) << done.error().to_string();
  }
  ASSERT_TRUE(sink.on_close());
  std::uint64_t duplicates = 0;
  const auto payloads = stored();
  EXPECT_EQ(payloads.size(), 10'000U);
  for (const auto& [payload, times] : payloads) duplicates += static_cast<std::uint64_t>(times - 1);
  EXPECT_LE(duplicates, sink.stats().possible_duplicates);
}

TEST_F(SinkOverSockets, sends_the_tail_of_a_quiet_stream_by_itself) {
  serve();
  SinkOptions quick = options();
  quick.flush_config.max_age = milliseconds(20);
  KinesisSink sink(std::move(quick));
  ASSERT_TRUE(sink.on_start());
  const tests::Rows batch(numbered(0, 3));
  ASSERT_TRUE(sink.process_batch(batch.view()));
  // Nobody calls the sink any more: its own timer must do it.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (sink.stats().acknowledged < 3 && std::chrono::steady_clock::now() < give_up) {
    ASSERT_TRUE(server_->counters().service.requests < 1000);
  }
  EXPECT_EQ(sink.stats().acknowledged, 3U);
}

TEST_F(SinkOverSockets, completes_asynchronous_checkpoints_in_order_while_rows_flow) {
  serve();
  KinesisSink sink(options());
  ASSERT_TRUE(sink.on_start());
  std::vector<std::future<Result<void>>> checkpoints;
  for (std::int64_t i = 0; i < 5; ++i) {
    const tests::Rows batch(numbered(i * 100, 100));
    ASSERT_TRUE(sink.process_batch(batch.view()));
    checkpoints.push_back(sink.handle_checkpoint_future({static_cast<std::uint64_t>(i), false}));
  }
  for (auto& checkpoint : checkpoints) EXPECT_TRUE(checkpoint.get());
  EXPECT_EQ(sink.stats().acknowledged, 500U);
  EXPECT_TRUE(sink.on_close());
}

TEST_F(SinkOverSockets, names_the_missing_stream) {
  serve();
  SinkOptions wrong = options();
  wrong.stream_name = "nowhere";
  KinesisSink sink(std::move(wrong));
  const Result<void> started = sink.on_start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::not_found);
  EXPECT_EQ(started.error().aws_code, "ResourceNotFoundException");
  EXPECT_NE(started.error().message.find("nowhere"), std::string::npos) << started.error().message;
}

TEST_F(SinkOverSockets, says_what_is_not_settled_when_the_server_is_gone) {
  serve();
  SinkOptions impatient = options();
  impatient.checkpoint_timeout = milliseconds(100);
  impatient.close_timeout = milliseconds(100);
  KinesisSink sink(std::move(impatient));
  ASSERT_TRUE(sink.on_start());
  server_->stop();
  const tests::Rows batch(numbered(0, 10));
  ASSERT_TRUE(sink.process_batch(batch.view()));
  const Result<void> done = sink.handle_checkpoint({1, false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::timeout);
  EXPECT_NE(done.error().message.find("10 rows"), std::string::npos) << done.error().message;
  EXPECT_FALSE(sink.on_close());
  EXPECT_EQ(sink.stats().abandoned, 10U);
  EXPECT_EQ(sink.stats().pending, 0U);
}

TEST_F(SinkOverSockets, abandons_without_waiting_when_destroyed) {
  local::LocalServerOptions stalling;
  stalling.faults.stall = 1;
  stalling.faults.stall_for = std::chrono::seconds(30);
  serve(std::move(stalling));
  auto sink = std::make_unique<KinesisSink>(options());
  ASSERT_TRUE(sink->on_start());
  const tests::Rows batch(numbered(0, 2'000));
  ASSERT_TRUE(sink->process_batch(batch.view()));
  const auto before = std::chrono::steady_clock::now();
  sink.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST_F(SinkOverSockets, says_would_block_to_a_caller_that_does_not_wait) {
  local::LocalServerOptions stalling;
  stalling.faults.stall = 1;
  stalling.faults.stall_for = std::chrono::seconds(30);
  serve(std::move(stalling));
  SinkOptions small = options();
  small.max_buffered_bytes = 18'000'000;
  small.max_in_flight = 1;
  KinesisSink sink(std::move(small));
  ASSERT_TRUE(sink.on_start());
  const tests::Rows batch(numbered(0, 100, std::string(100'000, 'x')));
  const Result<std::int64_t> taken = sink.try_process_batch(batch.view());
  ASSERT_TRUE(taken) << taken.error().to_string();
  EXPECT_GT(*taken, 0);
  EXPECT_LT(*taken, 100);
  EXPECT_EQ(sink.stats().received, static_cast<std::uint64_t>(*taken));
}

TEST_F(SinkOverSockets, lets_a_forked_child_be) {
  serve();
  auto sink = std::make_unique<KinesisSink>(options());
  ASSERT_TRUE(sink->on_start());
  const tests::Rows batch(numbered(0, 10));
  ASSERT_TRUE(sink->process_batch(batch.view()));
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = sink->process_batch(batch.view()).error().kind == ErrorKind::closed;
    sink.reset();
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(sink->on_close());
  EXPECT_EQ(stored().size(), 10U);
}

}  // namespace
}  // namespace kinesink
