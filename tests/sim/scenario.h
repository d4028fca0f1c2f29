// What one simulated life is made of, drawn from a seed: workload, options, network, faults.
#pragma once

#include <cstdint>
#include <set>

#include "base/clock.h"
#include "kinesink/options.h"
#include "local/faults.h"

namespace kinesink::sim {

// What the network and what stands in it do to requests. Probabilities are per request.
struct NetworkFaults {
  Duration min_latency = std::chrono::milliseconds(1);  // each way
  Duration max_latency = std::chrono::milliseconds(30);
  Duration request_timeout = std::chrono::seconds(30);
  double refused = 0;           // the connection cannot be made
  double cut = 0;               // the answer, head or body, ends somewhere
  double wrong_length = 0;      // Content-Length says more or less than there is
  double extra_entry = 0;       // the answer has one entry too many
  double odd_answer = 0;        // a gateway answers with any status and any body; half are obeyed
  double permanent = 0;         // AccessDenied, KMS, ... : the sink must fail
  double control = 0;           // a call other than PutRecords is throttled or gets a 503
  bool summary_denied = false;  // DescribeStreamSummary is not permitted
  Duration stalls_every{};      // the service stands still now and then; zero: never
  Duration stalls_for{};        // so long
  std::size_t max_request_size = 0;  // bytes; more is refused, as before October 2025; 0: no bound
  std::int64_t poison_every = 0;     // the service refuses every n-th row for good; 0: none
};

enum class Shape : std::uint8_t { plain, wide, raw };  // of a batch's schema; see workload.h

struct Scenario {
  std::uint64_t seed = 0;
  SinkOptions options;
  local::FaultRates faults;
  NetworkFaults network;
  Duration clock_skew{};           // of the sink's machine
  bool verify_signatures = false;  // the service checks them, and their time
  double credentials_fail = 0;     // the provider has none at the moment
  double dead_letter_fails = 0;    // the dead-letter output cannot take a row
  std::uint32_t shards = 4;
  bool enforce_limits = false;
  std::size_t max_record_kib = 1024;
  bool raw = false;     // format raw_string
  bool packed = false;  // records of several lines; not of raw rows
  std::size_t batches = 0;
  std::size_t max_rows_per_batch = 0;
  std::size_t max_text = 0;         // bytes of the text column
  double checkpoint_chance = 0;     // after a batch
  double asynchronous_chance = 0;   // of a checkpoint
  double idle_chance = 0;           // a pause after a batch
  double oversized_chance = 0;      // a row over the record limit
  double edge_chance = 0;           // a row a few bytes below or above the record limit
  double schema_change_chance = 0;  // before a batch
  double reshard_chance = 0;        // after a batch
  double try_chance = 0;            // a batch is offered by try_process_batch
  bool destroyed = false;           // at the end, without on_close

  static Scenario draw(std::uint64_t seed);
  // The kinds of error with which the sink may fail here; none: it must not.
  std::set<ErrorKind> allowed_failures() const;
  // True if nothing here makes a record be sent again without waiting for its backoff.
  bool every_retry_waits() const;
  // The same, and without spending its retries.
  bool every_retry_is_paid() const;
};

}  // namespace kinesink::sim
