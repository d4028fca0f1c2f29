// Calls about whole streams.
#include <array>

#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::array<std::string_view, 2> kModes = {"PROVISIONED", "ON_DEMAND"};
constexpr Input::IntegerRule kMaxRecordSizeRule = {.least = kinesis::kDefaultMaxRecordBytes / kKiB,
                                                   .most = kinesis::kLargestMaxRecordBytes / kKiB};

std::string_view mode_of(const Stream& stream) {
  return stream.on_demand ? "ON_DEMAND" : "PROVISIONED";
}

void write_mode(const Stream& stream, AnswerWriter& out) {
  out.key("StreamModeDetails").map(1);
  out.key("StreamMode").text(mode_of(stream));
  out.end_map();
}

void write_monitoring(AnswerWriter& out) {
  out.key("EnhancedMonitoring").list(1);
  out.map(1);
  out.key("ShardLevelMetrics").list(0);
  out.end_list();
  out.end_map();
  out.end_list();
}

}  // namespace

std::string Service::Operations::stream_arn(std::string_view name) const {
  std::string arn = "arn:aws:kinesis:" + options_.region + ":" + options_.account_id + ":stream/";
  return arn.append(name);
}

std::string Service::Operations::status_of(const Stream& stream, std::int64_t now_ms) const {
  if (now_ms >= stream.active_ms) return "ACTIVE";
  return stream.shards.size() == stream.open.size() ? "CREATING" : "UPDATING";
}

Result<void> Service::Operations::check_shard_limit(std::int64_t more) const {
  const auto current = static_cast<std::int64_t>(store_.open_shard_count());
  if (current + more <= kShardLimit) return {};
  return refusal("LimitExceededException",
                 "This request would exceed the shard limit for the account " +
                     options_.account_id + " in " + options_.region +
                     ". Current shard count for the account: " + std::to_string(current) +
                     ". Limit: " + std::to_string(kShardLimit) +
                     ". Number of additional shards that would have resulted from this request: " +
                     std::to_string(more) +
                     ". Refer to the AWS Service Limits page "
                     "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for "
                     "current limits and how to request higher limits.");
}

