// What the local service spends on a PutRecords: MB (payload and keys) per CPU second, and CPU
// seconds per million records; and on a GetRecords: MB of answers per CPU second. Not in it:
// sockets and TLS.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "kinesis/request_body.h"
#include "kinesis/value.h"
#include "local/service.h"

namespace kinesink::bench {
namespace {

constexpr std::size_t kBodies = 16;

struct Work {
  Work(kinesis::Wire wire, std::size_t records, std::size_t payload) : per_request(records) {
    Random random(1);
    for (std::size_t body = 0; body < kBodies; ++body) {
      bodies.emplace_back(wire, kinesis::StreamReference{"s"}, records,
                          records * (payload + 8) + kMiB, kMiB);
      for (std::size_t record = 0; record < records; ++record) {
        std::uint8_t* out = bodies.back().begin_entry();
        if (out == nullptr) return;
        for (std::size_t byte = 0; byte < payload; ++byte) {
          *out++ = static_cast<std::uint8_t>(' ' + random.below(90));
        }
        bodies.back().end_entry(out, std::to_string(10'000'000 + random.below(9'999'999)), {}, 0);
      }
      request.body = bodies.back().seal();
      sealed.push_back(request.body);
    }
    request.headers = {
        {"X-Amz-Target", "Kinesis_20131202.PutRecords"},
        {"Content-Type", std::string(kinesis::content_type_of(wire))},
        {"X-Amz-Date", "20250615T150640Z"},
        {"Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}};
  }
  std::size_t per_request;
  std::vector<kinesis::RequestBody> bodies;
  std::vector<std::string_view> sealed;
  http::Request request;
};

// Arguments: JSON instead of CBOR, storing instead of discarding, records, payload bytes.
void put_records(benchmark::State& state) {
  const auto wire = state.range(0) != 0 ? kinesis::Wire::json : kinesis::Wire::cbor;
  const auto payload = static_cast<std::size_t>(state.range(3));
  Work work(wire, static_cast<std::size_t>(state.range(2)), payload);
  local::Service service(
      {.streams = {{"s", 4}}, .discard = state.range(1) == 0, .max_stored_bytes = 256 * kMiB});
  ManualClock clock;
  http::Response response;
  std::size_t at = 0;
  for (auto _ : state) {
    work.request.body = work.sealed[at++ % work.sealed.size()];
    service.handle(work.request, clock.wall_now(), response);
    clock.advance(std::chrono::microseconds(100));
    if (response.status != 200) return state.SkipWithError(response.body.c_str());
  }
  const auto& counters = service.counters();
  using benchmark::Counter;
  state.counters["MB/CPUs"] = Counter(static_cast<double>(counters.bytes) * 1e-6, Counter::kIsRate);
  state.counters["CPUs/Mrec"] =
      Counter(static_cast<double>(counters.records) * 1e-6, Counter::kIsRate | Counter::kInvert);
}

// Arguments: JSON instead of CBOR, payload bytes; 10,000 records (or 10 MiB) an answer.
void get_records(benchmark::State& state) {
  const auto payload = static_cast<std::size_t>(state.range(1));
  Work work(kinesis::Wire::cbor, 500, payload);
  local::Service service({.streams = {{"s", 1}}});
  const ManualClock clock;
  http::Response response;
  for (std::size_t request = 0; request < 20; ++request) {
    work.request.body = work.sealed[request % work.sealed.size()];
    service.handle(work.request, clock.wall_now(), response);
  }
  const bool json = state.range(0) != 0;
  const std::string_view content =
      kinesis::content_type_of(json ? kinesis::Wire::json : kinesis::Wire::cbor);
  http::Request ask = work.request;
  ask.headers[0].value = "Kinesis_20131202.GetShardIterator";
  ask.headers[1].value = kinesis::content_type_of(kinesis::Wire::json);
  ask.body = R"({"StreamName":"s","ShardId":"shardId-000000000000",)"
             R"("ShardIteratorType":"TRIM_HORIZON"})";
  std::string body = service.handle(ask, clock.wall_now()).body;
  if (const auto tree = kinesis::decode(body, kinesis::Wire::json); !json && tree) {
    body = kinesis::encode(*tree, kinesis::Wire::cbor);
  }
  ask.headers[0].value = "Kinesis_20131202.GetRecords";
  ask.headers[1].value = content;
  ask.body = body;
  for (auto _ : state) {
    service.handle(ask, clock.wall_now(), response);
    if (response.status != 200) return state.SkipWithError(response.body.c_str());
  }
  using benchmark::Counter;
  state.counters["MB/CPUs"] = Counter(
      static_cast<double>(response.body.size()) * static_cast<double>(state.iterations()) * 1e-6,
      Counter::kIsRate);
}

BENCHMARK(get_records)->ArgNames({"json", "payload"})->Args({0, 175})->Args({1, 175});

BENCHMARK(put_records)
    ->ArgNames({"json", "stored", "records", "payload"})
    ->Args({0, 0, 500, 175})
    ->Args({0, 1, 500, 175})
    ->Args({1, 0, 500, 175})
    ->Args({1, 1, 500, 175})
    ->Args({0, 0, 500, 1024})
    ->Args({0, 1, 500, 1024})
    ->Args({0, 0, 20, 51'200})
    ->Args({0, 1, 20, 51'200});

}  // namespace
}  // namespace kinesink::bench
