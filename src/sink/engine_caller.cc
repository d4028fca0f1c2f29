// The caller's side of the engine: bodies are opened, gathered, hashed and parked.
#include <algorithm>
#include <string_view>
#include <utility>

#include "aws/sha256.h"
#include "sink/engine.h"

namespace kinesink::sink {
namespace {

// While answers come at least so often, more bodies than these need not wait in memory that no
// cache holds: the caller waits for the next answer instead, until so few are left that the service
// would have to wait for him.
constexpr Duration kFast = std::chrono::milliseconds(1);
constexpr std::size_t kMostQueued = 2 * aws::kHashLanes;
constexpr std::size_t kFewQueued = aws::kHashLanes;

}  // namespace

Result<Engine::Body> Engine::open_body(bool wait) {
  Lock lock(mutex_);
  if (!has_room()) release_gathered(lock);
  if (wait) wait_to_open(lock);
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
  if (gathered_.empty()) {
    open_due_ = accepted_ + max_age_;
    old_.store(false, std::memory_order_relaxed);
    arm_timer();
  }
  return body;
}

void Engine::wait_to_open(Lock& lock) {
  if (may_open()) return;
  caller_waits_ = true;
  const Instant deadline = loop().now() + block_timeout_;
  while (!may_open() && loop().now() < deadline) {
    // With room it is the next answer that is waited for, which may become slow to come.
    const Instant until = has_room() ? last_answer_ + kFast : deadline;
    loop().wait(
        lock, changed_, [this] { return may_open(); }, std::min(until, deadline));
  }
  caller_waits_ = false;
}

// Bodies leave one after the other, and soon.
bool Engine::is_fast() const { return loop().now() < last_answer_ + kFast; }

// A timer may take the parked body away while the caller waits for this.
bool Engine::may_open() const {
  if (delivery_.failure()) return true;
  if (!has_room()) return false;
  const std::size_t enough = caller_waits_ ? kFewQueued : kMostQueued;
  return parked_ != nullptr || delivery_.queued() < enough || !is_fast();
}

// A parked body has its room already; what rejected rows take comes out of the same bound.
bool Engine::has_room() const {
  if (parked_ != nullptr && letter_bytes_ == 0) return true;
  return pool_.can_take(delivery_.buffered_bytes() + letter_bytes_ + gathered_bytes_);
}

void Engine::park(Body body, std::int64_t received) {
  Lock lock(mutex_);
  received_ = received;
  if (body != nullptr && body->record_count() > 0 && is_old()) gather(std::move(body));
  release_gathered(lock);
  if (body != nullptr && body->record_count() > 0) {
    open_due_ = accepted_ + max_age_;
    parked_ = std::move(body);
  } else {
    if (body != nullptr) pool_.give_back(std::move(body), held_bytes());
    if (parked_ == nullptr) {
      open_due_ = kNever;
      sealed_ = received_;
    }
  }
  drive();
  send(lock);
}

void Engine::submit(Body body, std::int64_t received) {
  Lock lock(mutex_);
  received_ = received;
  gather(std::move(body));
  if (gathered_.size() < aws::kHashLanes && !is_old()) return;
  release_gathered(lock);
}

void Engine::gather(Body body) {
  gathered_bytes_ += body->committed_bytes();
  gathered_.push_back({std::move(body), accepted_, received_});
}

// Hashes them together, hands them to delivery and sends what may be sent now. Nothing is parked
// meanwhile: its rows come after these.
void Engine::release_gathered(Lock& lock) {
  if (gathered_.empty()) return;
  std::vector<Gathered> gathered = std::move(gathered_);
  gathered_.clear();
  lock.unlock();
  hash(gathered);
  lock.lock();
  for (Gathered& one : gathered) delivery_.add(std::move(one.body), one.accepted);
  gathered_bytes_ = 0;
  open_due_ = kNever;
  sealed_ = gathered.back().received;
  drive();
  send(lock);
}

void Engine::hash(std::span<const Gathered> gathered) {
  std::vector<std::string_view> bodies;
  for (const Gathered& one : gathered) bodies.push_back(one.body->seal());
  const std::vector<aws::Digest> digests = client_->digests(bodies);
  for (std::size_t i = 0; i < digests.size(); ++i) gathered[i].body->set_digest(digests[i]);
}

void Engine::seal_parked() {
  if (parked_ == nullptr) return;
  open_due_ = kNever;
  sealed_ = received_;
  delivery_.add(std::move(parked_), accepted_);
}

void Engine::row_skipped() {
  Lock lock(mutex_);
  delivery_.row_skipped();
}

bool Engine::row_rejected(std::int64_t row, const Error& error, delivery::Keepsake kept) {
  Lock lock(mutex_);
  delivery_.row_rejected(row, error, std::move(kept));
  drive();
  send(lock);
  return letter_bytes_ > 0 &&
         !pool_.can_take(delivery_.buffered_bytes() + letter_bytes_ + gathered_bytes_);
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
  send(lock);
}

void Engine::checkpoint(Instant deadline, CheckpointCallback done) {
  Lock lock(mutex_);
  seal_parked();
  const delivery::CheckpointId id = next_checkpoint_++;
  checkpoints_.emplace(id, std::move(done));
  delivery_.checkpoint(id, received_, deadline);
  drive();
  send(lock);
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
  send(lock);
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

}  // namespace kinesink::sink
