// Sending, and what becomes of an answer. The rest: refusals.cc (splits, rejects), endings.cc
// (failure, checkpoints, credentials).
#include "delivery/delivery.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace kinesink::delivery {

Delivery::Delivery(const DeliveryOptions& options, Body reserve, MakeBody make_body,
                   std::uint64_t seed)
    : options_(options),
      make_body_(std::move(make_body)),
      random_(seed),
      limit_(options.max_in_flight) {
  reserve_.body = std::move(reserve);
}

void Delivery::add(Body body, Instant accepted) {
  assert(body->record_count() > 0);
  stats_.received += body->row_count();
  ledger_.add(*body);
  buffered_ += body->committed_bytes();
  Batch batch;
  batch.body = std::move(body);
  batch.accepted = accepted;
  if (stopped_) return abandon_batch(batch);
  queue_.push_back(std::move(batch));
}

// --- sending

bool Delivery::may_send() const { return !stopped_ && in_flight_.size() < limit_.now(); }

std::optional<Action> Delivery::next_action(Instant now) {
  if (actions_.empty()) {
    judge_accused();
    finish_checkpoints(now);
    if (now >= refresh_at_) ask_for_credentials(now);
  }
  if (!actions_.empty()) {
    Action action = std::move(actions_.front());
    actions_.pop_front();
    return action;
  }
  if (!may_send()) return std::nullopt;
  if (std::optional<Batch> due = take_due(now)) return begin(*std::move(due));
  if (queue_.empty()) return std::nullopt;
  Batch next = std::move(queue_.front());
  queue_.pop_front();
  return begin(std::move(next));
}

std::optional<Delivery::Batch> Delivery::take_due(Instant now) {
  if (!ready_.empty()) {
    Batch batch = std::move(ready_.back());
    ready_.pop_back();
    return batch;
  }
  if (gather_into_reserve(now)) {
    Batch gathered = std::move(reserve_);
    reserve_ = Batch{};
    return gathered;
  }
  const auto due = std::find_if(waiting_.begin(), waiting_.end(),
                                [now](const Batch& batch) { return batch.due <= now; });
  if (due == waiting_.end()) return std::nullopt;
  Batch batch = std::move(*due);
  waiting_.erase(due);
  return batch;
}

// Several bodies with due entries become one request. A single body whose entries are all due needs
// no copy.
bool Delivery::gather_into_reserve(Instant now) {
  if (reserve_.body == nullptr) return false;
  std::size_t with_due = 0;
  bool partly = false;
  for (const Batch& batch : waiting_) {
    if (batch.first_due > now) continue;
    const bool any = std::any_of(batch.tries.begin(), batch.tries.end(),
                                 [now](const Tries& tries) { return tries.due <= now; });
    with_due += any ? 1 : 0;
    partly = partly || (any && batch.due > now);
  }
  if (with_due == 0 || (with_due == 1 && !partly)) return false;
  for (auto batch = waiting_.begin(); batch != waiting_.end();) {
    if (batch->first_due > now) {
      ++batch;
      continue;
    }
    std::vector<std::uint32_t> keep;
    std::vector<Tries> kept;
    const std::span<const kinesis::Entry> entries = batch->body->entries();
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      if (batch->tries[i].due <= now && reserve_.body->fits(entries[i])) {
        reserve_.body->append_entry(*batch->body, entries[i]);
        reserve_.tries.push_back(batch->tries[i]);
        reserve_.accepted = std::min(reserve_.accepted, batch->accepted);
      } else {
        keep.push_back(i);
        kept.push_back(batch->tries[i]);
      }
    }
    if (keep.empty()) {
      release(std::move(*batch));
      batch = waiting_.erase(batch);
    } else {
      keep_only(*batch, keep);
      batch->tries = std::move(kept);
      set_due(*batch);
      ++batch;
    }
  }
  if (reserve_.body->record_count() == 0) return false;
  buffered_ += reserve_.body->committed_bytes();
  return true;
}

// The rest has gone to another body, which grows by it: unless this one shrinks by as much, bodies
// that give and take in turn would together outgrow the bound.
void Delivery::keep_only(Batch& batch, std::span<const std::uint32_t> keep) {
  buffered_ -= batch.body->committed_bytes();
  batch.body->compact(keep);
  batch.body->trim();
  buffered_ += batch.body->committed_bytes();
}

Send Delivery::begin(Batch batch) {
  const RequestId request = next_request_++;
  const std::span<const kinesis::Entry> entries = batch.body->entries();
  for (std::size_t i = 0; i < batch.tries.size(); ++i) {
    Tries& tries = batch.tries[i];
    if (tries.attempts > 0) ++stats_.retries;
    if (tries.maybe_stored) stats_.possible_duplicates += entries[i].rows;
    tries.maybe_stored = false;
  }
  batch.sent_mark = stats_.records;
  batch.credentials = credentials_;
  const Send send{request, batch.body->seal(), batch.body->digest(), entries.size()};
  ++stats_.requests;
  stats_.wire_bytes += send.body.size();
  in_flight_.emplace(request, std::move(batch));
  return send;
}

