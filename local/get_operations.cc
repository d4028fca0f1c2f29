// Calls that read records.
#include <algorithm>
#include <array>

#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::array<std::string_view, 5> kIteratorTypes = {
    "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"};

// Where an iterator stands: the index of the next record of one shard.
struct Position {
  std::string_view stream;
  std::int64_t stream_created_ms = 0;
  std::uint32_t shard = 0;
  std::uint64_t index = 0;
  std::int64_t made_ms = 0;
};

std::string seal(const Position& position) {
  return seal_token("iterator/" + std::to_string(position.made_ms) + "/" +
                    std::to_string(position.stream_created_ms) + "/" +
                    std::to_string(position.shard) + "/" + std::to_string(position.index) + "/" +
                    std::string(position.stream));
}

// `content`: the opened token, which the result points into.
std::optional<Position> parse_position(std::string_view content) {
  const auto parts = parts_of(content);
  if (parts.size() != 6 || parts[0] != "iterator") return std::nullopt;
  const auto made = number_of(parts[1]);
  const auto created = number_of(parts[2]);
  const auto shard = number_of(parts[3]);
  const auto index = number_of(parts[4]);
  if (!made || !created || !shard || !index) return std::nullopt;
  return Position{parts[5], *created, static_cast<std::uint32_t>(*shard),
                  static_cast<std::uint64_t>(*index), *made};
}

Error expired(const Position& position, std::int64_t now_ms) {
  return refusal("ExpiredIteratorException",
                 "Iterator expired. The iterator was created at time " +
                     to_utc_text(position.made_ms) + " while right now it is " +
                     to_utc_text(now_ms) +
                     " which is further in the future than the tolerated "
                     "delay of " +
                     std::to_string(kIteratorLifeMs) + " milliseconds.");
}

void write_record(const Record& record, SequenceWriter& numbers, AnswerWriter& out) {
  std::array<char, kSequenceDigits> number;
  numbers.write(record.index, record.arrival_ms / 1000, number.data());
  out.map(4);
  out.key("SequenceNumber").text({number.data(), number.size()});
  out.key("ApproximateArrivalTimestamp").timestamp(record.arrival_ms);
  out.key("Data").blob(record.data);
  out.key("PartitionKey").text(record.partition_key);
  out.end_map();
}

// End of the records that one answer carries: by count and by size, but one at least.
std::uint64_t end_of_batch(const RecordLog& log, std::uint64_t from, std::int64_t limit) {
  std::size_t bytes = 0;
  const std::uint64_t most = std::min(log.end(), from + static_cast<std::uint64_t>(limit));
  std::uint64_t end = from;
  for (; end < most; ++end) {
    const Record record = log.record(end);
    bytes += record.data.size() + record.partition_key.size();
    if (bytes > kinesis::kMaxGetRecordsBytes && end > from) break;
  }
  return end;
}

void write_children(const Stream& stream, const Shard& shard, AnswerWriter& out) {
  out.key("ChildShards").list(shard.children.size());
  for (const std::uint32_t index : shard.children) {
    const Shard& child = *stream.shards[index];
    out.map(3);
    out.key("ShardId").text(child.id());
    out.key("ParentShards").list(child.adjacent_parent ? 2 : 1);
    out.text(stream.shards[*child.parent]->id());
    if (child.adjacent_parent) out.text(stream.shards[*child.adjacent_parent]->id());
    out.end_list();
    out.key("HashKeyRange").map(2);
    out.key("StartingHashKey").text(kinesis::to_decimal(child.range.first));
    out.key("EndingHashKey").text(kinesis::to_decimal(child.range.last));
    out.end_map();
    out.end_map();
  }
  out.end_list();
}

// The index an iterator starts at by the number of a record, or why not.
Result<std::uint64_t> index_of(std::string_view number, bool after, const Shard& shard,
                               const std::string& place) {
  const std::string what = "StartingSequenceNumber " + std::string(number) +
                           " used in GetShardIterator on shard " + shard.id() + place +
                           " is invalid";
  const auto parts = parse_sequence_number(number);
  if (!parts) return refusal("InvalidArgumentException", what + ".");
  if (parts->shard != shard.index) {
    return refusal("InvalidArgumentException",
                   "Invalid StartingSequenceNumber. It encodes " + shard_id_of(parts->shard) +
                       ", while it was used in a call to a shard with " + shard.id());
  }
  if (parts->shard_created != shard.created_ms / 1000) {
    return refusal("InvalidArgumentException", what + " because it did not come from this stream.");
  }
  return std::min(std::max<std::uint64_t>(1, parts->index + (after ? 1 : 0)), kLastSequenceIndex);
}

}  // namespace

