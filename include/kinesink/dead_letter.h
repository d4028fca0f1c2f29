// Where rows go that the stream cannot take, when the user asks for it (on_invalid, on_exhausted,
// on_refused).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "kinesink/result.h"

namespace kinesink {

// One rejected row. The views are valid during the callback only.
struct DeadLetterRecord {
  std::int64_t row = 0;  // sequence number in the sink: the n-th row received, counted from 0
  std::string_view payload = {};  // empty if the row could not be expressed
  // The row as a JSON object of its columns, if it could not be expressed in the format; columns
  // that JSON cannot express either are left out.
  std::string_view columns = {};
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

// Where a row came from, as a dead-letter file names it.
struct RowOrigin {
  std::string input;     // such as the name of a file
  std::int64_t row = 0;  // in it, counted from 0
};
// Told the sequence number of a row. Called on an I/O thread; may not call into the sink.
using RowOriginCallback = std::function<RowOrigin(std::int64_t)>;

}  // namespace kinesink
