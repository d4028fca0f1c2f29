// Calls that write records.
#include <array>
#include <cstring>

#include "kinesis/put_records_request.h"
#include "local/md5_lanes.h"
#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::string_view kThrottled = "ProvisionedThroughputExceededException";
constexpr std::string_view kInternal = "InternalFailure";
constexpr std::string_view kInternalMessage = "Internal Service Failure";

// How the service prints a blob: its size, never its bytes.
std::string show_blob(std::size_t size) {
  const std::string digits = std::to_string(size);
  return "java.nio.HeapByteBuffer[pos=0 lim=" + digits + " cap=" + digits + "]";
}

void check_data(std::string_view at, std::string_view data, Violations& violations) {
  if (data.size() > kinesis::kLargestMaxRecordBytes) {
    violations.add(at, show_blob(data.size()),
                   "Member must have length less than or equal to " +
                       std::to_string(kinesis::kLargestMaxRecordBytes));
  }
}

Error too_large(const Stream& stream, std::size_t size, const std::string& place) {
  return refusal("InvalidArgumentException",
                 "A record of " + std::to_string(size) +
                     " bytes, its partition key included, exceeds the maximum record size of " +
                     std::to_string(stream.max_record_bytes / kKiB) + " KiB" + place + ".");
}

// The shard's hash key of an entry.
Result<kinesis::HashKey> hash_key_of(std::string_view partition_key,
                                     std::string_view explicit_hash_key) {
  if (explicit_hash_key.empty()) return kinesis::hash_of(partition_key);
  const auto key = kinesis::parse_hash_key(explicit_hash_key);
  if (key) return *key;
  return refusal("InvalidArgumentException",
                 "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                 "Specified value was " +
                     std::string(explicit_hash_key));
}

// The hash keys of all entries: of several partition keys at a time where they are short.
Result<void> hash_all(const kinesis::PutRecordsRequest& request,
                      std::vector<kinesis::HashKey>& hashes) {
  hashes.resize(request.records.size());
  std::array<std::string_view, kMd5Lanes> texts;
  std::array<std::size_t, kMd5Lanes> of;
  std::array<kinesis::HashKey, kMd5Lanes> digests;
  std::size_t waiting = 0;
  const auto hash_waiting = [&] {
    md5_lanes(texts, digests);
    for (std::size_t lane = 0; lane < waiting; ++lane) hashes[of[lane]] = digests[lane];
    waiting = 0;
  };
  for (std::size_t index = 0; index < request.records.size(); ++index) {
    const auto& record = request.records[index];
    if (!record.explicit_hash_key.empty() || record.partition_key.size() > kLongestLaneText) {
      KINESINK_ASSIGN(hashes[index], hash_key_of(record.partition_key, record.explicit_hash_key));
      continue;
    }
    of[waiting] = index;
    texts[waiting] = record.partition_key;
    if (++waiting == kMd5Lanes) hash_waiting();
  }
  if (waiting > 0) {
    std::fill(texts.begin() + static_cast<std::ptrdiff_t>(waiting), texts.end(), "");
    hash_waiting();
  }
  return {};
}

// {"SequenceNumber": 56 digits, "ShardId": 20 characters}, the same size for every record.
void write_stored(const Shard& shard, const char* sequence, AnswerWriter& out) {
  constexpr std::size_t kShardIdSize = 20;
  const bool cbor = out.wire() == kinesis::Wire::cbor;
  const std::string_view before =
      cbor ? "\xa2\x6eSequenceNumber\x78\x38" : "{\"SequenceNumber\":\"";
  const std::string_view between = cbor ? "\x67ShardId\x74" : "\",\"ShardId\":\"";
  const std::string_view after = cbor ? "" : "\"}";
  if (shard.id().size() != kShardIdSize) return;
  std::array<char, 128> item;
  char* at = std::copy(before.begin(), before.end(), item.data());
  at = std::copy_n(sequence, kSequenceDigits, at);
  at = std::copy(between.begin(), between.end(), at);
  at = std::copy_n(shard.id().data(), kShardIdSize, at);
  at = std::copy(after.begin(), after.end(), at);
  out.begin_raw_item();
  out.out().append(item.data(), at);
  out.end_raw_item();
}

