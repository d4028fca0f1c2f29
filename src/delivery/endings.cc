// Checkpoints, credentials, failure and the end.
#include <algorithm>
#include <utility>

#include "delivery/delivery.h"

namespace kinesink::delivery {
namespace {

// Longer than that in a row, and new credentials are not what is missing.
constexpr std::uint32_t kMaxRefreshesInARow = 5;
constexpr Duration kMaxRefreshing = std::chrono::seconds(30);
constexpr Duration kRefreshRetryDelay = std::chrono::seconds(1);

}  // namespace

void Delivery::row_skipped() {
  ++stats_.received;
  ++stats_.skipped;
}

void Delivery::row_abandoned(std::int64_t row) {
  ++stats_.received;
  ++stats_.abandoned;
  abandoned_.push_back({row, row + 1});
}

void Delivery::checkpoint(CheckpointId checkpoint, std::int64_t barrier, Instant deadline) {
  checkpoints_.push_back({checkpoint, barrier, deadline});
}

void Delivery::finish_checkpoints(Instant now) {
  while (!checkpoints_.empty()) {
    const OpenCheckpoint& next = checkpoints_.front();
    Result<void> result;
    if (stopped_ || (failure_ && watermark() >= next.barrier)) {
      result = *failure_;
    } else if (watermark() < next.barrier) {
      if (now < next.deadline) return;
      std::string message = std::to_string(ledger_.unsettled()) +
                            " rows are not yet settled at the deadline; they are still being sent";
      if (last_error_) message += ". The last error: " + last_error_->to_string();
      result = make_error(ErrorKind::timeout, std::move(message));
    }
    actions_.push_back(CheckpointDone{next.id, std::move(result)});
    checkpoints_.pop_front();
  }
}

void Delivery::ask_for_credentials(Instant now) {
  refresh_at_ = kNever;
  if (refreshing_ || unauthorized_.empty()) return;
  if (refreshes_in_a_row_ == 0) first_refusal_ = now;
  if (refreshes_in_a_row_ >= kMaxRefreshesInARow || now - first_refusal_ > kMaxRefreshing) {
    Error error = *last_error_;
    error.kind = ErrorKind::auth;
    error.message = "credentials are refused, also after " + std::to_string(refreshes_in_a_row_) +
                    " refreshes: " + error.message;
    return fail(std::move(error));
  }
  ++refreshes_in_a_row_;
  refreshing_ = true;
  actions_.push_back(RefreshCredentials{});
}

void Delivery::credentials_refreshed(Result<void> result, Instant now) {
  refreshing_ = false;
  if (stopped_) return;
  if (!result) {
    last_error_ = result.error();
    refresh_at_ = now + kRefreshRetryDelay;
    return;
  }
  ++credentials_;
  for (Batch& batch : unauthorized_) ready_.push_back(std::move(batch));
  unauthorized_.clear();
}

void Delivery::fail_callers(const Error& error) {
  if (!failure_) failure_ = error;
}

void Delivery::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  stopped_ = true;
  abandon_waiting();
}

void Delivery::abandon_waiting() {
  for (Batch& batch : queue_) abandon_batch(batch);
  for (Batch& batch : waiting_) abandon_batch(batch);
  for (Batch& batch : ready_) abandon_batch(batch);
  for (Batch& batch : unauthorized_) abandon_batch(batch);
  for (Batch& batch : refused_) abandon_batch(batch);
  for (Accused& accused : accused_) abandon_batch(accused.batch);
  queue_.clear();
  waiting_.clear();
  ready_.clear();
  unauthorized_.clear();
  refused_.clear();
  accused_.clear();
}

void Delivery::abandon_batch(Batch& batch) {
  abandon_rows(batch.body->entries());
  batch.is_split = false;
  release(std::move(batch));
}

void Delivery::abandon_rows(std::span<const kinesis::Entry> entries) {
  for (const kinesis::Entry& entry : entries) abandon_rows(entry);
}

void Delivery::abandon_rows(const kinesis::Entry& entry) {
  stats_.abandoned += entry.rows;
  ledger_.settle(entry);
  const std::int64_t end = entry.row + entry.rows;
  if (!abandoned_.empty() && abandoned_.back().end == entry.row) {
    abandoned_.back().end = end;
  } else {
    abandoned_.push_back({entry.row, end});
  }
}

void Delivery::abandon_pending(const PendingReject& pending) {
  if (pending.was_entry) return abandon_rows(pending.entry);
  stats_.abandoned += pending.entry.rows;
  ledger_.release(pending.entry.row);
  abandoned_.push_back({pending.entry.row, pending.entry.row + 1});
}

void Delivery::abandon(const Error& reason) {
  fail(reason);
  for (auto& [request, batch] : in_flight_) {
    if (batch.abandoned) continue;
    abandon_rows(batch.body->entries());
    batch.abandoned = true;
    batch.is_split = false;
  }
  for (const auto& [token, pending] : pending_rejects_) abandon_pending(pending);
  pending_rejects_.clear();
  std::erase_if(actions_,
                [](const Action& action) { return std::holds_alternative<DeadLetter>(action); });
}

std::vector<RowRange> Delivery::unsettled_rows() const {
  std::vector<RowRange> ranges = abandoned_;
  const auto add = [&ranges](const Batch& batch) {
    const std::span<const kinesis::Entry> entries = batch.body->entries();
    if (entries.empty()) return;
    if (batch.tries.empty()) {  // never sent: all rows between are in it, or were skipped
      ranges.push_back({entries.front().row, entries.back().row + entries.back().rows});
      return;
    }
    for (const kinesis::Entry& entry : entries)
      ranges.push_back({entry.row, entry.row + entry.rows});
  };
  for (const Batch& batch : queue_) add(batch);
  for (const Batch& batch : waiting_) add(batch);
  for (const Batch& batch : unauthorized_) add(batch);
  for (const Batch& batch : refused_) add(batch);
  for (const Batch& batch : ready_) add(batch);
  for (const Accused& accused : accused_) add(accused.batch);
  for (const auto& [request, batch] : in_flight_) add(batch);
  for (const auto& [token, pending] : pending_rejects_)
    ranges.push_back({pending.entry.row, pending.entry.row + pending.entry.rows});
  std::ranges::sort(ranges, {}, &RowRange::begin);
  std::vector<RowRange> merged;
  for (const RowRange& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

Instant Delivery::next_wakeup() const {
  Instant wake = refresh_at_;
  if (!checkpoints_.empty()) wake = std::min(wake, checkpoints_.front().deadline);
  if (may_send()) {
    for (const Batch& batch : waiting_) {
      wake = std::min(wake, reserve_.body != nullptr ? batch.first_due : batch.due);
    }
  }
  return wake;
}

// `last`: what the service or the network said to the last try; its code and request id are kept.
Error Delivery::exhausted_error(const kinesis::Entry& entry, const Tries& tries, Error last) const {
  last.kind = ErrorKind::exhausted;
  last.message = "the record of row " + std::to_string(entry.row) + " was sent " +
                 std::to_string(tries.attempts) + " times and not stored; " +
                 std::to_string(ledger_.unsettled()) +
                 " rows are not settled. The last answer: " + last.message;
  return last;
}

}  // namespace kinesink::delivery
