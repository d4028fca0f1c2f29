// Calls about the shards of a stream.
#include <algorithm>
#include <array>

#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::array<std::string_view, 6> kFilters = {"AFTER_SHARD_ID",    "AT_TRIM_HORIZON",
                                                      "FROM_TRIM_HORIZON", "AT_LATEST",
                                                      "AT_TIMESTAMP",      "FROM_TIMESTAMP"};

// Which shards a listing shows; also what its NextToken carries on.
struct Listing {
  std::string_view filter;        // empty: all
  std::int64_t timestamp_ms = 0;  // of the two filters by time
  std::uint32_t first = 0;        // smallest index
};

bool shows(const Listing& listing, const Shard& shard) {
  if (shard.index < listing.first) return false;
  if (listing.filter == "AT_LATEST") return shard.is_open();
  // Nothing is trimmed by age here: the horizon is the stream's creation.
  if (listing.filter == "AT_TRIM_HORIZON") return !shard.parent;
  const bool reaches = shard.is_open() || *shard.closed_ms >= listing.timestamp_ms;
  if (listing.filter == "AT_TIMESTAMP") return shard.created_ms <= listing.timestamp_ms && reaches;
  if (listing.filter == "FROM_TIMESTAMP") return reaches;
  return true;
}

std::string token_of(const Listing& listing, const Stream& stream, std::int64_t now_ms) {
  return seal_token("shards/" + std::to_string(now_ms) + "/" + std::to_string(stream.created_ms) +
                    "/" + std::string(listing.filter) + "/" + std::to_string(listing.timestamp_ms) +
                    "/" + std::to_string(listing.first) + "/" + stream.name);
}

struct Resumed {
  std::int64_t made_ms;
  std::int64_t stream_created_ms;
  Listing listing;
  std::string_view stream;
};

// `content`: the opened token, which the result points into.
std::optional<Resumed> resume(std::string_view content) {
  const auto parts = parts_of(content);
  if (parts.size() != 7 || parts[0] != "shards") return std::nullopt;
  const auto made = number_of(parts[1]);
  const auto created = number_of(parts[2]);
  const auto time = number_of(parts[4]);
  const auto first = number_of(parts[5]);
  if (!made || !created || !time || !first) return std::nullopt;
  return Resumed{*made, *created, {parts[3], *time, static_cast<std::uint32_t>(*first)}, parts[6]};
}

Error invalid_filter() {
  return refusal("InvalidArgumentException",
                 "ShardFilter must have a ShardId with AFTER_SHARD_ID, a Timestamp with "
                 "AT_TIMESTAMP and FROM_TIMESTAMP, and neither with other types.");
}

}  // namespace

void write_shard(const Shard& shard, AnswerWriter& out) {
  out.map(3u + (shard.parent ? 1 : 0) + (shard.adjacent_parent ? 1 : 0));
  out.key("ShardId").text(shard.id());
  if (shard.parent) out.key("ParentShardId").text(shard_id_of(*shard.parent));
  if (shard.adjacent_parent) {
    out.key("AdjacentParentShardId").text(shard_id_of(*shard.adjacent_parent));
  }
  out.key("HashKeyRange").map(2);
  out.key("StartingHashKey").text(kinesis::to_decimal(shard.range.first));
  out.key("EndingHashKey").text(kinesis::to_decimal(shard.range.last));
  out.end_map();
  out.key("SequenceNumberRange").map(shard.is_open() ? 1 : 2);
  out.key("StartingSequenceNumber").text(shard.starting_sequence_number());
  if (!shard.is_open()) out.key("EndingSequenceNumber").text(shard.ending_sequence_number());
  out.end_map();
  out.end_map();
}

std::string Service::Operations::place_of(const Stream& stream) const {
  return " in stream " + stream.name + " under account " + options_.account_id;
}

Result<Shard*> Service::Operations::resolve_shard(Stream& stream, std::string_view shard_id) const {
  std::string_view digits = shard_id;
  if (digits.starts_with("shardId-")) digits.remove_prefix(8);
  const auto index = number_of(digits);
  if (!index || *index >= static_cast<std::int64_t>(stream.shards.size())) {
    return refusal("ResourceNotFoundException",
                   "Could not find shard " + std::string(shard_id) + place_of(stream) + ".");
  }
  return stream.shards[static_cast<std::size_t>(*index)].get();
}

