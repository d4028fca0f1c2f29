#include "bench/floor/neighbour.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/clock.h"
#include "base/units.h"
#include "kinesis/request_body.h"
#include "local/service.h"

namespace kinesink::bench {

Neighbour::Neighbour(std::size_t records, std::size_t payload)
    : thread_([this, records, payload] { live(records, payload); }) {}

Neighbour::~Neighbour() {
  order_ = Order::leave;
  order_.notify_one();
  thread_.join();
}

void Neighbour::work(bool on) {
  order_ = on ? Order::work : Order::rest;
  order_.notify_one();
}

void Neighbour::live(std::size_t records, std::size_t payload) const {
  kinesis::RequestBody body(kinesis::Wire::cbor, {"events"}, records,
                            records * (payload + 8) + kMiB, kMiB);
  for (std::size_t i = 0; i < records; ++i) {
    std::uint8_t* const entry = body.begin_entry();
    std::memset(entry, 'x', payload);
    body.end_entry(entry + payload, std::to_string(10'000'000 + i * 7919), {}, 0);
  }
  http::Request request;
  request.headers = {
      {"X-Amz-Target", "Kinesis_20131202.PutRecords"},
      {"Content-Type", std::string(kinesis::content_type_of(kinesis::Wire::cbor))},
      {"X-Amz-Date", "20250615T150640Z"},
      {"Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}};
  request.body = body.seal();
  local::Service service({.streams = {{"events", 4}}, .discard = true});
  ManualClock clock;
  http::Response response;
  for (;;) {
    const Order order = order_;
    if (order == Order::leave) return;
    if (order == Order::rest) {
      order_.wait(Order::rest);
      continue;
    }
    service.handle(request, clock.wall_now(), response);
    clock.advance(std::chrono::microseconds(100));
    if (response.status == 200) continue;
    std::fprintf(stderr, "kinesink_floor: %s\n", response.body.c_str());
    std::exit(1);
  }
}

}  // namespace kinesink::bench
