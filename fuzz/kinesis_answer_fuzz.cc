// Answers to PutRecords, and error answers, as anybody might send them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kinesis/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::string_view type =
      (data[0] & 1) != 0 ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1";
  const auto answer = kinesink::kinesis::parse_put_records_answer(type, body, data[1]);
  // Whoever acts on an answer indexes the request with it.
  if (answer) {
    for (const auto& failed : answer->failed) {
      if (failed.index >= data[1]) std::abort();
    }
  }
  kinesink::kinesis::parse_service_error(400, type, "", body);
  return 0;
}
