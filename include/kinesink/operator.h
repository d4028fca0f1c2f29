// ArrowOperator: what a stream engine calls, in the words of the Arroyo sink.
//
//   on_start -> (process_batch | handle_tick | handle_checkpoint)* -> on_close
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include "kinesink/arrow_c_data.h"
#include "kinesink/result.h"

namespace kinesink {

struct CheckpointBarrier {
  std::uint64_t epoch = 0;
  bool then_stop = false;  // the engine stops after this checkpoint; on_close follows
};

// A record batch at the Arrow C Data Interface: a struct array and its schema, both borrowed.
struct RecordBatchView {
  const ArrowArray* array = nullptr;
  const ArrowSchema* schema = nullptr;
};

template <typename T>
concept ArrowOperator = requires(T& op, const T& const_op, RecordBatchView batch,
                                 CheckpointBarrier barrier, std::uint64_t tick) {
  { const_op.name() } -> std::convertible_to<std::string>;
  { op.on_start() } -> std::same_as<Result<void>>;
  { op.process_batch(batch) } -> std::same_as<Result<void>>;
  { op.handle_checkpoint(barrier) } -> std::same_as<Result<void>>;
  { op.handle_tick(tick) } -> std::same_as<Result<void>>;
  { op.on_close() } -> std::same_as<Result<void>>;
};

// For engines that hold operators behind a pointer.
class AnyArrowOperator {
 public:
  virtual ~AnyArrowOperator() = default;
  virtual std::string name() const = 0;
  virtual Result<void> on_start() = 0;
  virtual Result<void> process_batch(RecordBatchView batch) = 0;
  virtual Result<void> handle_checkpoint(CheckpointBarrier barrier) = 0;
  virtual Result<void> handle_tick(std::uint64_t tick) = 0;
  virtual Result<void> on_close() = 0;
};

template <ArrowOperator T>
class ArrowOperatorAdapter final : public AnyArrowOperator {
 public:
  explicit ArrowOperatorAdapter(T op) : op_(std::move(op)) {}

  std::string name() const override { return op_.name(); }
  Result<void> on_start() override { return op_.on_start(); }
  Result<void> process_batch(RecordBatchView batch) override { return op_.process_batch(batch); }
  Result<void> handle_checkpoint(CheckpointBarrier barrier) override {
    return op_.handle_checkpoint(barrier);
  }
  Result<void> handle_tick(std::uint64_t tick) override { return op_.handle_tick(tick); }
  Result<void> on_close() override { return op_.on_close(); }

  T& get() { return op_; }

 private:
  T op_;
};

}  // namespace kinesink
