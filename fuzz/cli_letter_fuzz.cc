// Lines of a dead-letter file: refused, or a letter with keys that the service takes.
#include <cstdint>
#include <cstdlib>

#include "cli/letter.h"
#include "kinesis/hash_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto letter = kinesink::cli::parse_letter({reinterpret_cast<const char*>(data), size});
  if (!letter) return 0;
  if (letter->partition_key.empty() || letter->explicit_hash_key.empty()) std::abort();
  if (!letter->has_payload && !letter->payload.empty()) std::abort();
  return 0;
}
