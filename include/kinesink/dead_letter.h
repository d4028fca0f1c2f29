// Where rows go that the stream cannot take, when the user asks for it (on_invalid, on_exhausted,
// on_refused).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "kinesink/result.h"

namespace kinesink {

// One rejected row. The views are valid during the callback only.
struct DeadLetterRecord {
  std::int64_t row = 0;  // sequence number in the sink: the n-th row received, counted from 0
  std::string_view payload = {};            // empty if the row could not be expressed
  std::string_view partition_key = {};      // empty if there is none
  std::string_view explicit_hash_key = {};  // empty if there is none
  std::string_view code = {};     // AWS code, or kinesink's ErrorKind ("invalid_data", ...)
  std::string_view message = {};  // names the column where there is one
  int attempts = 0;               // times it was sent
};

// Called on an I/O thread, one call at a time, noexcept, and may not call back into the sink.
// Success means that the record is kept durably: the row then counts as rejected, and a checkpoint
// may pass. An error fails the sink.
using DeadLetterCallback = std::function<Result<void>(const DeadLetterRecord&)>;

}  // namespace kinesink
