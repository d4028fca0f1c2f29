// kinesink_instructions WORKLOAD TIMES: does a fixed piece of work so many times, for counting
// instructions (tools/bench_check). One thread, no socket, no clock, no random seed, and each
// kernel by its name: the same counts each time. Prints how many rows (or answers, or requests) one
// time is.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "aws/sigv4.h"
#include "base/units.h"
#include "bench/clean_answer.h"
#include "bench/event_rows.h"
#include "client/client_core.h"
#include "columnar/column.h"
#include "format/serializer.h"
#include "kinesink/sink.h"
#include "kinesis/answer.h"
#include "local/service.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::bench {
namespace {

constexpr std::size_t kRecords = 500;
constexpr std::int64_t kBatchRows = 5'000;

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "kinesink_instructions: %s\n", what);
  std::exit(1);
}

// Stores all there is, at once.
class StoringClient final : public client::ClientCore {
 public:
  http::EventLoop& loop() override { return loop_; }
  const std::string& region() const override { return region_; }
  const Log& log() const override { return log_; }
  std::vector<aws::Digest> digests(std::span<const std::string_view>) override { return {}; }
  CallId new_call() override { return 1; }
  void put_records(const kinesis::StreamReference&, kinesis::Wire,
                   std::vector<client::PutRecordsCall> calls) override {
    for (client::PutRecordsCall& call : calls) {
      loop_.post([done = std::move(call.done)] {
        done({kinesis::PutRecordsAnswer{}, std::nullopt});
      });
    }
  }
  void cancel(CallId) override {}
  void refresh_credentials(std::function<void(Result<void>)> done) override { done({}); }
  Result<kinesis::Wire> choose_wire(const kinesis::StreamReference&, Instant) override {
    return wire;
  }
  Result<client::StreamSummary> describe_stream_summary(const kinesis::StreamReference&, bool,
                                                        Instant) override {
    return client::StreamSummary{};
  }
  Result<std::vector<client::Shard>> list_shards(const kinesis::StreamReference&,
                                                 Instant) override {
    return std::vector<client::Shard>();
  }
  Result<std::string> get_shard_iterator(const kinesis::StreamReference&, const std::string&,
                                         const client::ShardPosition&, Instant) override {
    return std::string();
  }
  Result<client::RecordsPage> get_records(const kinesis::StreamReference&, const std::string&,
                                          std::size_t, Instant) override {
    return client::RecordsPage{};
  }
  Result<void> create_stream(const std::string&, std::size_t, Instant) override { return {}; }

  kinesis::Wire wire = kinesis::Wire::cbor;

 private:
  tests::SimulatedLoop loop_;
  std::string region_ = "us-east-1";
  Log log_;
};

// From process_batch to acknowledged, without hashing, signing and sending.
std::int64_t sink(kinesis::Wire wire, int times) {
  const auto client = std::make_shared<StoringClient>();
  client->wire = wire;
  SinkOptions options;
  options.stream_name = "events";
  options.seed = 1;
  options.serializer.kernel = Kernel::avx2;
  KinesisSink sink(options, Client(client));
  require(sink.on_start().has_value(), "on_start");
  test_support::ArrowData rows = EventRows::make(kBatchRows);
  for (int i = 0; i < times; ++i) {
    require(sink.process_batch({&rows.array(), &rows.schema()}).has_value(), "process_batch");
    require(sink.handle_checkpoint({static_cast<std::uint64_t>(i), false}).has_value(), "flush");
  }
  require(sink.stats().acknowledged == static_cast<std::uint64_t>(kBatchRows * times), "rows");
  require(sink.on_close().has_value(), "on_close");
  return kBatchRows;
}

// `room`: with little of it, each row is asked for its bound.
std::int64_t rows_of(const FormatOptions& options, std::size_t room, int times) {
  test_support::ArrowData rows = EventRows::make(kBatchRows);
  const auto schema = *columnar::import_schema(rows.schema());
  columnar::Batch batch;
  require(columnar::view_batch(schema, rows.array(), batch).has_value(), "view");
  auto serializer = *format::ArrowSerializer::make(schema, options);
  require(serializer.bind(batch).has_value(), "bind");
  std::vector<std::uint8_t> out(room);
  std::size_t sum = 0;
  serializer.visit([&](auto& plan) {
    for (int i = 0; i < times; ++i) {
      for (std::int64_t row = 0; row < kBatchRows; ++row) {
        const auto written = plan.write_row(row, out.data(), out.data() + out.size());
        sum += static_cast<std::size_t>(written.end - out.data());
      }
    }
  });
  require(sum > 0, "bytes");
  return kBatchRows;
}

