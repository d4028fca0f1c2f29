// What delivery decides, carried out; and what comes back on the loop's threads. The caller's side
// is in engine_caller.cc.
#include "sink/engine.h"

#include <utility>
#include <variant>

namespace kinesink::sink {
namespace {

std::size_t bytes_of(const delivery::DeadLetter& letter) {
  const delivery::Keepsake& kept = letter.kept;
  return sizeof(letter) + kept.payload.size() + kept.columns.size() + kept.partition_key.size() +
         kept.explicit_hash_key.size() + letter.message.size();
}

}  // namespace

Engine::Engine(EngineOptions options, std::shared_ptr<client::ClientCore> client,
               std::unique_ptr<DeadLetterOutput> dead_letters)
    : client_(std::move(client)),
      max_age_(options.max_age),
      block_timeout_(options.block_timeout),
      pool_(options.shape, options.max_buffered_bytes),
      delivery_(
          options.delivery, options.shape.make(), [shape = options.shape] { return shape.make(); },
          options.seed),
      dead_letter_output_(std::move(dead_letters)) {}

Stats Engine::stats() const {
  const Lock lock(mutex_);
  Stats stats = delivery_.stats();
  // Rows in the open body are received and pending, though delivery has not seen them.
  const auto received = static_cast<std::uint64_t>(received_);
  if (received > stats.received) {
    stats.pending += received - stats.received;
    stats.received = received;
  }
  stats.buffered_bytes = held_bytes() + pool_.idle_bytes();
  return stats;
}

std::vector<RowRange> Engine::settled_rows() const {
  const Lock lock(mutex_);
  std::vector<RowRange> settled;
  std::int64_t from = 0;
  for (const RowRange& unsettled : delivery_.unsettled_rows()) {
    if (unsettled.begin >= sealed_) break;
    if (from < unsettled.begin) settled.push_back({from, unsettled.begin});
    from = unsettled.end;
  }
  if (from < sealed_) settled.push_back({from, sealed_});
  return settled;
}

std::size_t Engine::held_bytes() const {
  return delivery_.buffered_bytes() + letter_bytes_ + gathered_bytes_ +
         (parked_ != nullptr ? parked_->committed_bytes() : 0);
}

// --- executing actions

void Engine::drive() {
  const Instant now = loop().now();
  while (std::optional<delivery::Action> action = delivery_.next_action(now)) {
    std::visit([this](auto&& one) { execute(std::move(one)); }, *std::move(action));
  }
  if (!dead_letters_.empty() && !writing_dead_letters_) {
    writing_dead_letters_ = true;
    loop().post([self = shared_from_this()] { self->write_dead_letters(); });
  }
  if (!finished_.empty() && !running_finished_) {
    running_finished_ = true;
    loop().post([self = shared_from_this()] { self->run_finished(); });
  }
  if (letter_bytes_ > 0) pool_.trim(held_bytes());
  arm_timer();
  if (caller_waits_ && may_open()) changed_.notify_all();
}

void Engine::execute(delivery::Send&& send) {
  const client::ClientCore::CallId call = client_->new_call();
  calls_[send.request] = call;
  outgoing_.push_back(
      {call, send.body, send.digest, send.record_count,
       [self = shared_from_this(), request = send.request](client::PutRecordsOutcome outcome) {
         self->on_outcome(request, std::move(outcome));
       }});
}

// Whatever may be sent, also what others added meanwhile.
void Engine::send(Lock& lock) {
  while (!outgoing_.empty()) {
    std::vector<client::PutRecordsCall> calls = std::move(outgoing_);
    outgoing_.clear();
    lock.unlock();
    client_->put_records(pool_.shape().stream, pool_.shape().wire, std::move(calls));
    lock.lock();
  }
}

void Engine::execute(delivery::Release&& release) {
  pool_.give_back(std::move(release.body), held_bytes());
}

void Engine::execute(delivery::RefreshCredentials&&) {
  client_->refresh_credentials([self = shared_from_this()](Result<void> result) {
    Lock lock(self->mutex_);
    self->delivery_.credentials_refreshed(std::move(result), self->loop().now());
    self->drive();
    self->send(lock);
  });
}

void Engine::execute(delivery::DeadLetter&& letter) {
  letter_bytes_ += bytes_of(letter);
  dead_letters_.push_back(std::move(letter));
}

void Engine::execute(delivery::CheckpointDone&& done) {
  const auto found = checkpoints_.find(done.checkpoint);
  if (found == checkpoints_.end()) return;
  finished_.push_back({std::move(found->second), std::move(done.result)});
  checkpoints_.erase(found);
}

// One timer serves all: it is moved forward only, and looks again when it fires too early.
void Engine::arm_timer() {
  const Instant wanted = std::min(open_due_, delivery_.next_wakeup());
  if (wanted >= timer_at_) return;
  if (timer_at_ != kNever) loop().cancel(timer_);
  timer_at_ = wanted;
  // A timer must not keep a sink alive that its user has let go.
  timer_ = loop().call_at(wanted, [weak = weak_from_this()] {
    if (const std::shared_ptr<Engine> self = weak.lock()) self->on_timer();
  });
}

// --- on a loop thread

void Engine::on_timer() {
  Lock lock(mutex_);
  timer_at_ = kNever;
  if (loop().now() >= open_due_) {
    old_.store(true, std::memory_order_relaxed);
    open_due_ = kNever;
    seal_parked();
  }
  drive();
  send(lock);
}

void Engine::on_outcome(delivery::RequestId request, client::PutRecordsOutcome outcome) {
  Lock lock(mutex_);
  calls_.erase(request);
  if (calls_.empty()) changed_.notify_all();  // let_go() waits for it
  if (outcome.answer) {
    last_answer_ = loop().now();
    delivery_.answered(request, *std::move(outcome.answer), loop().now());
  } else {
    delivery_.failed(request,
                     {outcome.failure->error_class, std::move(outcome.failure->error),
                      outcome.failure->may_have_been_stored},
                     loop().now());
  }
  drive();
  send(lock);
}

// Writes all that wait, syncs once, and only then counts them as rejected.
void Engine::write_dead_letters() {
  Lock lock(mutex_);
  while (!dead_letters_.empty()) {
    std::vector<delivery::DeadLetter> letters = std::move(dead_letters_);
    dead_letters_.clear();
    lock.unlock();
    std::vector<Result<void>> results;
    for (const delivery::DeadLetter& letter : letters) {
      results.push_back(dead_letter_output_->write(
          {letter.row, letter.kept.payload, letter.kept.columns, letter.kept.partition_key,
           letter.kept.explicit_hash_key, letter.code, letter.message, letter.attempts}));
    }
    const Result<void> synced = dead_letter_output_->sync();
    lock.lock();
    for (std::size_t i = 0; i < letters.size(); ++i) {
      letter_bytes_ -= bytes_of(letters[i]);
      delivery_.dead_lettered(letters[i].token, results[i] ? synced : results[i]);
    }
  }
  writing_dead_letters_ = false;
  drive();
  send(lock);
}

void Engine::run_finished() {
  Lock lock(mutex_);
  while (!finished_.empty()) {
    std::vector<Finished> finished = std::move(finished_);
    finished_.clear();
    lock.unlock();
    for (Finished& one : finished) one.done(std::move(one.result));
    lock.lock();
  }
  running_finished_ = false;
}

}  // namespace kinesink::sink