Result<void> Service::Operations::get_shard_iterator(const Call& call, Input& in,
                                                     AnswerWriter& out) {
  const NamedStream named = read_stream_name(in);
  const auto shard_id =
      in.text("ShardId", {.longest = 128, .pattern = &kNamePattern, .required = true});
  const auto type = in.text("ShardIteratorType", {.choices = kIteratorTypes, .required = true});
  const auto number =
      in.text("StartingSequenceNumber", {.shortest = 0, .pattern = &kSequencePattern});
  const auto timestamp = in.timestamp("Timestamp");
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve_for_data(named, call.now_ms));
  KINESINK_ASSIGN(const Shard* shard, resolve_shard(*stream, *shard_id));

  const bool by_number = *type == "AT_SEQUENCE_NUMBER" || *type == "AFTER_SEQUENCE_NUMBER";
  const bool by_time = *type == "AT_TIMESTAMP";
  if (by_number != number.has_value()) {
    return refusal("InvalidArgumentException",
                   "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
                   "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no "
                   "StartingSequenceNumber. Request specified " +
                       std::string(*type) + " and " +
                       (number ? "also a StartingSequenceNumber." : "no StartingSequenceNumber."));
  }
  if (by_time != timestamp.has_value()) {
    return refusal("InvalidArgumentException",
                   "Must specify timestampInMillis with AT_TIMESTAMP and with no other type. "
                   "Request specified " +
                       std::string(*type) + ".");
  }
  if (by_time && *timestamp > call.now_ms) {
    return refusal("InvalidArgumentException",
                   "The timestampInMillis parameter cannot be greater than the "
                   "currentTimestampInMillis. timestampInMillis: " +
                       std::to_string(*timestamp) +
                       ", currentTimestampInMillis: " + std::to_string(call.now_ms));
  }
  std::uint64_t index = shard->log.first();
  if (by_number) {
    KINESINK_ASSIGN(index,
                    index_of(*number, *type == "AFTER_SEQUENCE_NUMBER", *shard, place_of(*stream)));
  } else if (by_time) {
    index = shard->log.lower_bound(*timestamp);
  } else if (*type == "LATEST") {
    index = shard->log.end();
  }
  out.map(1);
  out.key("ShardIterator")
      .text(seal({stream->name, stream->created_ms, shard->index, index, call.now_ms}));
  out.end_map();
  return {};
}

Result<void> Service::Operations::get_records(const Call& call, Input& in, AnswerWriter& out) {
  const auto token = in.text("ShardIterator", {.longest = 512, .required = true});
  const auto limit = in.integer("Limit", {.most = kinesis::kMaxGetRecordsCount});
  const auto arn = in.text("StreamARN", {.longest = 2048, .pattern = &kArnPattern});
  KINESINK_TRY(in.verdict());
  const auto content = open_token(*token);
  auto position = content ? parse_position(*content) : std::nullopt;
  if (!position) {
    return refusal("InvalidArgumentException", "Invalid ShardIterator.");
  }
  if (call.now_ms - position->made_ms > kIteratorLifeMs) return expired(*position, call.now_ms);
  KINESINK_ASSIGN(const Stream* stream, resolve({position->stream, arn}));
  if (stream->created_ms != position->stream_created_ms ||
      position->shard >= stream->shards.size()) {
    return refusal("InvalidArgumentException", "Invalid ShardIterator.");
  }
  const Shard& shard = *stream->shards[position->shard];
  const std::uint64_t from = std::max(position->index, shard.log.first());
  const std::uint64_t end =
      from >= shard.log.end()
          ? from
          : end_of_batch(shard.log, from, limit.value_or(kinesis::kMaxGetRecordsCount));
  const bool drained = end >= shard.log.end();
  const bool finished = drained && !shard.is_open();

  out.map(3);
  out.key("Records").list(end - from);
  SequenceWriter numbers = shard.writer;
  for (std::uint64_t index = from; index < end; ++index) {
    write_record(shard.log.record(index), numbers, out);
  }
  out.end_list();
  if (finished) {
    write_children(*stream, shard, out);
  } else {
    position->index = end;
    position->made_ms = call.now_ms;
    out.key("NextShardIterator").text(seal(*position));
  }
  out.key("MillisBehindLatest")
      .integer(drained ? 0
                       : std::max<std::int64_t>(0, call.now_ms - shard.log.record(end).arrival_ms));
  out.end_map();
  return {};
}

}  // namespace kinesink::local
