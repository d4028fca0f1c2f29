// The ClientCore over real or simulated transports.
//
// Whoever makes a call hashes, signs and sends it himself, while there are credentials; without, it
// waits in a queue, and a loop thread sends it, up to four at a time.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "base/log.h"
#include "base/random.h"
#include "client/client_core.h"
#include "client/shared_credentials.h"
#include "kinesis/value.h"

namespace kinesink::client {

// How a core is put together.
struct CoreParts {
  ClientOptions options;
  aws::EndpointRules rules;
  std::unique_ptr<http::EventLoop> own_loop;  // nothing: an injected one
  http::EventLoop* loop = nullptr;
  http::Transport* injected_transport = nullptr;
  std::optional<http::Endpoint> injected_endpoint;
  std::string ca_bundle;
  std::function<const char*(const char*)> environment;
  std::shared_ptr<CredentialsProvider> provider;  // shared with the user, perhaps
  std::optional<kinesis::Wire> fixed_wire;
  std::uint64_t seed = 0;  // of jitter; 0: from the operating system
};

class Core final : public ClientCore, public std::enable_shared_from_this<Core> {
 public:
  explicit Core(CoreParts parts);
  ~Core() override;

  http::EventLoop& loop() override { return *loop_; }
  const std::string& region() const override { return rules_.region; }
  const Log& log() const override { return log_; }

  std::vector<aws::Digest> digests(std::span<const std::string_view> bodies) override;
  CallId new_call() override;
  void put_records(const kinesis::StreamReference& stream, kinesis::Wire wire,
                   std::vector<PutRecordsCall> calls) override;
  void cancel(CallId call) override;
  void refresh_credentials(std::function<void(Result<void>)> done) override;

  Result<kinesis::Wire> choose_wire(const kinesis::StreamReference& stream,
                                    Instant deadline) override;
  Result<StreamSummary> describe_stream_summary(const kinesis::StreamReference& stream, bool fresh,
                                                Instant deadline) override;
  Result<std::vector<Shard>> list_shards(const kinesis::StreamReference& stream,
                                         Instant deadline) override;
  Result<std::string> get_shard_iterator(const kinesis::StreamReference& stream,
                                         const std::string& shard_id, const ShardPosition& from,
                                         Instant deadline) override;
  Result<RecordsPage> get_records(const kinesis::StreamReference& stream,
                                  const std::string& iterator, std::size_t limit,
                                  Instant deadline) override;
  Result<void> create_stream(const std::string& name, std::size_t shards,
                             Instant deadline) override;

 private:
  struct Target {
    http::Transport* transport = nullptr;
    http::Endpoint endpoint;
  };
  // Where the PutRecords of a stream go, and what their requests share.
  struct Route {
    Target target;
    aws::RequestSigner signer;
  };
  // One request, from the queue to its exchange.
  struct Call {
    CallId id = 0;
    std::string_view operation;
    aws::OperationType type = aws::OperationType::data;
    kinesis::Wire wire = kinesis::Wire::cbor;
    Route* route = nullptr;  // of PutRecords
    std::string stream_arn;  // decides the endpoint; empty if the stream is named
    std::string_view body;   // borrowed, or of owned_body
    std::string owned_body;
    std::optional<aws::Digest> digest;  // of the body
    std::function<void(http::Exchange&&)> done;
  };
  using CallPointer = std::unique_ptr<Call>;
  // What is known of a call until it has ended.
  struct Progress {
    http::Transport* transport = nullptr;  // nothing: not sent yet
    http::Transport::RequestId request = 0;
    bool cancelled = false;
  };
  void enqueue(std::vector<CallPointer> calls);
  void pump();
  void take_and_send(const SharedCredentials::Given& credentials);
  void fail_queued(const Error& error);
  void hash(const std::vector<CallPointer>& calls);
  void sign_and_send(std::vector<CallPointer> calls, const SharedCredentials::Given& credentials);
  Result<Target> sign(const Call& call, http::Request& request,
                      const SharedCredentials::Given& credentials);
  void send(CallPointer call, http::Request request, const Target& target);
  void finish(CallPointer call, http::Exchange&& exchange);
  void finish_later(CallPointer call, Error error);
  CallPointer put_records_call(const kinesis::StreamReference& stream, PutRecordsCall given);
  Result<Route*> route_of(const kinesis::StreamReference& stream, kinesis::Wire wire);
  Result<Target> target_of(const std::string& stream_arn, aws::OperationType type);
  WallTime corrected_time() const { return loop_->wall_now() + Duration(clock_offset_.load()); }

  // Blocking calls.
  struct Operation {
    std::string_view name;
    aws::OperationType type;
  };
  http::Exchange exchange(const Operation& operation, const kinesis::StreamReference& stream,
                          kinesis::Wire wire, const kinesis::Value& input, Instant deadline);
  Result<kinesis::Value> call(const Operation& operation, const kinesis::StreamReference& stream,
                              kinesis::Value::Members input, Instant deadline);
  Result<kinesis::Value> attempt(const Operation& operation, const kinesis::StreamReference& stream,
                                 const kinesis::Value& input, Instant deadline, Failure& failure);
  Result<void> refresh_and_wait(Instant deadline);
  void pause(Duration delay);
  Failure failure_of(const http::Exchange& exchange, std::string_view operation,
                     const std::string& stream, bool stores);
  // What an error is about: "PutRecords on stream events in us-east-1: ".
  std::string subject(std::string_view operation, const std::string& stream) const;
  // False if the clock was right.
  bool correct_clock(const http::Response& response);

  const ClientOptions options_;
  const aws::EndpointRules rules_;
  const pid_t process_;
  const Log log_;
  const std::string user_agent_;
  const std::string ca_bundle_;
  const std::function<const char*(const char*)> environment_;
  std::unique_ptr<http::EventLoop> own_loop_;
  http::EventLoop* const loop_;
  http::Transport* const injected_transport_;
  const std::optional<http::Endpoint> injected_endpoint_;
  const std::shared_ptr<SharedCredentials> credentials_;  // shared with the provider's callbacks
  const std::optional<kinesis::Wire> fixed_wire_;

  std::mutex mutex_;                                                    // guards what follows
  std::map<std::string, std::unique_ptr<http::Transport>> transports_;  // by authority
  std::map<std::pair<std::string, kinesis::Wire>, std::unique_ptr<Route>>
      routes_;  // by ARN of the stream, or nothing where it is named
  std::deque<CallPointer> queue_;
  bool pumping_ = false;
  std::unordered_map<CallId, Progress> calls_;
  CallId next_call_ = 1;
  std::optional<kinesis::Wire> wire_;
  struct CachedSummary {
    StreamSummary summary;
    Instant until;
  };
  std::map<std::string, CachedSummary> summaries_;
  Random random_;

  aws::SigningKey signing_key_;
  std::atomic<std::int64_t> clock_offset_{0};  // nanoseconds: the service's clock minus ours
};

}  // namespace kinesink::client
