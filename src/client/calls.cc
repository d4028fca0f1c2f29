// The calls that wait for their answer: description of streams, reading, creating.
#include <algorithm>
#include <utility>

#include "client/core.h"

namespace kinesink::client {
namespace {

using kinesis::Value;

constexpr int kMaxTransientAttempts = 8;  // some seven seconds
constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(2);
// The limits of a stream change rarely, and asking is limited per account: twenty times a second.
constexpr Duration kSummaryLife = std::chrono::minutes(5);

void name_stream(Value::Members& input, const kinesis::StreamReference& stream) {
  input.emplace_back(stream.is_arn() ? "StreamARN" : "StreamName", Value(stream.text));
}

std::string text_of(const Value& value) { return std::string(value.text().value_or("")); }

StreamStatus status_of(std::string_view status) {
  if (status == "CREATING") return StreamStatus::creating;
  if (status == "DELETING") return StreamStatus::deleting;
  if (status == "UPDATING") return StreamStatus::updating;
  return StreamStatus::active;
}

Shard shard_of(const Value& value) {
  Shard shard;
  shard.id = text_of(value["ShardId"]);
  shard.parent_id = text_of(value["ParentShardId"]);
  shard.adjacent_parent_id = text_of(value["AdjacentParentShardId"]);
  const Value& range = value["HashKeyRange"];
  shard.range.first =
      kinesis::parse_hash_key(range["StartingHashKey"].text().value_or("")).value_or(0);
  shard.range.last =
      kinesis::parse_hash_key(range["EndingHashKey"].text().value_or("")).value_or(0);
  const Value& numbers = value["SequenceNumberRange"];
  shard.starting_sequence_number = text_of(numbers["StartingSequenceNumber"]);
  shard.ending_sequence_number = text_of(numbers["EndingSequenceNumber"]);
  return shard;
}

std::string_view name_of(ShardPosition::Kind kind) {
  switch (kind) {
    case ShardPosition::Kind::trim_horizon:
      return "TRIM_HORIZON";
    case ShardPosition::Kind::latest:
      return "LATEST";
    case ShardPosition::Kind::at_timestamp:
      return "AT_TIMESTAMP";
    case ShardPosition::Kind::at_sequence_number:
      return "AT_SEQUENCE_NUMBER";
    case ShardPosition::Kind::after_sequence_number:
      return "AFTER_SEQUENCE_NUMBER";
  }
  return "TRIM_HORIZON";
}

// The answer to a question in CBOR: whether it was read. The service may answer in its own JSON.
bool understands_cbor(const http::Response& response) {
  const std::string_view content_type = response.header("Content-Type");
  if (!kinesis::wire_of(content_type, response.body)) return false;
  const kinesis::ServiceError said = kinesis::parse_service_error(
      response.status, content_type, response.header("x-amzn-ErrorType"), response.body);
  return kinesis::bare_code(said.code) != "SerializationException";
}

// What a blocking call shares with its completion, which may come after the call has given up.
template <typename T>
struct Waiter {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<T> outcome;