Result<void> Service::Operations::list_shards(const Call& call, Input& in, AnswerWriter& out) {
  NamedStream named = read_stream_name(in);
  const auto token = in.text("NextToken", {.longest = 1'048'576});
  const auto after = in.text("ExclusiveStartShardId", {.longest = 128, .pattern = &kNamePattern});
  const auto limit = in.integer("MaxResults", {.most = 10'000});
  const bool filtered = !in.value("ShardFilter").is_null();
  const auto type = in.text("ShardFilter.Type", {.choices = kFilters, .required = filtered});
  const auto filter_shard =
      in.text("ShardFilter.ShardId", {.longest = 128, .pattern = &kNamePattern});
  const auto timestamp = in.timestamp("ShardFilter.Timestamp");
  KINESINK_TRY(in.verdict());

  Listing listing;
  std::optional<std::string> opened;
  if (token) {
    if (named.name || named.arn) {
      return refusal("InvalidArgumentException",
                     "NextToken and StreamName cannot be provided together.");
    }
    opened = open_token(*token);
    const auto resumed = opened ? resume(*opened) : std::nullopt;
    const Stream* stream = resumed ? store_.find(resumed->stream) : nullptr;
    if (stream == nullptr || stream->created_ms != resumed->stream_created_ms) {
      return refusal("InvalidArgumentException", "NextToken is invalid.");
    }
    if (call.now_ms - resumed->made_ms > kNextTokenLifeMs) {
      return refusal("ExpiredNextTokenException", "The NextToken expired: it lives 300 seconds.");
    }
    named.name = resumed->stream;
    listing = resumed->listing;
  } else if (type) {
    const bool by_time = *type == "AT_TIMESTAMP" || *type == "FROM_TIMESTAMP";
    const bool by_shard = *type == "AFTER_SHARD_ID";
    if (by_time != timestamp.has_value() || by_shard != filter_shard.has_value()) {
      return invalid_filter();
    }
    listing = {*type, timestamp.value_or(0), 0};
  }
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  for (const auto& start : {after, filter_shard}) {
    if (!start) continue;
    KINESINK_ASSIGN(const Shard* shard, resolve_shard(*stream, *start));
    listing.first = std::max(listing.first, shard->index + 1);
  }
  std::vector<const Shard*> page;
  const auto most =
      static_cast<std::size_t>(std::min(limit.value_or(kShardsPerPage), kShardsPerPage));
  bool more = false;
  for (std::size_t at = listing.first; at < stream->shards.size() && !more; ++at) {
    if (!shows(listing, *stream->shards[at])) continue;
    more = page.size() == most;
    if (!more) page.push_back(stream->shards[at].get());
  }
  out.map(more ? 2 : 1);
  out.key("Shards").list(page.size());
  for (const Shard* shard : page) write_shard(*shard, out);
  out.end_list();
  if (more) {
    listing.first = page.back()->index + 1;
    out.key("NextToken").text(token_of(listing, *stream, call.now_ms));
  }
  out.end_map();
  return {};
}

Result<void> Service::Operations::split_shard(const Call& call, Input& in, AnswerWriter&) {
  const NamedStream named = read_stream_name(in);
  const auto shard_id =
      in.text("ShardToSplit", {.longest = 128, .pattern = &kNamePattern, .required = true});
  const auto start =
      in.text("NewStartingHashKey", {.shortest = 0, .pattern = &kHashKeyPattern, .required = true});
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  KINESINK_ASSIGN(Shard * shard, resolve_shard(*stream, *shard_id));
  KINESINK_TRY(check_shard_limit(1));
  const auto key = kinesis::parse_hash_key(*start);
  if (!key || *key <= shard->range.first + 1 || *key >= shard->range.last) {
    return refusal("InvalidArgumentException",
                   "NewStartingHashKey " + std::string(*start) + " used in SplitShard() on shard " +
                       shard->id() + place_of(*stream) +
                       " is not both greater than one plus the shard's StartingHashKey " +
                       kinesis::to_decimal(shard->range.first) +
                       " and less than the shard's EndingHashKey " +
                       kinesis::to_decimal(shard->range.last) + ".");
  }
  KINESINK_TRY(resolve_active(named, call.now_ms));
  if (!shard->is_open()) {
    return refusal("InvalidArgumentException",
                   "Shard " + shard->id() + place_of(*stream) +
                       " has already been merged or split, and thus is not eligible for merging "
                       "or splitting.");
  }
  store_.split(*stream, *shard, *key, call.now_ms);
  stream->active_ms =
      call.now_ms +
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.stream_delay).count();
  store_.keep(*stream);
  return {};
}

Result<void> Service::Operations::merge_shards(const Call& call, Input& in, AnswerWriter&) {
  const NamedStream named = read_stream_name(in);
  const Input::TextRule rule = {.longest = 128, .pattern = &kNamePattern, .required = true};
  const auto first_id = in.text("ShardToMerge", rule);
  const auto second_id = in.text("AdjacentShardToMerge", rule);
  KINESINK_TRY(in.verdict());
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  KINESINK_ASSIGN(Shard * first, resolve_shard(*stream, *first_id));
  KINESINK_ASSIGN(Shard * second, resolve_shard(*stream, *second_id));
  Shard* lower = first->range.first <= second->range.first ? first : second;
  Shard* upper = lower == first ? second : first;
  if (lower == upper || !lower->is_open() || !upper->is_open() ||
      lower->range.last + 1 != upper->range.first) {
    return refusal("InvalidArgumentException",
                   "Shards " + first->id() + " and " + second->id() + place_of(*stream) +
                       " are not an adjacent pair of shards eligible for merging");
  }
  KINESINK_TRY(resolve_active(named, call.now_ms));
  store_.merge(*stream, *lower, *upper, call.now_ms);
  stream->active_ms =
      call.now_ms +
      std::chrono::duration_cast<std::chrono::milliseconds>(options_.stream_delay).count();
  store_.keep(*stream);
  return {};
}

}  // namespace kinesink::local