std::int64_t json_rows(Kernel kernel, int times) {
  FormatOptions options;
  options.kernel = kernel;
  return rows_of(options, 4 * kKiB, times);
}

// With room for a block of rows, as a request's body has.
std::int64_t rows_in(Format format, int times) {
  FormatOptions options;
  options.format = format;
  options.kernel = Kernel::avx2;
  return rows_of(options, kMiB, times);
}

std::int64_t answers(kinesis::Wire wire, std::size_t failed, int times) {
  const std::string body = put_records_answer(wire, kRecords, failed);
  for (int i = 0; i < times; ++i) {
    const auto answer =
        kinesis::parse_put_records_answer(kinesis::content_type_of(wire), body, kRecords);
    require(answer && answer->failed.size() == failed, "answer");
  }
  return 1;
}

// Of many within one second: what happens once a second is not in it.
std::int64_t signatures(int times) {
  aws::RequestSigner signer({{"Content-Type", "application/x-amz-cbor-1.1"},
                             {"X-Amz-Target", "Kinesis_20131202.PutRecords"}},
                            {{"User-Agent", "kinesink"}}, "kinesis.us-east-1.amazonaws.com",
                            "us-east-1");
  const auto keys =
      std::make_shared<const Credentials>(Credentials{"AKIDEXAMPLE", "secret", "", std::nullopt});
  const aws::Digest digest = aws::sha256("body");
  for (int i = 0; i < times; ++i) {
    http::Request request;
    const WallTime now(std::chrono::seconds(1'750'000'000));
    require(signer.sign(request, digest, keys, now).has_value(), "sign");
  }
  return 1;
}

std::int64_t hashes(int times) {
  const std::string body(100'000, 'x');
  for (int i = 0; i < times; ++i) require(aws::sha256(body)[0] == aws::sha256(body)[0], "hash");
  return 2;
}

// The local server's share, without its sockets.
std::int64_t served(int times) {
  kinesis::RequestBody body(kinesis::Wire::cbor, {"events"}, kRecords, 4'000'000, 1'048'576);
  for (std::size_t i = 0; i < kRecords; ++i) {
    std::uint8_t* begin = body.begin_entry();
    std::memset(begin, 'x', 175);
    body.end_entry(begin + 175, std::to_string(10'000'000 + i * 7919), "", 0);
  }
  http::Request request;
  request.headers = {
      {"X-Amz-Target", "Kinesis_20131202.PutRecords"},
      {"Content-Type", "application/x-amz-cbor-1.1"},
      {"X-Amz-Date", "20250615T150640Z"},
      {"Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}};
  request.body = body.seal();
  local::ServiceOptions options;
  options.streams = {{"events", 4}};
  options.discard = true;
  local::Service service(std::move(options));
  http::Response response;
  for (int i = 0; i < times; ++i) {
    service.handle(request, WallTime(std::chrono::seconds(1'750'000'000 + i)), response);
    require(response.status == 200, "served");
  }
  return static_cast<std::int64_t>(kRecords);
}

std::int64_t run(const std::string& workload, int times) {
  if (workload == "json_row_portable") return json_rows(Kernel::portable, times);
  if (workload == "json_row_avx2") return json_rows(Kernel::avx2, times);
  if (workload == "avro_row") return rows_in(Format::avro, times);
  if (workload == "msgpack_row") return rows_in(Format::msgpack, times);
  if (workload == "csv_row") return rows_in(Format::csv, times);
  if (workload == "cbor_row") return rows_in(Format::cbor, times);
  if (workload == "sink_row_cbor") return sink(kinesis::Wire::cbor, times);
  if (workload == "sink_row_json") return sink(kinesis::Wire::json, times);
  if (workload == "answer_cbor") return answers(kinesis::Wire::cbor, 0, times);
  if (workload == "answer_json") return answers(kinesis::Wire::json, 0, times);
  if (workload == "answer_cbor_5_failed") return answers(kinesis::Wire::cbor, 5, times);
  if (workload == "signature") return signatures(times);
  if (workload == "sha256_100k") return hashes(times);
  if (workload == "served_record") return served(times);
  require(false, "there is no such workload");
  return 0;
}

}  // namespace
}  // namespace kinesink::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: kinesink_instructions WORKLOAD TIMES\n");
    return 1;
  }
  std::printf("%lld\n", static_cast<long long>(kinesink::bench::run(argv[1], std::atoi(argv[2]))));
  return 0;
}
