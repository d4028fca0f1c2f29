// The caller's side of a sink: checks batches, writes rows into the open body, hands full bodies to
// the engine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "columnar/column.h"
#include "format/serializer.h"
#include "kinesink/sink.h"
#include "partition/partitioner.h"
#include "sink/engine.h"
#include "sink/pack_filler.h"
#include "sink/row_filler.h"
#include "sink/row_keeper.h"

namespace kinesink::sink {

class SinkCore {
 public:
  SinkCore(SinkOptions options, std::optional<Client> client);
  ~SinkCore();

  std::string name() const { return "kinesis-producer-" + stream_name(); }
  const std::optional<Client>& client() const { return client_; }
  Result<void> start();
  // Rows accepted from `first_row` on. With `wait` all of them, or an error; else as many as there
  // is room for.
  Result<std::int64_t> accept(RecordBatchView batch, std::int64_t first_row, bool wait);
  Result<void> checkpoint(CheckpointBarrier barrier);
  Result<void> checkpoint_async(CheckpointBarrier barrier, KinesisSink::CheckpointCallback done);
  Result<void> tick();
  Result<void> close();
  Stats stats() const;
  std::vector<RowRange> settled_rows() const;

 private:
  enum class State : std::uint8_t { created, started, closed };

  std::string stream_name() const;
  Result<void> ready() const;
  Result<void> open();
  Result<client::StreamSummary> wait_until_active(const kinesis::StreamReference& stream);
  Result<void> plan(const ArrowSchema& schema);
  template <typename Filler>
  Result<std::int64_t> fill(Filler filler, std::int64_t first_row, bool wait);
  bool settle_unwritten(FillEnd end, std::int64_t row, const Error& error);
  Error rejected_error() const;

  SinkOptions options_;
  std::optional<Client> client_;  // shared with the user, or our own
  const pid_t process_;           // the one that made the sink
  State state_ = State::created;
  std::optional<Result<void>> closed_with_;
  std::shared_ptr<Engine> engine_;  // shared with the callbacks of requests in flight and timers

  // The plan for the current schema. Between calls nothing of a batch is kept.
  columnar::Schema schema_;
  columnar::Batch batch_;
  std::optional<format::ArrowSerializer> serializer_;
  std::optional<partition::Partitioner> partitioner_;
  RowKeeper keeper_;
  RecordLimits limits_;
  Carry carry_;
  std::int64_t sequence_ = 0;  // of the next row: rows received so far

  // The rows that this call could not express, on_invalid = fail.
  std::optional<Error> first_rejected_;
  std::int64_t rejected_count_ = 0;
};

}  // namespace kinesink::sink
