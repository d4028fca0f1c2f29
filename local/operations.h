// The operations of the local service over its store: one method per call, each checks its input in
// the service's order (types, model constraints, the resource, the rest) and writes its answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "kinesis/put_records_request.h"
#include "local/answer_writer.h"
#include "local/input.h"
#include "local/journal.h"
#include "local/service.h"
#include "local/store.h"

namespace kinesink::local {

// Limits of the account.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
inline constexpr std::int64_t kShardLimit = 20'000;
inline constexpr std::int64_t kOnDemandStreamLimit = 50;
inline constexpr std::int64_t kOnDemandShards = 4;
inline constexpr std::int64_t kRetentionHours = 24;
inline constexpr std::int64_t kIteratorLifeMs = 300'000;
inline constexpr std::int64_t kNextTokenLifeMs = 300'000;
inline constexpr std::int64_t kShardsPerPage = 1000;
inline constexpr std::int64_t kShardsPerDescription = 100;
inline constexpr std::int64_t kStreamsPerPage = 100;

// The stream a request names.
struct NamedStream {
  std::optional<std::string_view> name;
  std::optional<std::string_view> arn;
};
NamedStream read_stream_name(Input& in);

// Tokens that clients hand back (iterators, NextToken): opaque to them; changed ones are noticed.
std::string seal_token(std::string_view content);
std::optional<std::string> open_token(std::string_view token);
// The parts between slashes.
std::vector<std::string_view> parts_of(std::string_view content);
std::optional<std::int64_t> number_of(std::string_view digits);
// "Thu Jan 22 01:22:02 UTC 2015", as in the service's messages.
std::string to_utc_text(std::int64_t milliseconds);

void write_shard(const Shard& shard, AnswerWriter& out);

class Service::Operations {
 public:
  explicit Operations(ServiceOptions given);

  void handle(const http::Request& request, WallTime now, http::Response& response,
              const EntryFaults& faults);

  Result<void> keep_in(const DataFolder& folder, std::string& note);
  // A change may be in the store and not in the journal: nothing more is acknowledged.
  void memory_ran_out() { unsure_ = true; }

  const ServiceOptions& options() const { return options_; }
  const Store& store() const { return store_; }
  const ServiceCounters& counters() const { return counters_; }

 private:
  // What an operation needs beside its input.
  struct Call {
    kinesis::Wire wire;
    std::string_view body;
    std::int64_t now_ms;
    const EntryFaults& faults;
  };
  using Operation = Result<void> (Operations::*)(const Call&, Input&, AnswerWriter&);
  struct Row {
    std::string_view name;
    Operation operation;
  };
  static const Row* find_row(std::string_view name);

  // streams (stream_operations.cc)
  Result<void> create_stream(const Call&, Input&, AnswerWriter&);
  Result<void> delete_stream(const Call&, Input&, AnswerWriter&);
  Result<void> describe_stream(const Call&, Input&, AnswerWriter&);
  Result<void> describe_stream_summary(const Call&, Input&, AnswerWriter&);
  Result<void> list_streams(const Call&, Input&, AnswerWriter&);
  Result<void> update_max_record_size(const Call&, Input&, AnswerWriter&);
  Result<void> describe_limits(const Call&, Input&, AnswerWriter&);
  // shards (shard_operations.cc)
  Result<void> list_shards(const Call&, Input&, AnswerWriter&);
  Result<void> split_shard(const Call&, Input&, AnswerWriter&);
  Result<void> merge_shards(const Call&, Input&, AnswerWriter&);
  // writing (put_operations.cc)
  Result<void> put_record(const Call&, Input&, AnswerWriter&);
  Result<void> put_records(const Call&, AnswerWriter&);
  // reading (get_operations.cc)
  Result<void> get_shard_iterator(const Call&, Input&, AnswerWriter&);
  Result<void> get_records(const Call&, Input&, AnswerWriter&);

  Result<void> answer(const http::Request& request, const Call& call, std::string_view operation,
                      AnswerWriter& out);
  void write_head(std::string_view content_type, WallTime now, http::Response& response);

  Result<Stream*> resolve(const NamedStream& named);
  // The same; also refuses a stream that is not there for data yet.
  Result<Stream*> resolve_for_data(const NamedStream& named, std::int64_t now_ms);
  Result<Stream*> resolve_active(const NamedStream& named, std::int64_t now_ms);
  Result<Shard*> resolve_shard(Stream& stream, std::string_view shard_id) const;
  Result<void> check_shard_limit(std::int64_t more) const;
  Error stream_not_found(std::string_view name, std::string_view account) const;
  std::string stream_arn(std::string_view name) const;
  std::string status_of(const Stream& stream, std::int64_t now_ms) const;
  // " in stream NAME under account ACCOUNT", the tail of many messages.
  std::string place_of(const Stream& stream) const;

  // What becomes of one entry: stored (nothing), or the fault.
  EntryFault admit(const Call& call, Stream& stream, Shard& shard, std::size_t size);
  // Writes the record's sequence number: kSequenceDigits bytes.
  void store(const Call& call, const Stream& stream, Shard& shard, std::string_view data,
             std::string_view key, char* sequence);
  Result<void> check_sizes(const kinesis::PutRecordsRequest& request, const Stream& stream) const;
  std::string throttled_message(const Stream& stream, const Shard& shard) const;

  // Writes down what has changed; the error is the answer to the request that changed it.
  Result<void> commit();

  ServiceOptions options_;
  std::unique_ptr<Journal> journal_;  // nothing: in memory only
  Store store_;
  ServiceCounters counters_;
  Random random_;
  // Their memory is used again.
  kinesis::PutRecordsRequest put_request_;
  std::vector<kinesis::HashKey> hashes_;
  bool unsure_ = false;
  bool started_ = false;  // the streams of the options exist
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace kinesink::local