  void set(T value) {
    const std::lock_guard lock(mutex);
    outcome = std::move(value);
    changed.notify_all();
  }
  // Nothing: the deadline was reached.
  std::optional<T> wait(http::EventLoop& loop, Instant deadline) {
    std::unique_lock lock(mutex);
    loop.wait(
        lock, changed, [this] { return outcome.has_value(); }, deadline);
    return std::move(outcome);
  }
};

}  // namespace

http::Exchange Core::exchange(const Operation& operation, const kinesis::StreamReference& stream,
                              kinesis::Wire wire, const Value& input, Instant deadline) {
  const auto waiter = std::make_shared<Waiter<http::Exchange>>();
  auto call = std::make_unique<Call>();
  call->operation = operation.name;
  call->type = operation.type;
  call->wire = wire;
  if (stream.is_arn()) call->stream_arn = stream.text;
  call->owned_body = kinesis::encode(input, wire);
  call->body = call->owned_body;
  call->done = [waiter](http::Exchange exchange) { waiter->set(std::move(exchange)); };
  const CallId id = call->id = new_call();
  std::vector<CallPointer> calls;
  calls.push_back(std::move(call));
  enqueue(std::move(calls));
  if (std::optional<http::Exchange> done = waiter->wait(*loop_, deadline)) return *std::move(done);
  cancel(id);
  http::Exchange late;
  late.error = make_error(ErrorKind::timeout, "it was not answered in time");
  return late;
}

Result<void> Core::refresh_and_wait(Instant deadline) {
  const auto waiter = std::make_shared<Waiter<Result<void>>>();
  refresh_credentials([waiter](Result<void> result) { waiter->set(std::move(result)); });
  if (std::optional<Result<void>> done = waiter->wait(*loop_, deadline)) return *std::move(done);
  return make_error(ErrorKind::timeout, "new credentials were not there in time");
}

// Between half of the delay and all of it: of many who were refused at once, not all come back at
// once.
void Core::pause(Duration delay) {
  {
    const std::lock_guard lock(mutex_);
    const auto half = static_cast<std::uint64_t>(delay.count()) / 2;
    delay -= Duration(static_cast<std::int64_t>(random_.below(half)));
  }
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  loop_->wait(
      lock, never, [] { return false; }, loop_->now() + delay);
}

Result<Value> Core::attempt(const Operation& operation, const kinesis::StreamReference& stream,
                            const Value& input, Instant deadline, Failure& failure) {
  const kinesis::Wire wire = fixed_wire_ ? *fixed_wire_ : [this] {
    const std::lock_guard lock(mutex_);
    return wire_.value_or(kinesis::Wire::json);
  }();
  const http::Exchange done = exchange(operation, stream, wire, input, deadline);
  if (!done.response || done.response->status != 200) {
    failure = failure_of(done, operation.name, stream.text, false);
    return failure.error;
  }
  if (done.response->body.empty()) return Value();
  const std::string_view content_type = done.response->header("Content-Type");
  auto answer = kinesis::decode(done.response->body,
                                kinesis::wire_of(content_type, done.response->body).value_or(wire));
  if (!answer) {
    failure.error = std::move(answer).error();
    failure.error.kind = ErrorKind::transient;
    failure.error.message =
        subject(operation.name, stream.text) + "the answer is unreadable: " + failure.error.message;
    failure.error.request_id = done.response->header("x-amzn-RequestId");
    return failure.error;
  }
  return answer;
}

// Tries again what may pass: throttling until the deadline, faults a few times, credentials and
// clock once each.
Result<Value> Core::call(const Operation& operation, const kinesis::StreamReference& stream,
                         Value::Members input, Instant deadline) {
  const Value given(std::move(input));
  Duration delay = kFirstPause;
  int transient = 0;
  bool refreshed = false;
  bool corrected = false;
  while (true) {
    Failure failure;
    Result<Value> answer = attempt(operation, stream, given, deadline, failure);
    if (answer) return answer;
    switch (failure.error_class) {
      case kinesis::ErrorClass::throttled:
        break;
      case kinesis::ErrorClass::transient:
        if (failure.error.kind == ErrorKind::not_found || ++transient >= kMaxTransientAttempts)
          return answer;
        break;
      case kinesis::ErrorClass::auth:
        if (std::exchange(refreshed, true) || failure.error.aws_code.empty()) return answer;
        KINESINK_TRY(refresh_and_wait(deadline));
        continue;
      case kinesis::ErrorClass::clock:
        if (std::exchange(corrected, true)) return answer;
        continue;
      case kinesis::ErrorClass::refused:
      case kinesis::ErrorClass::permanent:
        return answer;
    }
    if (loop_->now() + delay >= deadline) return answer;
    pause(delay);
    delay = std::min(delay * 2, kLongestPause);
  }
}

// CBOR against AWS. A custom endpoint is asked once, in CBOR: what answers neither in CBOR nor in
// the service's own JSON gets JSON.
Result<kinesis::Wire> Core::choose_wire(const kinesis::StreamReference& stream, Instant deadline) {
  if (fixed_wire_) return *fixed_wire_;
  {
    const std::lock_guard lock(mutex_);
    if (wire_) return *wire_;
    if (rules_.endpoint_url.empty() && injected_transport_ == nullptr)
      return *(wire_ = kinesis::Wire::cbor);
  }
  Value::Members input;
  name_stream(input, stream);
  const Value given(std::move(input));
  Duration delay = kFirstPause;
  for (int attempts = 1;; ++attempts) {
    const http::Exchange probe = exchange({"DescribeStreamSummary", aws::OperationType::control},
                                          stream, kinesis::Wire::cbor, given, deadline);
    if (probe.response) {
      const bool understood = understands_cbor(*probe.response);
      const std::lock_guard lock(mutex_);
      wire_ = understood ? kinesis::Wire::cbor : kinesis::Wire::json;
      return *wire_;
    }
    const bool passes =
        probe.error->kind == ErrorKind::transient || probe.error->kind == ErrorKind::timeout;
    if (!passes || attempts >= kMaxTransientAttempts || loop_->now() + delay >= deadline)
      return failure_of(probe, "DescribeStreamSummary", stream.text, false).error;
    pause(delay);
    delay = std::min(delay * 2, kLongestPause);
  }
}

Result<StreamSummary> Core::describe_stream_summary(const kinesis::StreamReference& stream,
                                                    bool fresh, Instant deadline) {
  {
    const std::lock_guard lock(mutex_);
    const auto cached = summaries_.find(stream.text);
    if (!fresh && cached != summaries_.end() && loop_->now() < cached->second.until)
      return cached->second.summary;
  }
  Value::Members input;
  name_stream(input, stream);
  KINESINK_ASSIGN(const Value answer, call({"DescribeStreamSummary", aws::OperationType::control},
                                           stream, std::move(input), deadline));
  const Value& said = answer["StreamDescriptionSummary"];
  if (said["StreamStatus"].is_null()) {
    return make_error(ErrorKind::transient,
                      subject("DescribeStreamSummary", stream.text) +
                          "the answer describes no stream: check the endpoint URL");
  }
  StreamSummary summary;
  summary.name = text_of(said["StreamName"]);
  summary.arn = text_of(said["StreamARN"]);
  summary.status = status_of(said["StreamStatus"].text().value_or(""));
  summary.open_shard_count = static_cast<std::size_t>(said["OpenShardCount"].integer().value_or(0));
  if (const auto kib = said["MaxRecordSizeInKiB"].integer(); kib && *kib > 0) {
    summary.max_record_bytes = static_cast<std::size_t>(*kib) * kKiB;
  }
  const std::lock_guard lock(mutex_);
  const Duration jitter(static_cast<std::int64_t>(
      random_.below(static_cast<std::uint64_t>(kSummaryLife.count() / 4))));
  if (summary.status == StreamStatus::active)
    summaries_[stream.text] = {summary, loop_->now() + kSummaryLife - jitter};
  return summary;
}

Result<std::vector<Shard>> Core::list_shards(const kinesis::StreamReference& stream,
                                             Instant deadline) {
  std::vector<Shard> shards;
  std::string token;
  do {
    Value::Members input;
    // With a token the stream must not be named again.
    token.empty() ? name_stream(input, stream)
                  : void(input.emplace_back("NextToken", Value(token)));
    KINESINK_ASSIGN(const Value answer, call({"ListShards", aws::OperationType::control}, stream,
                                             std::move(input), deadline));
    for (const Value& shard : answer["Shards"].list()) shards.push_back(shard_of(shard));
    token = text_of(answer["NextToken"]);
  } while (!token.empty());
  return shards;
}

Result<std::string> Core::get_shard_iterator(const kinesis::StreamReference& stream,
                                             const std::string& shard_id, const ShardPosition& from,
                                             Instant deadline) {
  Value::Members input;
  name_stream(input, stream);
  input.emplace_back("ShardId", Value(shard_id));
  input.emplace_back("ShardIteratorType", Value(name_of(from.kind)));
  if (from.kind == ShardPosition::Kind::at_timestamp) {
    input.emplace_back("Timestamp", Value(kinesis::Timestamp{from.timestamp_milliseconds}));
  }
  if (!from.sequence_number.empty())
    input.emplace_back("StartingSequenceNumber", Value(from.sequence_number));
  KINESINK_ASSIGN(const Value answer, call({"GetShardIterator", aws::OperationType::data}, stream,
                                           std::move(input), deadline));
  return text_of(answer["ShardIterator"]);
}

Result<RecordsPage> Core::get_records(const kinesis::StreamReference& stream,
                                      const std::string& iterator, std::size_t limit,
                                      Instant deadline) {
  Value::Members input;
  input.emplace_back("ShardIterator", Value(iterator));
  input.emplace_back("Limit", Value(limit));
  if (stream.is_arn()) name_stream(input, stream);
  KINESINK_ASSIGN(const Value answer, call({"GetRecords", aws::OperationType::data}, stream,
                                           std::move(input), deadline));
  RecordsPage page;
  page.next_iterator = text_of(answer["NextShardIterator"]);
  page.milliseconds_behind_latest = answer["MillisBehindLatest"].integer().value_or(0);
  for (const Value& said : answer["Records"].list()) {
    Record record;
    record.sequence_number = text_of(said["SequenceNumber"]);
    record.partition_key = text_of(said["PartitionKey"]);
    record.data = said["Data"].bytes().value_or("");
    record.arrival_milliseconds = said["ApproximateArrivalTimestamp"].timestamp().value_or(0);
    page.records.push_back(std::move(record));
  }
  return page;
}

Result<void> Core::create_stream(const std::string& name, std::size_t shards, Instant deadline) {
  Value::Members input;
  input.emplace_back("StreamName", Value(name));
  input.emplace_back("ShardCount", Value(shards));
  KINESINK_TRY(
      call({"CreateStream", aws::OperationType::none}, {name}, std::move(input), deadline));
  return {};
}

}  // namespace kinesink::client
