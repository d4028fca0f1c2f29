// KinesisSink: the operator that writes record batches to a Kinesis data stream.
//
//   kinesink::SinkOptions options;
//   options.stream_name = "flights";
//   kinesink::KinesisSink sink(std::move(options));
//   if (auto started = sink.on_start(); !started) return started.error();
//   if (auto taken = sink.process_batch({&array, &schema}); !taken) return taken.error();
//   return sink.on_close();  // success: every row is stored
//
// Threads: one thread at a time calls a sink; stats() and settled_rows() may be called from any
// thread at any time. A forked child must not use an inherited sink: its calls return `closed`, and
// destroying it there does nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kinesink/client.h"
#include "kinesink/operator.h"
#include "kinesink/options.h"
#include "kinesink/result.h"
#include "kinesink/stats.h"

namespace kinesink {

namespace sink {
class SinkCore;
}

class KINESINK_EXPORT KinesisSink {
 public:
  // Nothing is opened before on_start. Without a client the sink opens its own from options.client.
  explicit KinesisSink(SinkOptions options);
  KinesisSink(SinkOptions options, Client client);
  KinesisSink(KinesisSink&&) noexcept;
  KinesisSink& operator=(KinesisSink&&) noexcept;
  // Never waits for the network: rows that are not settled are abandoned and counted. Call
  // on_close() first.
  ~KinesisSink();

  // "kinesis-producer-<stream>".
  std::string name() const;

  // The client that was given, or that on_start opened: for further sinks, which then share its
  // connections and credentials. Nothing before.
  const std::optional<Client>& client() const;

  // Checks options, stream and limits, and gets ready to accept. invalid_argument, not_found, auth,
  // permanent, timeout.
  Result<void> on_start();

  // Accepts all rows of the batch, which is borrowed: nothing of it is kept or released, also on
  // error. Blocks while the memory bound is reached, at most block_timeout. A row that cannot be
  // expressed does not keep the others from going; with on_invalid = fail the error, which names
  // it, is sticky: every later call returns it.
  Result<void> process_batch(RecordBatchView batch);
  // Accepts rows from `first_row` on while there is room and returns how many it took (0: call
  // again after a while).
  Result<std::int64_t> try_process_batch(RecordBatchView batch, std::int64_t first_row = 0);

  // Returns when every row accepted before it is settled, or with the error that prevents it, at
  // most checkpoint_timeout.
  Result<void> handle_checkpoint(CheckpointBarrier barrier);
  // The same without waiting: `done` runs on an I/O thread, in order of the calls, at most
  // checkpoint_timeout later; later rows flow.
  using CheckpointCallback = std::function<void(Result<void>)>;
  Result<void> handle_checkpoint_async(CheckpointBarrier barrier, CheckpointCallback done);
  std::future<Result<void>> handle_checkpoint_future(CheckpointBarrier barrier);

  // Sends what is older than max_age. Harmless at any rate: the sink has its own timer.
  Result<void> handle_tick(std::uint64_t tick);

  // Flushes, waits until all is settled (at most close_timeout) and closes. Idempotent: later calls
  // repeat the first answer.
  Result<void> on_close();

  Stats stats() const;
  // Ascending, disjoint: the rows that are stored, durably in the dead-letter output, or skipped.
  // What a program that reads files again after a crash need not send again. Rows of a batch that
  // is being accepted come in when its request is sealed. Costs time in proportion to what is
  // buffered.
  std::vector<RowRange> settled_rows() const;

 private:
  std::unique_ptr<sink::SinkCore> core_;
};

static_assert(ArrowOperator<KinesisSink>);

}  // namespace kinesink
