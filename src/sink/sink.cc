// The public face: what it forwards to is in sink_core.h.
#include "kinesink/sink.h"

#include <utility>

#include "sink/sink_core.h"

namespace kinesink {

KinesisSink::KinesisSink(SinkOptions options)
    : core_(std::make_unique<sink::SinkCore>(std::move(options), std::nullopt)) {}
KinesisSink::KinesisSink(SinkOptions options, Client client)
    : core_(std::make_unique<sink::SinkCore>(std::move(options), std::move(client))) {}
KinesisSink::KinesisSink(KinesisSink&&) noexcept = default;
KinesisSink& KinesisSink::operator=(KinesisSink&&) noexcept = default;
KinesisSink::~KinesisSink() = default;

std::string KinesisSink::name() const { return core_->name(); }

const std::optional<Client>& KinesisSink::client() const { return core_->client(); }

Result<void> KinesisSink::on_start() { return core_->start(); }

Result<void> KinesisSink::process_batch(RecordBatchView batch) {
  KINESINK_TRY(core_->accept(batch, 0, true));
  return {};
}

Result<std::int64_t> KinesisSink::try_process_batch(RecordBatchView batch, std::int64_t first_row) {
  return core_->accept(batch, first_row, false);
}

Result<void> KinesisSink::handle_checkpoint(CheckpointBarrier barrier) {
  return core_->checkpoint(barrier);
}

Result<void> KinesisSink::handle_checkpoint_async(CheckpointBarrier barrier,
                                                  CheckpointCallback done) {
  return core_->checkpoint_async(barrier, std::move(done));
}

std::future<Result<void>> KinesisSink::handle_checkpoint_future(CheckpointBarrier barrier) {
  // Shared by this function and the callback, which outlives it.
  auto promise = std::make_shared<std::promise<Result<void>>>();
  std::future<Result<void>> future = promise->get_future();
  Result<void> begun = core_->checkpoint_async(
      barrier, [promise](Result<void> result) { promise->set_value(std::move(result)); });
  if (!begun) promise->set_value(std::move(begun));
  return future;
}

Result<void> KinesisSink::handle_tick(std::uint64_t) { return core_->tick(); }

Result<void> KinesisSink::on_close() { return core_->close(); }

Stats KinesisSink::stats() const { return core_->stats(); }

std::vector<RowRange> KinesisSink::settled_rows() const { return core_->settled_rows(); }

}  // namespace kinesink
