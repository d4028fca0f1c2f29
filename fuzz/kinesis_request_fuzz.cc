// PutRecords requests as anybody might send them to a server.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kinesis/put_records_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static kinesink::kinesis::PutRecordsRequest
      request;  // its memory is used again, as in the server
  const auto wire =
      (data[0] & 1) != 0 ? kinesink::kinesis::Wire::cbor : kinesink::kinesis::Wire::json;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  if (!kinesink::kinesis::parse_put_records_request(wire, body, request)) return 0;
  std::size_t sum = 0;
  for (const auto& record : request.records) {
    for (const char byte : record.data) sum += static_cast<unsigned char>(byte);
    for (const char byte : record.partition_key) sum += static_cast<unsigned char>(byte);
  }
  volatile std::size_t kept = sum;
  static_cast<void>(kept);
  return 0;
}
