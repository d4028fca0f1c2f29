// A Kinesis-compatible service as a pure function: (request, now) -> response. No socket, thread,
// clock or random source; the same calls with the same seed give the same bytes.
//
//   local::Service service({.streams = {{"events", 4}}});
//   http::Response answer = service.handle(request, clock.wall_now());
//
// Speaks JSON (application/x-amz-json-1.1) and CBOR (application/x-amz-cbor-1.1) and answers in the
// request's encoding. Limits, hash ranges, sequence numbers and error texts follow the service
// (https://docs.aws.amazon.com/kinesis/latest/APIReference/).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/transport.h"
#include "kinesink/result.h"
#include "local/journal.h"
#include "local/store.h"

namespace kinesink::local {

struct StreamToCreate {
  std::string name;
  std::uint32_t shards = 1;
};
// "NAME:SHARDS[,NAME:SHARDS...]"; ":SHARDS" may be left out and is 1 then.
Result<std::vector<StreamToCreate>> parse_streams(std::string_view text);

// Whose signatures a verifying service accepts.
struct AcceptedKey {
  std::string access_key_id = {};
  std::string secret_access_key = {};
  std::string session_token = {};  // empty: none expected
};

struct ServiceOptions {
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  std::vector<StreamToCreate> streams = {};  // exist and are ACTIVE from the first request on
  bool enforce_limits = false;               // per shard 1 MiB/s and 1000 records/s
  bool discard = false;                      // see StoreOptions
  std::size_t max_stored_bytes = StoreOptions{}.max_bytes;
  std::uint64_t seed = 1;  // of request ids
  // Set: signatures are verified in full. Otherwise any well-formed Authorization will do; a
  // missing one is refused in either case, as the service does.
  std::optional<AcceptedKey> verify_signatures = std::nullopt;
  Duration stream_delay{};  // CREATING takes this long
};

// What a faulty service does to one entry of PutRecords (or to PutRecord).
enum class EntryFault : std::uint8_t { none, throttled, internal_failure };

struct ServiceCounters {
  std::uint64_t requests = 0;
  std::uint64_t records = 0;    // stored (or discarded) records
  std::uint64_t bytes = 0;      // their payloads and partition keys
  std::uint64_t throttled = 0;  // entries refused with ProvisionedThroughputExceededException
  std::uint64_t failed = 0;     // entries refused with InternalFailure
};

class Service {
 public:
  using EntryFaults = std::function<EntryFault()>;

  explicit Service(ServiceOptions options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Before the first request: streams and records are those of the folder, and what is acknowledged
  // from now on is kept there. `note`: what a user should know; empty: nothing. See Journal::open.
  Result<void> keep_in(const DataFolder& folder, std::string& note);

  // One thread at a time; `now` should not fall. Never fails: what is wrong becomes an answer.
  http::Response handle(const http::Request& request, WallTime now);
  // The same into `response`, whose memory is used again. `faults` is asked once per entry that
  // would be stored.
  void handle(const http::Request& request, WallTime now, http::Response& response,
              const EntryFaults& faults = {});

  const ServiceOptions& options() const;
  // For checks against what was stored.
  const Store& store() const;
  const ServiceCounters& counters() const;

 private:
  class Operations;
  std::unique_ptr<Operations> operations_;
};

// "PutRecords" of the X-Amz-Target header; empty if the request has none of Kinesis.
std::string_view operation_of(const http::Request& request);

}  // namespace kinesink::local
