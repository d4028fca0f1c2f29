// SinkOptions: everything that can be chosen about a sink. One table (docs/options.md) gives every
// name, default, range and meaning; the command line, the C ABI and set_option() use the same
// names.
//
//   kinesink::SinkOptions options;
//   options.stream_name = "flights";
//   options.flush_config.max_age = std::chrono::milliseconds(200);
//   kinesink::Result<void> set = kinesink::set_option(options, "partition_key_column", "tailnum");
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinesink/choices.h"
#include "kinesink/client.h"
#include "kinesink/dead_letter.h"
#include "kinesink/export.h"
#include "kinesink/flush_config.h"
#include "kinesink/format_options.h"
#include "kinesink/result.h"
#include "kinesink/retry_policy.h"

namespace kinesink {

struct SinkOptions {
  std::string stream_name = {};  // name, or ARN of the stream
  // The client to open on start; unused when a Client is given.
  ClientOptions client = {};

  FlushConfig flush_config = {};

  FormatOptions serializer = {};
  Framing framing = Framing::none;
  std::size_t packed_record_size = 0;  // bytes of payload of a record of several rows; 0: one row

  PartitionKey partition_key = PartitionKey::random;
  std::string partition_key_constant = {};
  std::string partition_key_column = {};
  OnBadKey on_bad_key = OnBadKey::reject;
  std::string explicit_hash_key_column = {};

  RetryPolicy retry = {};
  RetryPolicy checkpoint_retry{30, std::chrono::milliseconds(100),
                               std::chrono::milliseconds(10'000)};
  std::uint32_t max_in_flight = 0;                    // requests; 0: automatic
  std::size_t max_buffered_bytes = 64 * 1024 * 1024;  // memory of request bodies
  std::size_t record_size_limit = 0;                  // bytes, payload and key; 0: the stream's own

  OnReject on_invalid = OnReject::fail;    // a row that cannot be expressed, or is too large
  OnReject on_refused = OnReject::fail;    // a record that the service refuses for good
  OnReject on_exhausted = OnReject::fail;  // a record whose retries are used up
  std::uint64_t max_rejected = 0;          // rows; more fail the sink; 0: no limit
  std::string dead_letter_file = {};       // appended to, one JSON object a line, synced
  std::size_t dead_letter_max_bytes = std::size_t{1} << 30;  // of the file; more fails the sink
  RowOriginCallback row_origin = {};    // what the file says of where a row came from; may be empty
  DeadLetterCallback dead_letter = {};  // instead of a file

  std::chrono::milliseconds checkpoint_timeout{300'000};
  std::chrono::milliseconds close_timeout{300'000};
  std::chrono::milliseconds block_timeout{300'000};         // process_batch waiting for room
  std::chrono::milliseconds stream_active_timeout{60'000};  // a stream that is being created
  std::uint64_t seed = 0;  // of keys and jitter; 0: from the operating system
};

// Sets one option by its name in the table, or by its Arroyo name; `value` is text as on the
// command line.
KINESINK_EXPORT Result<void> set_option(SinkOptions& options, std::string_view name,
                                        std::string_view value);
// Every rule of the table and between options; the message names option, value and range.
KINESINK_EXPORT Result<void> validate(const SinkOptions& options);

}  // namespace kinesink
