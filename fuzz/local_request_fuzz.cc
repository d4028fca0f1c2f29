// Bytes of a client: the request reader takes them in pieces, the service answers what comes out,
// and the answer is one of its own.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "local/request_reader.h"
#include "local/service.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  local::RequestReader reader(64 * kKiB);
  local::Service service({.streams = {{"s", 2}}});
  const ManualClock clock;
  while (true) {
    const auto state = reader.advance();
    if (state == local::RequestReader::State::refused) return 0;
    if (state == local::RequestReader::State::complete) {
      const auto answer = service.handle(reader.request(), clock.wall_now());
      if (answer.status != 200 && answer.status != 400) std::abort();
      reader.next();
      continue;
    }
    if (bytes.empty()) return 0;
    const auto room = reader.room();
    const std::size_t taken = std::min({piece, bytes.size(), room.size()});
    bytes.copy(room.data(), taken);
    reader.received(taken);
    bytes.remove_prefix(taken);
  }
}
