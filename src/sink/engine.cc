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

// --- the caller's side

Result<Engine::Body> Engine::open_body(bool wait) {
  Lock lock(mutex_);
  // A timer may take the parked body away meanwhile.
  const auto may_go_on = [this] { return delivery_.failure() || has_room(); };
  if (!may_go_on() && wait) {
    loop().wait(lock, changed_, may_go_on, loop().now() + block_timeout_);
  }
  if (delivery_.failure()) return *delivery_.failure();
  if (!has_room()) {
    std::string limit = std::to_string(pool_.max_bytes());
    if (!wait)
      return make_error(ErrorKind::would_block,
                        "max_buffered_bytes (" + limit + " bytes) are in use");
    return make_error(ErrorKind::timeout,
                      "max_buffered_bytes (" + limit +
                          " bytes) are waiting to be stored, and none was within block_timeout");
  }
  if (parked_ != nullptr) return std::move(parked_);
  pool_.trim(held_bytes());
  Body body = pool_.take();
  accepted_ = loop().now();
  open_due_ = accepted_ + max_age_;
  old_.store(false, std::memory_order_relaxed);
  arm_timer();
  return body;
}

// A parked body has its room already; what rejected rows take comes out of the same bound.
bool Engine::has_room() const {
  if (parked_ != nullptr && letter_bytes_ == 0) return true;
  return pool_.can_take(delivery_.buffered_bytes() + letter_bytes_);
}

void Engine::park(Body body, std::int64_t received) {
  Lock lock(mutex_);
  received_ = received;
  if (body->record_count() == 0) {
    open_due_ = kNever;
    sealed_ = received_;
    pool_.give_back(std::move(body), held_bytes());
  } else {
    parked_ = std::move(body);
    if (is_old()) seal_parked();
  }
  drive();
}

void Engine::submit(Body body, std::int64_t received) {
  Lock lock(mutex_);
  received_ = received;
  seal(std::move(body));
  drive();
}

void Engine::seal(Body body) {
  open_due_ = kNever;
  sealed_ = received_;
  delivery_.add(std::move(body), accepted_);
}

void Engine::seal_parked() {
  if (parked_ != nullptr) seal(std::move(parked_));
}

void Engine::row_skipped() {
  Lock lock(mutex_);
  delivery_.row_skipped();
}

bool Engine::row_rejected(std::int64_t row, const Error& error, delivery::Keepsake kept) {
  Lock lock(mutex_);
  delivery_.row_rejected(row, error, std::move(kept));
  drive();
  return letter_bytes_ > 0 && !pool_.can_take(delivery_.buffered_bytes() + letter_bytes_);
}

void Engine::row_abandoned(std::int64_t row) {
  Lock lock(mutex_);
  delivery_.row_abandoned(row);
}

void Engine::fail_callers(const Error& error) {
  Lock lock(mutex_);
  delivery_.fail_callers(error);
}

std::optional<Error> Engine::failure() const {
  Lock lock(mutex_);
  return delivery_.failure();
}

void Engine::tick() {
  Lock lock(mutex_);
  if (loop().now() >= open_due_) seal_parked();
  drive();
}

void Engine::checkpoint(Instant deadline, CheckpointCallback done) {
  Lock lock(mutex_);
  seal_parked();
  const delivery::CheckpointId id = next_checkpoint_++;
  checkpoints_.emplace(id, std::move(done));
  delivery_.checkpoint(id, received_, deadline);
  drive();
}

Result<void> Engine::checkpoint_and_wait(Instant deadline) {
  // Shared with the callback, which runs on a loop thread.
  const auto result = std::make_shared<std::optional<Result<void>>>();
  checkpoint(deadline, [self = shared_from_this(), result](Result<void> done) {
    const Lock lock(self->mutex_);
    *result = std::move(done);
    self->changed_.notify_all();
  });
  Lock lock(mutex_);
  // Delivery itself keeps the deadline.
  loop().wait(
      lock, changed_, [&result] { return result->has_value(); }, kNever);
  return **result;
}

void Engine::abandon(const Error& reason) {
  Lock lock(mutex_);
  seal_parked();
  delivery_.abandon(reason);
  for (const auto& [request, call] : calls_) client_->cancel(call);
  drive();
}

void Engine::let_go() {
  if (loop().on_loop_thread()) return;
  constexpr Duration kLongest = std::chrono::seconds(1);
  const Instant deadline = loop().now() + kLongest;
  {
    Lock lock(mutex_);
    loop().wait(
        lock, changed_, [this] { return calls_.empty(); }, deadline);
    if (timer_at_ != kNever) loop().cancel(timer_);
    timer_at_ = Instant::min();  // none is armed any more
  }
  // What the loop was doing when this was posted is over when it has passed. Shared with the loop,
  // which may pass it late.
  struct Passage {
    std::mutex mutex;
    std::condition_variable changed;
    bool passed = false;
  };
  const auto passage = std::make_shared<Passage>();
  loop().post([passage] {
    const std::lock_guard lock(passage->mutex);
    passage->passed = true;
    passage->changed.notify_all();
  });
  Lock lock(passage->mutex);
  loop().wait(
      lock, passage->changed, [&passage] { return passage->passed; }, deadline);
}

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
  return delivery_.buffered_bytes() + letter_bytes_ +
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
  changed_.notify_all();
}

void Engine::execute(delivery::Send&& send) {
  calls_[send.request] = client_->put_records(
      pool_.shape().stream, pool_.shape().wire, send.body, send.record_count,
      [self = shared_from_this(), request = send.request](client::PutRecordsOutcome outcome) {
        self->on_outcome(request, std::move(outcome));
      });
}

void Engine::execute(delivery::Release&& release) {
  pool_.give_back(std::move(release.body), held_bytes());
}

void Engine::execute(delivery::RefreshCredentials&&) {
  client_->refresh_credentials([self = shared_from_this()](Result<void> result) {
    Lock lock(self->mutex_);
    self->delivery_.credentials_refreshed(std::move(result), self->loop().now());
    self->drive();
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
}

void Engine::on_outcome(delivery::RequestId request, client::PutRecordsOutcome outcome) {
  Lock lock(mutex_);
  calls_.erase(request);
  if (outcome.answer) {
    delivery_.answered(request, *std::move(outcome.answer), loop().now());
  } else {
    delivery_.failed(request,
                     {outcome.failure->error_class, std::move(outcome.failure->error),
                      outcome.failure->may_have_been_stored},
                     loop().now());
  }
  drive();
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
