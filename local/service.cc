#include "local/service.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <new>

#include "base/bytes.h"
#include "local/authorization.h"
#include "local/operations.h"

namespace kinesink::local {
namespace {

constexpr std::string_view kTargetPrefix = "Kinesis_20131202.";

// What the answer's __type says decides its status: faults of the service are 500.
int http_status_of(std::string_view code) { return code == "InternalFailure" ? 500 : 400; }

void write_error(const Error& error, AnswerWriter& out) {
  out.map(2);
  out.key("__type").text(error.aws_code);
  out.key("message").text(error.message);
  out.end_map();
}

// Sat, 22 Nov 2025 12:00:00 GMT (RFC 9110, section 5.6.7).
std::string to_http_date(std::int64_t second) {
  const std::time_t seconds = second;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

// A UUID of version 4 out of random bits.
void write_request_id(Random& random, std::string& text) {
  const std::array<std::uint64_t, 2> bits = {random.next(), random.next()};
  char digits[32];
  write_hex(bits.data(), sizeof(bits), digits);
  digits[12] = '4';
  digits[16] = 'a';
  text.assign(digits, 8);
  for (const auto& [begin, size] : {std::pair{8, 4}, {12, 4}, {16, 4}, {20, 12}}) {
    text.append("-").append(digits + begin, static_cast<std::size_t>(size));
  }
}

// The n-th header of an answer, whose memory is used again.
void set_header(http::Response& response, std::size_t at, std::string_view name,
                std::string_view value) {
  if (response.headers.size() <= at) response.headers.resize(at + 1);
  response.headers[at].name = name;
  response.headers[at].value = value;
}

}  // namespace

Result<std::vector<StreamToCreate>> parse_streams(std::string_view text) {
  std::vector<StreamToCreate> streams;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t colon = item.find(':');
    const std::string_view name = item.substr(0, colon);
    if (!kNamePattern.matches(name) || name.size() > kinesis::kMaxStreamNameCharacters) {
      return make_error(ErrorKind::invalid_argument,
                        "stream '" + std::string(item) +
                            "': the name must be 1 to 128 of letters, digits, '_', '.' and '-'");
    }
    std::int64_t shards = 1;
    if (colon != item.npos) {
      const auto number = number_of(item.substr(colon + 1));
      if (!number || *number < 1 || *number > kShardLimit) {
        return make_error(ErrorKind::invalid_argument, "stream '" + std::string(item) +
                                                           "': the number of shards must be 1 to " +
                                                           std::to_string(kShardLimit));
      }
      shards = *number;
    }
    streams.push_back({std::string(name), static_cast<std::uint32_t>(shards)});
  }
  return streams;
}

std::string_view operation_of(const http::Request& request) {
  const std::string_view target = request.header("X-Amz-Target");
  return target.starts_with(kTargetPrefix) ? target.substr(kTargetPrefix.size())
                                           : std::string_view();
}

Service::Operations::Operations(ServiceOptions given)
    : options_(std::move(given)),
      store_({.max_bytes = options_.max_stored_bytes, .discard = options_.discard}),
      random_(options_.seed) {}

const Service::Operations::Row* Service::Operations::find_row(std::string_view name) {
  using Self = Operations;
  static constexpr std::array<Row, 13> kRows = {{
      {"PutRecord", &Self::put_record},
      {"GetRecords", &Self::get_records},
      {"GetShardIterator", &Self::get_shard_iterator},
      {"DescribeStreamSummary", &Self::describe_stream_summary},
      {"DescribeStream", &Self::describe_stream},
      {"ListShards", &Self::list_shards},
      {"ListStreams", &Self::list_streams},
      {"CreateStream", &Self::create_stream},
      {"DeleteStream", &Self::delete_stream},
      {"SplitShard", &Self::split_shard},
      {"MergeShards", &Self::merge_shards},
      {"UpdateMaxRecordSize", &Self::update_max_record_size},
      {"DescribeLimits", &Self::describe_limits},
  }};
  const auto found = std::ranges::find(kRows, name, &Row::name);
  return found == kRows.end() ? nullptr : &*found;
}

Result<void> Service::Operations::answer(const http::Request& request, const Call& call,
                                         std::string_view operation, AnswerWriter& out) {
  const bool puts = operation == "PutRecords";
  const Row* row = puts ? nullptr : find_row(operation);
  if (!puts && row == nullptr) {
    return refusal("UnknownOperationException",
                   operation.empty()
                       ? "The X-Amz-Target header names no operation of Kinesis."
                       : "This server does not know the operation " + std::string(operation) + ".");
  }
  KINESINK_TRY(check_authorization(request, WallTime(std::chrono::milliseconds(call.now_ms)),
                                   options_.region, options_.verify_signatures));
  if (puts) return put_records(call, out);
  auto root = kinesis::decode(call.body, call.wire);
  if (!root) return refusal("SerializationException", root.error().message);
  Input in(*root);
  return (this->*row->operation)(call, in, out);
}

void Service::Operations::write_head(std::string_view content_type, WallTime now,
                                     http::Response& response) {
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = to_http_date(second);
  }
  response.headers.resize(3);
  set_header(response, 0, "x-amzn-RequestId", {});
  write_request_id(random_, response.headers[0].value);
  set_header(response, 1, "Content-Type", content_type);
  set_header(response, 2, "Date", date_);
}

