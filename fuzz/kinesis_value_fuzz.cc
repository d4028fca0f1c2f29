// Values in either wire: what is read must be written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kinesis/value.h"

using kinesink::kinesis::Wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto value = kinesink::kinesis::decode(body, (data[0] & 1) != 0 ? Wire::cbor : Wire::json);
  if (!value) return 0;
  const std::string again = kinesink::kinesis::encode(*value, Wire::cbor);
  const auto back = kinesink::kinesis::decode(again, Wire::cbor);
  // Not compared as values: NaN differs from itself.
  if (!back || kinesink::kinesis::encode(*back, Wire::cbor) != again) std::abort();
  return 0;
}