void write_failed(std::string_view code, std::string_view message, AnswerWriter& out) {
  out.map(2);
  out.key("ErrorCode").text(code);
  out.key("ErrorMessage").text(message);
  out.end_map();
}

// Checks the entries against the model. Only what is wrong costs a path.
void check_entries(const kinesis::PutRecordsRequest& request, Violations& violations) {
  if (request.records.empty()) {
    violations.add("records", "[]", "Member must have length greater than or equal to 1");
  } else if (request.records.size() > kinesis::kMaxRecordsPerRequest) {
    violations.add("records", "[PutRecordsRequestEntry]",
                   "Member must have length less than or equal to 500");
  }
  for (std::size_t index = 0; index < request.records.size(); ++index) {
    const auto& record = request.records[index];
    const bool plain_key = !record.partition_key.empty() &&
                           record.partition_key.size() <= kinesis::kMaxPartitionKeyCharacters;
    if (plain_key && record.explicit_hash_key.empty() &&
        record.data.size() <= kinesis::kLargestMaxRecordBytes) {
      continue;
    }
    const std::string at = "records." + std::to_string(index + 1) + ".member.";
    violations.check_length(at + "partitionKey", record.partition_key, 1,
                            kinesis::kMaxPartitionKeyCharacters);
    if (!record.explicit_hash_key.empty()) {
      violations.check_pattern(at + "explicitHashKey", record.explicit_hash_key, kHashKeyPattern);
    }
    check_data(at + "data", record.data, violations);
  }
}

// The stream of the request, by the same rules as in all other calls.
NamedStream check_stream_name(const kinesis::PutRecordsRequest& request, Violations& violations) {
  NamedStream named;
  if (request.stream_name) {
    named.name = *request.stream_name;
    violations.check_length("streamName", *named.name, 1, kinesis::kMaxStreamNameCharacters);
    violations.check_pattern("streamName", *named.name, kNamePattern);
  }
  if (request.stream_arn) {
    named.arn = *request.stream_arn;
    violations.check_length("streamARN", *named.arn, 1, 2048);
    violations.check_pattern("streamARN", *named.arn, kArnPattern);
  }
  return named;
}

}  // namespace

// What refuses the whole request although each entry is well-formed: nothing may be stored before.
Result<void> Service::Operations::check_sizes(const kinesis::PutRecordsRequest& request,
                                              const Stream& stream) const {
  std::size_t total = 0;
  for (const auto& record : request.records) {
    const std::size_t size = record.data.size() + record.partition_key.size();
    total += size;
    if (size > stream.max_record_bytes) return too_large(stream, size, place_of(stream));
  }
  if (total <= kinesis::kMaxRequestBytes) return {};
  return refusal("InvalidArgumentException", "Records size exceeds 10 MB limit");
}

std::string Service::Operations::throttled_message(const Stream& stream, const Shard& shard) const {
  return "Rate exceeded for shard " + shard.id() + place_of(stream) + ".";
}

EntryFault Service::Operations::admit(const Call& call, Stream& stream, Shard& shard,
                                      std::size_t size) {
  EntryFault fault = call.faults ? call.faults() : EntryFault::none;
  if (fault == EntryFault::none && options_.enforce_limits) {
    constexpr auto kBytes = static_cast<double>(kinesis::kShardBytesPerSecond);
    constexpr auto kRecords = static_cast<double>(kinesis::kShardRecordsPerSecond);
    // A shard takes a burst of one of the stream's largest records.
    shard.bytes.fill(call.now_ms, kBytes,
                     std::max(kBytes, static_cast<double>(stream.max_record_bytes)));
    shard.records.fill(call.now_ms, kRecords, kRecords);
    const auto needed = static_cast<double>(size);
    if (shard.bytes.tokens < needed || shard.records.tokens < 1) {
      fault = EntryFault::throttled;
    } else {
      shard.bytes.tokens -= needed;
      shard.records.tokens -= 1;
    }
  }
  counters_.throttled += fault == EntryFault::throttled ? 1 : 0;
  counters_.failed += fault == EntryFault::internal_failure ? 1 : 0;
  return fault;
}

