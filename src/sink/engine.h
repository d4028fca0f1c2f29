// Executes what delivery decides, over a client: sends, timers, dead letters, checkpoints. All of a
// sink that can happen while no caller is in it.
//
// Full bodies are gathered until there are as many as are hashed best together, or the caller
// leaves; he hashes them, and signs and sends what may be sent at once, while they are in his
// core's cache. What has to wait for an answer is sent by the loop thread that gets it.
//
// Threads: the caller's side is used by one thread at a time; completions and timers come from the
// client's loop threads. One lock guards all; it is taken per request, never per row. Nothing is
// hashed, signed or sent, and no user callback runs, with the lock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "client/client_core.h"
#include "delivery/delivery.h"
#include "kinesink/sink.h"
#include "sink/body_pool.h"
#include "sink/dead_letter_output.h"

namespace kinesink::sink {

struct EngineOptions {
  BodyShape shape;
  std::size_t max_buffered_bytes = 0;
  Duration max_age{};
  Duration block_timeout{};
  delivery::DeliveryOptions delivery;
  std::uint64_t seed = 0;
};

// Shared by the sink and by the callbacks of its requests and timers: the last of them frees it.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  using Body = delivery::Body;
  using CheckpointCallback = KinesisSink::CheckpointCallback;

  Engine(EngineOptions options, std::shared_ptr<client::ClientCore> client,
         std::unique_ptr<DeadLetterOutput> dead_letters);

  // --- the caller's side
  // The open body: the parked one or a new one. Waits for room at most block_timeout, or, without
  // `wait`, not at all (would_block). Also gives the sticky error.
  Result<Body> open_body(bool wait);
  // The caller leaves, perhaps with a body that is not full, which the age timer may seal from now
  // on. `received`: rows so far.
  void park(Body body, std::int64_t received);
  // The body is full, or old enough. It goes at once, or together with the next ones.
  void submit(Body body, std::int64_t received);
  // The open body reached max_age while the caller holds it. Any thread, no lock.
  bool is_old() const { return old_.load(std::memory_order_relaxed); }
  // Rows that never became a record. Rejected: to the dead letter; true if so many wait to be
  // written that the caller must park its body and open it again, which waits for them. Abandoned:
  // there is none, see fail_callers.
  void row_skipped();
  bool row_rejected(std::int64_t row, const Error& error, delivery::Keepsake kept);
  void row_abandoned(std::int64_t row);
  // Callers get `error` from now on; what was accepted still goes.
  void fail_callers(const Error& error);
  std::optional<Error> failure() const;

  // Sends the parked body if it is old.
  void tick();
  // Covers all rows received; `done` runs once, on a loop thread.
  void checkpoint(Instant deadline, CheckpointCallback done);
  Result<void> checkpoint_and_wait(Instant deadline);
  // Gives up what is not settled and cancels requests and timers, without waiting.
  void abandon(const Error& reason);

  // After abandon(): waits until the cancelled requests have come back and the loop has let go of
  // this engine, so that it ends on the caller's thread. Local work, no network; gives up after a
  // second.
  void let_go();

  Stats stats() const;
  // Ascending, disjoint: rows that are stored, durably in the dead-letter output, or skipped.
  std::vector<RowRange> settled_rows() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  struct Gathered {
    Body body;
    Instant accepted;       // when it was opened
    std::int64_t received;  // rows up to its last
  };

  // With the lock:
  void gather(Body body);
  void seal_parked();
  void drive();
  void execute(delivery::Send&& action);
  void execute(delivery::Release&& action);
  void execute(delivery::RefreshCredentials&& action);
  void execute(delivery::DeadLetter&& action);
  void execute(delivery::CheckpointDone&& action);
  void arm_timer();
  std::size_t held_bytes() const;
  bool has_room() const;
  bool is_fast() const;
  bool may_open() const;
  // Without the lock:
  void hash(std::span<const Gathered> gathered);
  // Taking the lock off meanwhile:
  void wait_to_open(Lock& lock);
  void release_gathered(Lock& lock);
  void send(Lock& lock);

  // On a loop thread:
  void on_timer();
  void on_outcome(delivery::RequestId request, client::PutRecordsOutcome outcome);
  void write_dead_letters();
  void run_finished();
  http::EventLoop& loop() const { return client_->loop(); }

  struct Finished {
    CheckpointCallback done;
    Result<void> result;
  };

  const std::shared_ptr<client::ClientCore> client_;  // shared with other sinks
  const Duration max_age_;
  const Duration block_timeout_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  BodyPool pool_;
  delivery::Delivery delivery_;
  std::unique_ptr<DeadLetterOutput> dead_letter_output_;
  std::vector<delivery::DeadLetter> dead_letters_;  // to be written
  std::size_t letter_bytes_ = 0;                    // of those, and of those being written
  bool writing_dead_letters_ = false;

  Body parked_;
  std::vector<Gathered> gathered_;  // full, not yet delivery's; only while the caller is here
  std::size_t gathered_bytes_ = 0;
  Instant accepted_{};         // when the open body was opened
  Instant open_due_ = kNever;  // when it, parked or not, or a gathered one reaches max_age
  std::atomic<bool> old_{false};
  std::int64_t received_ = 0;  // rows, sealed or not
  std::int64_t sealed_ = 0;    // no row below it is in the open body or a gathered one
  bool caller_waits_ = false;  // in open_body
  Instant last_answer_ = Instant::min();

  std::unordered_map<delivery::RequestId, client::ClientCore::CallId> calls_;
  std::vector<client::PutRecordsCall> outgoing_;  // to be sent without the lock
  std::map<delivery::CheckpointId, CheckpointCallback> checkpoints_;
  delivery::CheckpointId next_checkpoint_ = 1;
  std::vector<Finished> finished_;
  bool running_finished_ = false;
  http::EventLoop::TimerId timer_ = 0;
  Instant timer_at_ = kNever;
};

}  // namespace kinesink::sink