void Service::Operations::handle(const http::Request& request, WallTime now,
                                 http::Response& response, const EntryFaults& faults) {
  const std::int64_t now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  if (!started_) {
    started_ = true;
    for (const auto& stream : options_.streams) {
      if (store_.find(stream.name) == nullptr) {
        store_.keep(store_.create(stream.name, stream.shards, now_ms, now_ms));
      }
    }
  }
  ++counters_.requests;
  // Without a type that says otherwise the service answers in CBOR only to CBOR.
  const auto wire =
      kinesis::wire_of(request.header("Content-Type"), request.body).value_or(kinesis::Wire::json);
  write_head(kinesis::content_type_of(wire), now, response);
  response.status = 200;
  response.body.clear();
  AnswerWriter out(wire, response.body);
  const Call call{wire, request.body, now_ms, faults};
  // What an earlier request could not write down comes first: until then nothing more is changed.
  Result<void> answered = commit();
  if (answered) answered = answer(request, call, operation_of(request), out);
  if (answered) answered = commit();
  if (!answered) {
    response.status = http_status_of(answered.error().aws_code);
    response.body.clear();
    AnswerWriter refused(wire, response.body);
    write_error(answered.error(), refused);
  }
}

Result<void> Service::Operations::keep_in(const DataFolder& folder, std::string& note) {
  KINESINK_ASSIGN(journal_, Journal::open(folder, store_, note));
  store_.tell(journal_.get());
  return {};
}

Result<void> Service::Operations::commit() {
  if (journal_ == nullptr) return {};
  if (unsure_) {
    return refusal("InternalFailure",
                   "memory ran out in the middle of a change: restart the server, which reads what "
                   "was acknowledged from --data-dir");
  }
  const Result<void> written = journal_->commit(store_);
  return written ? written : Result<void>(refusal("InternalFailure", written.error().message));
}

Error Service::Operations::stream_not_found(std::string_view name, std::string_view account) const {
  return refusal("ResourceNotFoundException", "Stream " + std::string(name) + " under account " +
                                                  std::string(account) + " not found.");
}

Result<Stream*> Service::Operations::resolve(const NamedStream& named) {
  std::string_view name = named.name.value_or("");
  if (named.arn) {
    // arn:aws:kinesis:REGION:ACCOUNT:stream/NAME
    const std::string_view arn = *named.arn;
    const std::string_view in_arn = arn.substr(arn.find(":stream/") + 8);
    const std::string_view account = arn.substr(arn.find(":stream/") - 12, 12);
    if (named.name && name != in_arn) {
      return refusal("InvalidArgumentException",
                     "StreamARN and StreamName name different streams.");
    }
    name = in_arn;
    const bool here = arn.find(":kinesis:" + options_.region + ":") != arn.npos;
    if (account != options_.account_id || !here) return stream_not_found(name, account);
  } else if (!named.name) {
    return refusal("InvalidArgumentException", "Either StreamName or StreamARN must be given.");
  }
  Stream* stream = store_.find(name);
  if (stream == nullptr) return stream_not_found(name, options_.account_id);
  return stream;
}

Result<Stream*> Service::Operations::resolve_for_data(const NamedStream& named,
                                                      std::int64_t now_ms) {
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  if (status_of(*stream, now_ms) == "CREATING") {
    return stream_not_found(stream->name, options_.account_id);
  }
  return stream;
}

Result<Stream*> Service::Operations::resolve_active(const NamedStream& named, std::int64_t now_ms) {
  KINESINK_ASSIGN(Stream * stream, resolve(named));
  const std::string status = status_of(*stream, now_ms);
  if (status != "ACTIVE") {
    return refusal("ResourceInUseException", "Stream " + stream->name + " under account " +
                                                 options_.account_id +
                                                 " not ACTIVE, instead in state " + status);
  }
  return stream;
}

Service::Service(ServiceOptions options)
    : operations_(std::make_unique<Operations>(std::move(options))) {}
Service::~Service() = default;

Result<void> Service::keep_in(const DataFolder& folder, std::string& note) {
  return operations_->keep_in(folder, note);
}

http::Response Service::handle(const http::Request& request, WallTime now) {
  http::Response response;
  handle(request, now, response);
  return response;
}

void Service::handle(const http::Request& request, WallTime now, http::Response& response,
                     const EntryFaults& faults) {
  try {
    operations_->handle(request, now, response, faults);
  } catch (const std::bad_alloc&) {
    operations_->memory_ran_out();
    response.status = 503;  // as a gateway before an overloaded service answers: no body
    response.headers.clear();
    response.body.clear();
  }
}

const ServiceOptions& Service::options() const { return operations_->options(); }
const Store& Service::store() const { return operations_->store(); }
const ServiceCounters& Service::counters() const { return operations_->counters(); }

}  // namespace kinesink::local