// --- answers

void Delivery::answered(RequestId request, kinesis::PutRecordsAnswer answer, Instant now) {
  const auto found = in_flight_.find(request);
  if (found == in_flight_.end()) return;
  const std::size_t in_flight = in_flight_.size();
  Batch batch = std::move(found->second);
  in_flight_.erase(found);
  if (batch.abandoned) return release(std::move(batch));
  refreshes_in_a_row_ = 0;
  batch.clock_retried = false;
  const std::size_t count = batch.body->record_count();
  settle_stored(batch, answer.failed, now);
  const auto throttled = static_cast<std::size_t>(std::count_if(
      answer.failed.begin(), answer.failed.end(), [](const kinesis::FailedEntry& entry) {
        return entry.error_class == kinesis::ErrorClass::throttled;
      }));
  stats_.throttled += throttled;
  if (throttled > 0) {
    limit_.congested(static_cast<double>(throttled) / static_cast<double>(count), request,
                     next_request_ - 1);
  } else if (answer.failed.empty()) {
    limit_.clean_answer(in_flight);
  }
  if (answer.failed.empty()) return release(std::move(batch));
  retry_entries(std::move(batch), answer, now);
}

void Delivery::settle_stored(const Batch& batch, const std::vector<kinesis::FailedEntry>& failed,
                             Instant now) {
  const std::uint64_t before = stats_.acknowledged;
  if (failed.empty() && batch.tries.empty()) {  // the usual case: a body as it was added
    ledger_.settle(*batch.body);
    stats_.acknowledged += batch.body->row_count();
    stats_.payload_bytes += batch.body->payload_size();
    stats_.records += batch.body->record_count();
  } else {
    settle_others(batch.body->entries(), failed);
  }
  stats_.stored_after.add(now - batch.accepted, stats_.acknowledged - before);
}

// All entries but those that failed.
void Delivery::settle_others(std::span<const kinesis::Entry> entries,
                             const std::vector<kinesis::FailedEntry>& failed) {
  std::size_t from = 0;
  const auto settle = [&](std::size_t to) {
    if (from < to) ledger_.settle(entries.subspan(from, to - from));
    for (; from < to; ++from) {
      stats_.acknowledged += entries[from].rows;
      stats_.payload_bytes += entries[from].payload_size;
      ++stats_.records;
    }
  };
  for (const kinesis::FailedEntry& entry : failed) {
    settle(entry.index);
    ++from;
  }
  settle(entries.size());
}

// Keeps the entries that failed, each with its own due time; what may not be tried again is
// rejected.
void Delivery::retry_entries(Batch batch, const kinesis::PutRecordsAnswer& answer, Instant now) {
  std::vector<std::uint32_t> keep;
  std::vector<Tries> kept;
  for (const kinesis::FailedEntry& failed : answer.failed) {
    const kinesis::Entry entry = batch.body->entries()[failed.index];
    Tries tries = batch.tries.empty() ? Tries{} : batch.tries[failed.index];
    ++tries.attempts;
    tries.stored_mark = batch.sent_mark;
    if (!stopped_ && spend(entry, tries, failed.error_class, now)) {
      keep.push_back(failed.index);
      kept.push_back(tries);
    } else if (stopped_) {
      abandon_rows(entry);
    } else if (options_.on_exhausted == OnReject::dead_letter) {
      reject(*batch.body, entry, tries.attempts, failed.code, failed.message);
    } else {
      Error last = make_error(ErrorKind::exhausted, failed.message);
      last.aws_code = failed.code;
      last.request_id = answer.request_id;
      fail(exhausted_error(entry, tries, std::move(last)));
      abandon_rows(entry);
    }
  }
  last_error_ =
      make_error(kinesis::kind_of(answer.failed.back().error_class), answer.failed.back().message);
  last_error_->aws_code = answer.failed.back().code;
  last_error_->request_id = answer.request_id;
  batch.body->compact(keep);
  batch.tries = std::move(kept);
  if (stopped_) return abandon_batch(batch);
  if (keep.empty()) return release(std::move(batch));
  wait(std::move(batch));
}

// Counts one more try against the budget; false if it is used up. Sets the due time.
bool Delivery::spend(const kinesis::Entry& entry, Tries& tries, kinesis::ErrorClass error_class,
                     Instant now) {
  const bool for_checkpoint = !checkpoints_.empty() && entry.row < checkpoints_.back().barrier;
  const RetryPolicy& policy = for_checkpoint ? options_.checkpoint_retry : options_.retry;
  // While others get through, a throttled record only waits its turn.
  const bool free =
      error_class == kinesis::ErrorClass::throttled && stats_.records > tries.stored_mark;
  if (!free) {
    if (tries.spent >= policy.max_retries) return false;
    ++tries.spent;
  }
  tries.due = now + backoff(policy, tries.backoffs++, random_);
  return true;
}

