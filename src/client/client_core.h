// Typed service calls over a transport: signing, wire choice, limits cache, clock offset. Shared by
// sinks and readers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aws/sha256.h"
#include "base/log.h"
#include "http/event_loop.h"
#include "http/transport.h"
#include "kinesink/client.h"
#include "kinesis/answer.h"
#include "kinesis/hash_key.h"
#include "kinesis/request_body.h"

namespace kinesink::client {

// Why a request did not end in a readable answer.
struct Failure {
  kinesis::ErrorClass error_class = kinesis::ErrorClass::transient;
  Error error;
  bool may_have_been_stored = false;
};

struct PutRecordsOutcome {
  std::optional<kinesis::PutRecordsAnswer> answer;
  std::optional<Failure> failure;  // exactly one of the two
};

// One PutRecords request on its way.
struct PutRecordsCall {
  std::uint64_t id = 0;               // of new_call()
  std::string_view body;              // sealed; borrowed until `done` has run
  std::optional<aws::Digest> digest;  // SHA-256 of the body, if it is known
  std::size_t record_count = 0;
  std::function<void(PutRecordsOutcome)> done;  // once, on a loop thread
};

enum class StreamStatus : std::uint8_t { creating, deleting, active, updating };

struct StreamSummary {
  std::string name;
  std::string arn;
  StreamStatus status = StreamStatus::active;
  std::size_t open_shard_count = 0;
  std::optional<std::size_t> max_record_bytes;  // MaxRecordSizeInKiB
};

struct Shard {
  std::string id;
  std::string parent_id;
  std::string adjacent_parent_id;
  kinesis::HashKeyRange range{};
  std::string starting_sequence_number;
  std::string ending_sequence_number;  // empty: open
};

struct Record {
  std::string sequence_number;
  std::string partition_key;
  std::string data;
  std::int64_t arrival_milliseconds = 0;
};

struct RecordsPage {
  std::vector<Record> records;
  std::string next_iterator;  // empty: shard closed and drained
  std::int64_t milliseconds_behind_latest = 0;
};

// Where a reader starts.
struct ShardPosition {
  enum class Kind : std::uint8_t {
    trim_horizon,
    latest,
    at_timestamp,
    at_sequence_number,
    after_sequence_number
  };
  Kind kind = Kind::trim_horizon;
  std::string sequence_number;
  std::int64_t timestamp_milliseconds = 0;
};

// Thread-safe. Callbacks run on a loop thread. Methods without callback block the caller (never
// call them on a loop thread) and retry throttled and transient failures themselves until
// `deadline`.
class ClientCore {
 public:
  using CallId = std::uint64_t;

  virtual ~ClientCore() = default;

  virtual http::EventLoop& loop() = 0;
  virtual const std::string& region() const = 0;
  virtual const Log& log() const = 0;

  // What put_records() will ask of these bodies, made now and together; nothing if it will not ask.
  // Any thread; takes its time.
  virtual std::vector<aws::Digest> digests(std::span<const std::string_view> bodies) = 0;
  // The name of a call to come; every one must be given to put_records().
  virtual CallId new_call() = 0;
  // Signs and sends, on the calling thread as far as nothing has to be waited for; bodies without a
  // digest are hashed together first. One attempt each: retries are the caller's. No callback runs
  // inside. A clock failure has already corrected the offset.
  virtual void put_records(const kinesis::StreamReference& stream, kinesis::Wire wire,
                           std::vector<PutRecordsCall> calls) = 0;
  // Also of a call that put_records() does not know yet.
  virtual void cancel(CallId call) = 0;
  // Asks for new credentials; concurrent requests share one refresh.
  virtual void refresh_credentials(std::function<void(Result<void>)> done) = 0;

  // CBOR or JSON for this endpoint; may probe it once with DescribeStreamSummary.
  virtual Result<kinesis::Wire> choose_wire(const kinesis::StreamReference& stream,
                                            Instant deadline) = 0;
  // Cached for the limits (with jitter) when `fresh` is false.
  virtual Result<StreamSummary> describe_stream_summary(const kinesis::StreamReference& stream,
                                                        bool fresh, Instant deadline) = 0;
  virtual Result<std::vector<Shard>> list_shards(const kinesis::StreamReference& stream,
                                                 Instant deadline) = 0;
  virtual Result<std::string> get_shard_iterator(const kinesis::StreamReference& stream,
                                                 const std::string& shard_id,
                                                 const ShardPosition& from, Instant deadline) = 0;
  virtual Result<RecordsPage> get_records(const kinesis::StreamReference& stream,
                                          const std::string& iterator, std::size_t limit,
                                          Instant deadline) = 0;
  virtual Result<void> create_stream(const std::string& name, std::size_t shards,
                                     Instant deadline) = 0;
};

// For simulations and tests: a client over a given loop and transport, with given credentials;
// nothing is read from the environment.
struct InjectedClient {
  http::EventLoop* loop = nullptr;       // outlives the client
  http::Transport* transport = nullptr;  // outlives the client
  http::Endpoint endpoint;
  std::uint64_t seed = 0;  // of jitter; 0: from the operating system
};
Result<std::shared_ptr<ClientCore>> make_client_core(ClientOptions options,
                                                     InjectedClient injected);
// The real thing: environment, profile, sockets.
Result<std::shared_ptr<ClientCore>> open_client_core(ClientOptions options);

}  // namespace kinesink::client
