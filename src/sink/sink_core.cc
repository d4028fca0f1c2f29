#include "sink/sink_core.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "sink/schema_file.h"

namespace kinesink::sink {
namespace {

constexpr Duration kStatusPollInterval = std::chrono::milliseconds(500);

partition::PartitionOptions partition_options(const SinkOptions& options) {
  partition::PartitionOptions chosen;
  chosen.source = options.partition_key;
  chosen.constant = options.partition_key_constant;
  chosen.column = options.partition_key_column;
  chosen.on_bad_key = options.on_bad_key;
  chosen.explicit_hash_key_column = options.explicit_hash_key_column;
  return chosen;
}

delivery::DeliveryOptions delivery_options(const SinkOptions& options) {
  delivery::DeliveryOptions chosen;
  chosen.retry = options.retry;
  chosen.checkpoint_retry = options.checkpoint_retry;
  chosen.max_in_flight = options.max_in_flight;
  chosen.on_refused = options.on_refused;
  chosen.on_exhausted = options.on_exhausted;
  chosen.max_rejected = options.max_rejected;
  return chosen;
}

// The Region inside arn:partition:kinesis:REGION:account:stream/name; empty if it is no ARN.
std::string region_of_arn(const std::string& arn) {
  if (!arn.starts_with("arn:")) return {};
  std::size_t begin = 0;
  for (int colon = 0; colon < 3; ++colon) {
    begin = arn.find(':', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return arn.substr(begin, arn.find(':', begin) - begin);
}

Error forked_error() {
  return make_error(
      ErrorKind::closed,
      "this sink was made before a fork and cannot be used in the child: make a new one there");
}

}  // namespace

SinkCore::SinkCore(SinkOptions options, std::optional<Client> client)
    : options_(std::move(options)),
      client_(std::move(client)),
      process_(::getpid()),
      keeper_(options_.serializer) {}

SinkCore::~SinkCore() {
  if (::getpid() != process_) {
    // The threads behind these objects exist in the parent only: freeing them here could wait for
    // ever.
    new std::shared_ptr<Engine>(std::move(engine_));
    new std::optional<Client>(std::move(client_));
    return;
  }
  if (engine_ != nullptr) {
    engine_->abandon(make_error(ErrorKind::cancelled, "the sink was destroyed before on_close"));
    engine_->let_go();
  }
}

std::string SinkCore::stream_name() const {
  const std::string& stream = options_.stream_name;
  const std::size_t slash = stream.starts_with("arn:") ? stream.rfind('/') : std::string::npos;
  return slash == std::string::npos ? stream : stream.substr(slash + 1);
}

Result<void> SinkCore::ready() const {
  if (::getpid() != process_) return forked_error();
  switch (state_) {
    case State::created:
      return make_error(ErrorKind::invalid_argument, "call on_start before anything else");
    case State::closed:
      return make_error(ErrorKind::closed, "the sink is closed");
    case State::started:
      break;
  }
  if (std::optional<Error> failed = engine_->failure()) return *std::move(failed);
  return {};
}

Result<void> SinkCore::start() {
  if (::getpid() != process_) return forked_error();
  if (state_ != State::created) {
    return make_error(ErrorKind::invalid_argument, "on_start was called before");
  }
  KINESINK_TRY(validate(options_));
  KINESINK_TRY(format::ArrowSerializer::check(options_.serializer));
  KINESINK_TRY(load_schema(options_.serializer));
  KINESINK_TRY(open());
  state_ = State::started;
  return {};
}

Result<void> SinkCore::open() {
  if (!client_) {
    if (options_.client.aws_region.empty()) {
      options_.client.aws_region = region_of_arn(options_.stream_name);
    }
    KINESINK_ASSIGN(client_, Client::open(options_.client));
  }
  const std::shared_ptr<client::ClientCore>& core = client_->core();
  const kinesis::StreamReference stream{options_.stream_name};
  const Instant deadline = core->loop().now() + options_.stream_active_timeout;
  KINESINK_ASSIGN(const kinesis::Wire wire, core->choose_wire(stream, deadline));
  KINESINK_ASSIGN(const client::StreamSummary summary, wait_until_active(stream));
  KINESINK_ASSIGN(auto dead_letters, DeadLetterOutput::open(options_));

  std::size_t record_size = summary.max_record_bytes.value_or(kinesis::kDefaultMaxRecordBytes);
  if (options_.record_size_limit != 0)
    record_size = std::min(record_size, options_.record_size_limit);
  limits_ = {options_.flush_config.max_record_count, options_.flush_config.max_data_size,
             record_size};
  if (options_.seed == 0) options_.seed = random_seed();

  EngineOptions engine;
  const std::size_t smallest = BodyPool::smallest_bound(
      {wire, stream, limits_.max_record_count, limits_.max_data_size, record_size});
  if (options_.max_buffered_bytes < smallest) {
    return make_error(
        ErrorKind::invalid_argument,
        "max_buffered_bytes is " + std::to_string(options_.max_buffered_bytes) +
            " bytes; with this max_data_size and the stream's record limit it must be at least " +
            std::to_string(smallest));
  }
  engine.shape = {wire, stream, limits_.max_record_count, limits_.max_data_size, record_size};
  engine.max_buffered_bytes = options_.max_buffered_bytes;
  engine.max_age = options_.flush_config.max_age;
  engine.block_timeout = options_.block_timeout;
  engine.delivery = delivery_options(options_);
  engine.seed = options_.seed;
  engine_ = std::make_shared<Engine>(std::move(engine), core, std::move(dead_letters));
  return {};
}

Result<client::StreamSummary> SinkCore::wait_until_active(const kinesis::StreamReference& stream) {
  client::ClientCore& core = *client_->core();
  const Instant deadline = core.loop().now() + options_.stream_active_timeout;
  std::mutex mutex;
  std::condition_variable never;
  for (bool fresh = false;; fresh = true) {
    auto described = core.describe_stream_summary(stream, fresh, deadline);
    if (!described) {
      // A writer may lack kinesis:DescribeStreamSummary: the limits are then the defaults.
      const bool denied = described.error().aws_code == "AccessDeniedException";
      if (!denied) return std::move(described).error();
      core.log().write(LogLevel::warning, "sink",
                       "DescribeStreamSummary is denied: the record limit is taken to be 1 MiB",
                       {{"stream", stream.text}});
      return client::StreamSummary{};
    }
    if (described->status == client::StreamStatus::deleting) {
      return make_error(ErrorKind::not_found, "stream " + stream.text + " is being deleted");
    }
    if (described->status != client::StreamStatus::creating) return *std::move(described);
    if (core.loop().now() + kStatusPollInterval >= deadline) {
      return make_error(ErrorKind::timeout,
                        "stream " + stream.text +
                            " did not become active within stream_active_timeout (" +
                            std::to_string(options_.stream_active_timeout.count()) + " ms)");
    }
    std::unique_lock lock(mutex);
    core.loop().wait(
        lock, never, [] { return false; }, core.loop().now() + kStatusPollInterval);
  }
}

Result<void> SinkCore::plan(const ArrowSchema& schema) {
  KINESINK_ASSIGN(columnar::Schema imported, columnar::import_schema(schema));
  if (serializer_ && imported == schema_) return {};
  serializer_.reset();
  partitioner_.reset();
  schema_ = std::move(imported);
  KINESINK_ASSIGN(auto serializer, format::ArrowSerializer::make(schema_, options_.serializer));
  KINESINK_ASSIGN(auto partitioner, partition::Partitioner::make(
                                        schema_, partition_options(options_), options_.seed++));
  for (const std::string& note : serializer.notes()) {
    client_->core()->log().write(LogLevel::info, "format", note,
                                 {{"stream", options_.stream_name}});
  }
  serializer_.emplace(std::move(serializer));
  partitioner_.emplace(std::move(partitioner));
  return {};
}

Result<std::int64_t> SinkCore::accept(RecordBatchView batch, std::int64_t first_row, bool wait) {
  KINESINK_TRY(ready());
  if (batch.array == nullptr || batch.schema == nullptr || batch.array->release == nullptr ||
      batch.schema->release == nullptr) {
    return make_error(ErrorKind::invalid_argument, "the batch or its schema is null or released");
  }
  KINESINK_TRY(plan(*batch.schema));
  KINESINK_TRY(columnar::view_batch(schema_, *batch.array, batch_));
  if (first_row < 0 || first_row > batch_.length) {
    return make_error(ErrorKind::invalid_argument, "first_row " + std::to_string(first_row) +
                                                       " is outside the batch of " +
                                                       std::to_string(batch_.length) + " rows");
  }
  KINESINK_TRY(serializer_->bind(batch_));
  KINESINK_TRY(partitioner_->bind(batch_));
  carry_.full = false;
  first_rejected_.reset();
  rejected_count_ = 0;
  auto taken = serializer_->visit([&]<typename Plan>(Plan& plan) {
    if (options_.framing == Framing::none)
      return fill(RowFiller<Plan>(plan, *partitioner_, limits_, carry_), first_row, wait);
    const Packing packing{options_.framing, options_.packed_record_size};
    return fill(PackFiller<Plan>(plan, *partitioner_, limits_, packing), first_row, wait);
  });
  if (first_rejected_) {
    Error error = rejected_error();
    engine_->fail_callers(error);
    return error;
  }
  return taken;
}

template <typename Filler>
Result<std::int64_t> SinkCore::fill(Filler filler, std::int64_t first_row, bool wait) {
  const std::int64_t end = batch_.length;
  std::int64_t row = first_row;
  Engine::Body body;
  while (row < end) {
    if (body == nullptr) {
      auto opened = engine_->open_body(wait);
      if (!opened) {
        engine_->park(nullptr, sequence_);
        if (opened.error().kind == ErrorKind::would_block && !wait) return row - first_row;
        return std::move(opened).error();
      }
      body = *std::move(opened);
    }
    const std::int64_t block_end = std::min(end, row + Filler::kRowsPerBlock);
    const FillResult filled = filler.fill(*body, row, block_end, sequence_);
    sequence_ += filled.next_row - row;
    row = filled.next_row;
    if (filled.end == FillEnd::skipped || filled.end == FillEnd::rejected) {
      const bool must_wait = settle_unwritten(filled.end, row, filler.error());
      ++row;
      if (must_wait) {
        engine_->park(std::move(body), sequence_);
        continue;
      }
    }
    const bool full = filled.end == FillEnd::full || filled.end == FillEnd::carried;
    if (full || engine_->is_old() || body->record_count() >= limits_.max_record_count ||
        body->data_size() >= limits_.max_data_size) {
      engine_->submit(std::move(body), sequence_);
    }
  }
  engine_->park(std::move(body), sequence_);
  return row - first_row;
}

// True if the open body must be parked, so that opening it waits for dead letters.
bool SinkCore::settle_unwritten(FillEnd end, std::int64_t row, const Error& error) {
  const std::int64_t sequence = sequence_++;
  if (end == FillEnd::skipped) {
    engine_->row_skipped();
    return false;
  }
  Error told = error;
  if (!told.row) told.row = row;
  if (options_.on_invalid == OnReject::dead_letter) {
    Result<delivery::Keepsake> kept =
        keeper_.keep(*serializer_, *partitioner_, schema_, batch_, row);
    if (kept) return engine_->row_rejected(sequence, told, *std::move(kept));
    told = std::move(kept).error();
  }
  engine_->row_abandoned(sequence);
  ++rejected_count_;
  if (!first_rejected_) first_rejected_ = std::move(told);
  return false;
}

Error SinkCore::rejected_error() const {
  Error error = *first_rejected_;
  if (rejected_count_ > 1) {
    error.message += "; " + std::to_string(rejected_count_ - 1) +
                     " more rows of the batch cannot be stored either";
  }
  if (options_.on_invalid == OnReject::fail)
    error.message += " (on_invalid = dead_letter would set such rows aside)";
  return error;
}

Result<void> SinkCore::checkpoint(CheckpointBarrier) {
  KINESINK_TRY(ready());
  return engine_->checkpoint_and_wait(client_->core()->loop().now() + options_.checkpoint_timeout);
}

Result<void> SinkCore::checkpoint_async(CheckpointBarrier, KinesisSink::CheckpointCallback done) {
  KINESINK_TRY(ready());
  if (!done) return make_error(ErrorKind::invalid_argument, "the checkpoint callback is empty");
  engine_->checkpoint(client_->core()->loop().now() + options_.checkpoint_timeout, std::move(done));
  return {};
}

Result<void> SinkCore::tick() {
  KINESINK_TRY(ready());
  engine_->tick();
  return {};
}

Result<void> SinkCore::close() {
  if (::getpid() != process_) return forked_error();
  if (closed_with_) return *closed_with_;
  Result<void> result;
  if (engine_ != nullptr) {
    // After a failure what can still be stored is: the error is returned all the same.
    result = engine_->checkpoint_and_wait(client_->core()->loop().now() + options_.close_timeout);
    const std::optional<Error> failed = engine_->failure();
    if (failed) result = *failed;
    engine_->abandon(make_error(ErrorKind::closed, "the sink is closed"));
  }
  state_ = State::closed;
  closed_with_ = result;
  return result;
}

std::vector<RowRange> SinkCore::settled_rows() const {
  return engine_ == nullptr ? std::vector<RowRange>() : engine_->settled_rows();
}

Stats SinkCore::stats() const { return engine_ == nullptr ? Stats{} : engine_->stats(); }

}  // namespace kinesink::sink
