// Payloads of MessagePack and CBOR as hexadecimal text, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "tests/support/payloads.h"

namespace kinesink::test_support {

// The values of one column: what follows the map's head and the key `c`; or the error.
inline std::vector<std::string> binary_values(format::Format format, ArrowData column,
                                              format::FormatOptions options = {}) {
  options.format = format;
  const std::string head = format == format::Format::msgpack ? "\x81\xa1\x63" : "\xa1\x61\x63";
  const std::int64_t length = column.array().length;
  std::vector<std::string> texts =
      payloads(make_batch(length, std::move(column).named("c")), options);
  for (std::string& text : texts) {
    if (text.starts_with(head)) text = to_hex(std::string_view(text).substr(head.size()));
  }
  return texts;
}

}  // namespace kinesink::test_support