Result<void> Service::Operations::create_stream(const Call& call, Input& in, AnswerWriter&) {
  const auto name = in.text(
      "StreamName",
      {.longest = kinesis::kMaxStreamNameCharacters, .pattern = &kNamePattern, .required = true});
  const auto mode = in.text("StreamModeDetails.StreamMode", {.choices = kModes});
  const bool on_demand = mode == "ON_DEMAND";
  const auto count = in.integer("ShardCount", {.most = 100'000, .required = !on_demand});
  const auto record_kib = in.integer("MaxRecordSizeInKiB", kMaxRecordSizeRule);
  KINESINK_TRY(in.verdict());
  if (on_demand && count) {
    return refusal("ValidationException",
                   "ShardCount must not be given for a stream of mode ON_DEMAND.");
  }
  if (store_.find(*name) != nullptr) {
    return refusal("ResourceInUseException", "Stream " + std::string(*name) + " under account " +
                                                 options_.account_id + " already exists.");
  }
  const std::int64_t shards = on_demand ? kOnDemandShards : *count;
  KINESINK_TRY(check_shard_limit(shards));
  const std::int64_t delay =
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.stream_delay).count();
  Stream& stream =
      store_.create(*name, static_cast<std::uint32_t>(shards), call.now_ms, call.now_ms + delay);
  stream.on_demand = on_demand;
  if (record_kib) stream.max_record_bytes = static_cast<std::size_t>(*record_kib) * kKiB;
  store_.keep(stream);
  return {};
}

Result<void> Service::Operations::delete_stream(const Call&, Input& in, AnswerWriter&) {
  const NamedStream named = read_stream_name(in);
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(const Stream* stream, resolve(named));
  store_.remove(std::string(stream->name));
  return {};
}

Result<void> Service::Operations::describe_stream(const Call& call, Input& in, AnswerWriter& out) {
  const NamedStream named = read_stream_name(in);
  const auto limit = in.integer("Limit", {.most = 10'000});
  const auto after = in.text("ExclusiveStartShardId", {.longest = 128, .pattern = &kNamePattern});
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  std::size_t first = 0;
  if (after) {
    KINESINK_ASSIGN(const Shard* shard, resolve_shard(*stream, *after));
    first = shard->index + 1;
  }
  const auto page = static_cast<std::size_t>(
      std::min(limit.value_or(kShardsPerDescription), kShardsPerDescription));
  const std::size_t end = std::min(stream->shards.size(), first + page);

  out.map(1);
  out.key("StreamDescription").map(10);
  out.key("StreamName").text(stream->name);
  out.key("StreamARN").text(stream_arn(stream->name));
  out.key("StreamStatus").text(status_of(*stream, call.now_ms));
  write_mode(*stream, out);
  out.key("Shards").list(end - first);
  for (std::size_t index = first; index < end; ++index) write_shard(*stream->shards[index], out);
  out.end_list();
  out.key("HasMoreShards").boolean(end < stream->shards.size());
  out.key("RetentionPeriodHours").integer(kRetentionHours);
  out.key("StreamCreationTimestamp").timestamp(stream->created_ms);
  write_monitoring(out);
  out.key("EncryptionType").text("NONE");
  out.end_map();
  out.end_map();
  return {};
}

Result<void> Service::Operations::describe_stream_summary(const Call& call, Input& in,
                                                          AnswerWriter& out) {
  const NamedStream named = read_stream_name(in);
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(const Stream* stream, resolve(named));
  out.map(1);
  out.key("StreamDescriptionSummary").map(11);
  out.key("StreamName").text(stream->name);
  out.key("StreamARN").text(stream_arn(stream->name));
  out.key("StreamStatus").text(status_of(*stream, call.now_ms));
  write_mode(*stream, out);
  out.key("RetentionPeriodHours").integer(kRetentionHours);
  out.key("StreamCreationTimestamp").timestamp(stream->created_ms);
  write_monitoring(out);
  out.key("EncryptionType").text("NONE");
  out.key("OpenShardCount").integer(static_cast<std::int64_t>(stream->open.size()));
  out.key("ConsumerCount").integer(0);
  out.key("MaxRecordSizeInKiB").integer(static_cast<std::int64_t>(stream->max_record_bytes / kKiB));
  out.end_map();
  out.end_map();
  return {};
}

Result<void> Service::Operations::list_streams(const Call& call, Input& in, AnswerWriter& out) {
  const auto limit = in.integer("Limit", {.most = 10'000});
  auto after = in.text("ExclusiveStartStreamName",
                       {.longest = kinesis::kMaxStreamNameCharacters, .pattern = &kNamePattern});
  const auto token = in.text("NextToken", {.longest = 1'048'576});
  KINESINK_TRY(in.verdict());
  std::optional<std::string> opened;
  if (token) {
    opened = open_token(*token);
    if (!opened || after) return refusal("InvalidArgumentException", "NextToken is invalid.");
    after = *opened;
  }
  const auto& streams = store_.streams();
  auto first = after ? streams.upper_bound(*after) : streams.begin();
  std::vector<const Stream*> page;
  const auto most = static_cast<std::size_t>(limit.value_or(kStreamsPerPage));
  for (; first != streams.end() && page.size() < most; ++first) page.push_back(first->second.get());
  const bool more = first != streams.end();

  out.map(more ? 4 : 3);
  out.key("StreamNames").list(page.size());
  for (const Stream* stream : page) out.text(stream->name);
  out.end_list();
  out.key("HasMoreStreams").boolean(more);
  if (more) out.key("NextToken").text(seal_token(page.back()->name));
  out.key("StreamSummaries").list(page.size());
  for (const Stream* stream : page) {
    out.map(5);
    out.key("StreamName").text(stream->name);
    out.key("StreamARN").text(stream_arn(stream->name));
    out.key("StreamStatus").text(status_of(*stream, call.now_ms));
    write_mode(*stream, out);
    out.key("StreamCreationTimestamp").timestamp(stream->created_ms);
    out.end_map();
  }
  out.end_list();
  out.end_map();
  return {};
}

Result<void> Service::Operations::update_max_record_size(const Call& call, Input& in,
                                                         AnswerWriter&) {
  NamedStream named;
  named.arn = in.text("StreamARN", {.longest = 2048, .pattern = &kArnPattern, .required = true});
  Input::IntegerRule rule = kMaxRecordSizeRule;
  rule.required = true;
  const auto kib = in.integer("MaxRecordSizeInKiB", rule);
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve_active(named, call.now_ms));
  stream->max_record_bytes = static_cast<std::size_t>(*kib) * kKiB;
  store_.keep(*stream);
  return {};
}

Result<void> Service::Operations::describe_limits(const Call&, Input&, AnswerWriter& out) {
  std::int64_t on_demand = 0;
  for (const auto& [name, stream] : store_.streams()) on_demand += stream->on_demand ? 1 : 0;
  out.map(4);
  out.key("ShardLimit").integer(kShardLimit);
  out.key("OpenShardCount").integer(static_cast<std::int64_t>(store_.open_shard_count()));
  out.key("OnDemandStreamCount").integer(on_demand);
  out.key("OnDemandStreamCountLimit").integer(kOnDemandStreamLimit);
  out.end_map();
  return {};
}

}  // namespace kinesink::local