void Delivery::set_due(Batch& batch) {
  batch.first_due = kNever;
  batch.due = Instant::min();
  for (const Tries& tries : batch.tries) {
    batch.first_due = std::min(batch.first_due, tries.due);
    batch.due = std::max(batch.due, tries.due);
  }
}

void Delivery::wait(Batch batch) {
  set_due(batch);
  waiting_.push_back(std::move(batch));
}

void Delivery::failed(RequestId request, Failure failure, Instant now) {
  const auto found = in_flight_.find(request);
  if (found == in_flight_.end()) return;
  Batch batch = std::move(found->second);
  in_flight_.erase(found);
  if (batch.abandoned) return release(std::move(batch));
  last_error_ = failure.error;
  if (stopped_) return abandon_batch(batch);
  if (batch.tries.empty()) batch.tries.resize(batch.body->record_count());
  for (Tries& tries : batch.tries) {
    ++tries.attempts;
    tries.stored_mark = batch.sent_mark;
    tries.maybe_stored = tries.maybe_stored || failure.may_have_been_stored;
  }
  switch (failure.error_class) {
    case kinesis::ErrorClass::throttled:
      stats_.throttled += batch.body->record_count();
      limit_.congested(1, request, next_request_ - 1);
      return retry_whole(std::move(batch), failure, now);
    case kinesis::ErrorClass::transient:
      if (failure.error.kind == ErrorKind::timeout) limit_.congested(1, request, next_request_ - 1);
      return retry_whole(std::move(batch), failure, now);
    case kinesis::ErrorClass::auth:
      // Signed before the last refresh: the new credentials have not been tried.
      if (batch.credentials < credentials_) return ready_.push_back(std::move(batch));
      unauthorized_.push_back(std::move(batch));
      return ask_for_credentials(now);
    case kinesis::ErrorClass::clock:
      if (batch.clock_retried) {
        failure.error.kind = ErrorKind::auth;
        fail(std::move(failure.error));
        return abandon_batch(batch);
      }
      batch.clock_retried = true;
      ready_.push_back(std::move(batch));
      return;
    case kinesis::ErrorClass::refused:
      return refused(std::move(batch), failure);
    case kinesis::ErrorClass::permanent:
      fail(std::move(failure.error));
      return abandon_batch(batch);
  }
}

void Delivery::retry_whole(Batch batch, const Failure& failure, Instant now) {
  std::vector<std::uint32_t> keep;
  std::vector<Tries> kept;
  std::vector<std::uint32_t> exhausted;
  const std::span<const kinesis::Entry> entries = batch.body->entries();
  // All of them wait for the same time: they make one request again.
  Instant due{};
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    Tries& tries = batch.tries[i];
    if (!spend(entries[i], tries, failure.error_class, now)) {
      exhausted.push_back(i);
      continue;
    }
    due = std::max(due, tries.due);
    keep.push_back(i);
    kept.push_back(tries);
  }
  for (const std::uint32_t i : exhausted) {
    const std::string_view code = failure.error.aws_code.empty()
                                      ? name_of(failure.error.kind)
                                      : std::string_view(failure.error.aws_code);
    if (options_.on_exhausted == OnReject::dead_letter) {
      reject(*batch.body, entries[i], batch.tries[i].attempts, code, failure.error.message);
      continue;
    }
    fail(exhausted_error(entries[i], batch.tries[i], failure.error));
    return abandon_batch(batch);
  }
  for (Tries& tries : kept) tries.due = due;
  batch.body->compact(keep);
  batch.tries = std::move(kept);
  if (stopped_) return abandon_batch(batch);
  if (keep.empty()) return release(std::move(batch));
  wait(std::move(batch));
}

// Back to the pool, or back to being the reserve.
void Delivery::release(Batch batch) {
  if (batch.is_split) end_split();
  batch.body->clear();
  buffered_ -= batch.body->committed_bytes();
  if (reserve_.body == nullptr) {
    reserve_.body = std::move(batch.body);
    return;
  }
  actions_.push_back(Release{std::move(batch.body)});
}

Stats Delivery::stats() const {
  Stats stats = stats_;
  stats.pending = ledger_.unsettled();
  for (const auto& [token, pending] : pending_rejects_) {
    if (!pending.was_entry) stats.pending += pending.entry.rows;
  }
  stats.in_flight = in_flight_.size();
  stats.in_flight_limit = limit_.now();
  return stats;
}

}  // namespace kinesink::delivery
