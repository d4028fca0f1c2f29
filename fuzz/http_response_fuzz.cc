// Bytes of a server: the response reader takes them whole and in pieces, and both ways give the
// same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/response_reader.h"

namespace {

using kinesink::http::ResponseReader;

std::string read(std::string_view bytes, std::size_t piece, bool cleanly) {
  ResponseReader reader(64 * 1024);
  auto state = ResponseReader::State::incomplete;
  while (!bytes.empty() && state == ResponseReader::State::incomplete) {
    const std::size_t part = std::min(piece, bytes.size());
    state = reader.received(bytes.substr(0, part));
    bytes.remove_prefix(part);
  }
  if (state == ResponseReader::State::incomplete) state = reader.ended(cleanly);
  if (state != ResponseReader::State::complete) return "malformed";
  const kinesink::http::Response response = reader.take();
  std::string text = std::to_string(response.status) + '\n';
  for (const auto& header : response.headers) text += header.name + ": " + header.value + '\n';
  return text + response.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool cleanly = (data[0] & 1) != 0;
  const std::string whole = read(bytes, bytes.size() + 1, cleanly);
  if (whole != read(bytes, 1 + data[0] / 2, cleanly)) std::abort();
  return 0;
}