void Service::Operations::store(const Call& call, const Stream& stream, Shard& shard,
                                std::string_view data, std::string_view key, char* sequence) {
  const std::uint64_t index = store_.append(stream, shard, call.now_ms, data, key);
  shard.writer.write(index, shard.log.last_arrival_ms() / 1000, sequence);
  ++counters_.records;
  counters_.bytes += data.size() + key.size();
}

Result<void> Service::Operations::put_record(const Call& call, Input& in, AnswerWriter& out) {
  const NamedStream named = read_stream_name(in);
  const auto data = in.blob("Data");
  const auto key =
      in.text("PartitionKey", {.longest = kinesis::kMaxPartitionKeyCharacters, .required = true});
  const auto explicit_key =
      in.text("ExplicitHashKey", {.shortest = 0, .pattern = &kHashKeyPattern});
  in.text("SequenceNumberForOrdering", {.shortest = 0, .pattern = &kSequencePattern});
  if (data) check_data("data", *data, in.violations());
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve_for_data(named, call.now_ms));
  const std::size_t size = data->size() + key->size();
  if (size > stream->max_record_bytes) return too_large(*stream, size, place_of(*stream));
  KINESINK_ASSIGN(const kinesis::HashKey hash, hash_key_of(*key, explicit_key.value_or("")));
  Shard& shard = stream->shard_of(hash);
  switch (admit(call, *stream, shard, size)) {
    case EntryFault::throttled:
      return refusal(kThrottled, throttled_message(*stream, shard));
    case EntryFault::internal_failure:
      return refusal(kInternal, std::string(kInternalMessage));
    case EntryFault::none:
      break;
  }
  std::array<char, kSequenceDigits> sequence;
  store(call, *stream, shard, *data, *key, sequence.data());
  out.map(2);
  out.key("ShardId").text(shard.id());
  out.key("SequenceNumber").text({sequence.data(), sequence.size()});
  out.end_map();
  return {};
}

Result<void> Service::Operations::put_records(const Call& call, AnswerWriter& out) {
  kinesis::PutRecordsRequest& request = put_request_;
  const auto parsed = kinesis::parse_put_records_request(call.wire, call.body, request);
  if (!parsed) return refusal("SerializationException", parsed.error().message);
  Violations violations;
  const NamedStream named = check_stream_name(request, violations);
  check_entries(request, violations);
  KINESINK_TRY(violations.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve_for_data(named, call.now_ms));
  KINESINK_TRY(check_sizes(request, *stream));
  KINESINK_TRY(hash_all(request, hashes_));

  std::string& body = out.out();
  body.reserve(body.size() + 128 + request.records.size() * 128);
  out.map(2);
  out.key("FailedRecordCount");
  const std::size_t count_at = body.size();
  out.integer(0);
  out.key("Records").list(request.records.size());
  std::int64_t failed = 0;
  std::array<char, kSequenceDigits> sequence;
  for (std::size_t index = 0; index < request.records.size(); ++index) {
    const auto& record = request.records[index];
    Shard& shard = stream->shard_of(hashes_[index]);
    const std::size_t size = record.data.size() + record.partition_key.size();
    const EntryFault fault = admit(call, *stream, shard, size);
    if (fault == EntryFault::none) {
      store(call, *stream, shard, record.data, record.partition_key, sequence.data());
      write_stored(shard, sequence.data(), out);
      continue;
    }
    ++failed;
    if (fault == EntryFault::throttled) {
      write_failed(kThrottled, throttled_message(*stream, shard), out);
    } else {
      write_failed(kInternal, kInternalMessage, out);
    }
  }
  out.end_list();
  out.end_map();
  if (failed > 0) {
    std::string count;
    AnswerWriter(out.wire(), count).integer(failed);
    body.replace(count_at, 1, count);
  }
  return {};
}

}  // namespace kinesink::local
