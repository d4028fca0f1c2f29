// How fast rows become JSON: GB/s and ns per row, beside a memcpy of the same output.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "bench/event_rows.h"
#include "tests/support/payloads.h"

namespace kinesink::bench {
namespace {

constexpr std::int64_t kInCache = 8'192;
constexpr std::int64_t kInMemory = 262'144;

void report(benchmark::State& state, std::int64_t rows, std::size_t bytes) {
  using benchmark::Counter;
  const auto runs = static_cast<double>(state.iterations());
  state.counters["GB/s"] = Counter(runs * static_cast<double>(bytes) * 1e-9, Counter::kIsRate);
  state.counters["ns/row"] =
      Counter(runs * static_cast<double>(rows) * 1e-9, Counter::kIsRate | Counter::kInvert);
  state.counters["B/row"] = static_cast<double>(bytes) / static_cast<double>(rows);
}

// Writes every row behind the other; returns the bytes, 0 on an error.
std::size_t write_all(const test_support::Bound& bound, std::vector<std::uint8_t>& body) {
  return bound.serializer->visit([&](auto& plan) -> std::size_t {
    std::uint8_t* out = body.data();
    std::uint8_t* const limit = out + body.size();
    for (std::int64_t row = 0; row < bound.batch->length; ++row) {
      const format::RowResult result = plan.write_row(row, out, limit);
      if (result.status != format::RowStatus::written) return 0;
      out = result.end;
    }
    return static_cast<std::size_t>(out - body.data());
  });
}

struct Work {
  explicit Work(std::int64_t rows)
      : data(EventRows::make(rows)),
        bound(test_support::bind(data)),
        body(static_cast<std::size_t>(rows) * 256 + 65'536) {}
  test_support::ArrowData data;
  test_support::Bound bound;
  std::vector<std::uint8_t> body;
};

void json_rows(benchmark::State& state) {
  Work work(state.range(0));
  if (!work.bound.error.empty()) return state.SkipWithError(work.bound.error.c_str());
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = write_all(work.bound, work.body);
    benchmark::ClobberMemory();
  }
  if (bytes == 0) return state.SkipWithError("a row was not written");
  report(state, state.range(0), bytes);
}

void memcpy_of_the_same(benchmark::State& state) {
  Work work(state.range(0));
  const std::size_t bytes = write_all(work.bound, work.body);
  std::vector<std::uint8_t> copy(bytes);
  for (auto _ : state) {
    std::memcpy(copy.data(), work.body.data(), bytes);
    benchmark::ClobberMemory();
  }
  report(state, state.range(0), bytes);
}

BENCHMARK(json_rows)->Arg(kInCache)->Arg(kInMemory);
BENCHMARK(memcpy_of_the_same)->Arg(kInCache)->Arg(kInMemory);

}  // namespace
}  // namespace kinesink::bench
