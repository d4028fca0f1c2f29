// Records that the service will never take: found by halving the request until they stand alone,
// then rejected.
#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "delivery/delivery.h"

namespace kinesink::delivery {

void Delivery::refused(Batch batch, const Failure& failure) {
  if (batch.body->record_count() == 1) {
    accuse(std::move(batch), failure.error);
    return;
  }
  if (!batch.is_split) {
    if (split_parts_ > 0) return refused_.push_back(std::move(batch));
    batch.is_split = true;
    split_parts_ = 1;
  }
  halve(std::move(batch));
}

void Delivery::halve(Batch batch) {
  Batch other;
  other.body = make_body_();
  other.is_split = true;
  other.accepted = batch.accepted;
  const std::span<const kinesis::Entry> entries = batch.body->entries();
  const std::size_t middle = entries.size() / 2;
  for (std::size_t i = middle; i < entries.size(); ++i) {
    other.body->append_entry(*batch.body, entries[i]);
  }
  other.tries.assign(batch.tries.begin() + static_cast<std::ptrdiff_t>(middle), batch.tries.end());
  buffered_ += other.body->committed_bytes();
  std::vector<std::uint32_t> first_half(middle);
  std::iota(first_half.begin(), first_half.end(), 0U);
  keep_only(batch, first_half);
  batch.tries.resize(middle);
  ++split_parts_;
  ready_.push_back(std::move(batch));
  ready_.push_back(std::move(other));
}

// A record that is refused although it is alone. While nothing was ever accepted the fault may lie
// with all: it waits.
void Delivery::accuse(Batch batch, const Error& error) {
  Error guilty = error;
  const kinesis::Entry entry = batch.body->entries()[0];
  guilty.message =
      "the service refuses the record of row " + std::to_string(entry.row) + ": " + error.message;
  if (options_.on_refused == OnReject::fail) {
    fail(std::move(guilty));
    return abandon_batch(batch);
  }
  if (batch.is_split) {
    batch.is_split = false;
    end_split();
  }
  accused_.push_back({std::move(batch), std::move(guilty)});
}

void Delivery::judge_accused() {
  if (accused_.empty()) return;
  if (stats_.records == 0) {
    const bool more_to_come = !in_flight_.empty() || !ready_.empty() || !queue_.empty() ||
                              !waiting_.empty() || !refused_.empty() || !unauthorized_.empty();
    if (more_to_come) return;
    Error error = accused_.front().error;
    error.message = "nothing was accepted by the stream, so no row is set aside: " + error.message;
    return fail(std::move(error));
  }
  std::vector<Accused> judged = std::move(accused_);
  accused_.clear();
  for (Accused& accused : judged) {
    const std::string_view code = accused.error.aws_code.empty()
                                      ? name_of(accused.error.kind)
                                      : std::string_view(accused.error.aws_code);
    reject(*accused.batch.body, accused.batch.body->entries()[0], accused.batch.tries[0].attempts,
           code, accused.error.message);
    release(std::move(accused.batch));
  }
}

void Delivery::end_split() {
  assert(split_parts_ > 0);
  if (--split_parts_ > 0 || refused_.empty()) return;
  Batch next = std::move(refused_.front());
  refused_.pop_front();
  next.is_split = true;
  split_parts_ = 1;
  halve(std::move(next));
}

void Delivery::reject(const kinesis::RequestBody& body, const kinesis::Entry& entry,
                      std::uint32_t attempts, std::string_view code, std::string_view message) {
  std::string scratch;
  const kinesis::RequestBody::Decoded decoded = body.decode(entry, scratch);
  DeadLetter letter;
  letter.token = next_token_++;
  letter.row = entry.row;
  letter.kept = {std::string(decoded.payload),
                 std::string(decoded.partition_key),
                 std::string(decoded.explicit_hash_key),
                 {}};
  letter.code = code;
  letter.message = message;
  letter.attempts = static_cast<int>(attempts);
  pending_rejects_.emplace(letter.token, PendingReject{entry, true});
  actions_.push_back(std::move(letter));
}

void Delivery::row_rejected(std::int64_t row, const Error& error, Keepsake kept) {
  ++stats_.received;
  if (stopped_) {
    ++stats_.abandoned;
    abandoned_.push_back({row, row + 1});
    return;
  }
  DeadLetter letter;
  letter.token = next_token_++;
  letter.row = row;
  letter.kept = std::move(kept);
  letter.code = error.aws_code.empty() ? std::string(name_of(error.kind)) : error.aws_code;
  letter.message =
      error.column.empty() ? error.message : "column " + error.column + ": " + error.message;
  kinesis::Entry entry;
  entry.row = row;
  pending_rejects_.emplace(letter.token, PendingReject{entry, false});
  ledger_.hold(row);
  actions_.push_back(std::move(letter));
}

void Delivery::dead_lettered(std::uint64_t token, Result<void> result) {
  const auto found = pending_rejects_.find(token);
  if (found == pending_rejects_.end()) return;
  const PendingReject pending = found->second;
  pending_rejects_.erase(found);
  if (!result) {
    abandon_pending(pending);
    return fail(std::move(result).error());
  }
  stats_.rejected += pending.entry.rows;
  if (pending.was_entry) {
    ledger_.settle(pending.entry);
  } else {
    ledger_.release(pending.entry.row);
  }
  if (options_.max_rejected != 0 && stats_.rejected > options_.max_rejected) {
    fail(make_error(ErrorKind::exhausted,
                    "more than max_rejected (" + std::to_string(options_.max_rejected) +
                        ") rows were rejected; see the dead-letter output for the reasons"));
  }
}

}  // namespace kinesink::delivery
