// Bodies of signed requests: first byte the operation, second the encoding, the rest the body. Two
// calls with the same seed give the same bytes.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "kinesis/request_body.h"
#include "local/service.h"

namespace kinesink {
namespace {

constexpr std::array<std::string_view, 14> kOperations = {
    "PutRecords",     "PutRecord",          "GetRecords",  "GetShardIterator",
    "DescribeStream", "ListShards",         "ListStreams", "DescribeStreamSummary",
    "CreateStream",   "DeleteStream",       "SplitShard",  "MergeShards",
    "DescribeLimits", "UpdateMaxRecordSize"};

http::Response ask(const http::Request& request) {
  local::Service service({.streams = {{"s", 2}}});
  const ManualClock clock;
  return service.handle(request, clock.wall_now());
}

}  // namespace
}  // namespace kinesink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  if (size < 2) return 0;
  const auto wire = data[1] % 2 == 0 ? kinesis::Wire::json : kinesis::Wire::cbor;
  http::Request request;
  request.headers = {
      {"X-Amz-Target", "Kinesis_20131202." + std::string(kOperations[data[0] % 14])},
      {"Content-Type", std::string(kinesis::content_type_of(wire))},
      {"X-Amz-Date", "20250615T150640Z"},
      {"Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}};
  request.body = {reinterpret_cast<const char*>(data) + 2, size - 2};
  const http::Response first = ask(request);
  if (first.status != 200 && first.status != 400) std::abort();
  if (first.body != ask(request).body) std::abort();
  return 0;
}
