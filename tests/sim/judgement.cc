// What of a life would break a promise.
#include "tests/sim/life.h"

namespace kinesink::sim {
namespace {

constexpr std::size_t kMostInFlight = 128;

}  // namespace

// Nothing is under way: so nothing may lie about that is older than max_age and was never sent.
void Life::check_quiet() {
  const Stats stats = sink_->stats();
  const bool failed = stats.abandoned > 0;
  if (failed || transport_.in_flight() > 0 || stats.in_flight > 0) return;
  const auto received = static_cast<std::int64_t>(stats.received);
  for (; quiet_ < received; ++quiet_) {
    const bool bears_no_number =
        scenario_.raw && (workload_.is_null(quiet_) || workload_.empty().contains(quiet_));
    if (witness_.was_sent(quiet_) || bears_no_number || dead_.contains(quiet_)) continue;
    return witness_.broke("row " + std::to_string(quiet_) +
                          " is older than max_age and was not sent though nothing is in flight");
  }
}

// Promise 1: after success every row before the barrier is in the stream or in the dead-letter
// output.
void Life::checkpoint_done(std::int64_t before, const Result<void>& done) {
  note("checkpoint " + std::to_string(before) + (done ? " ok" : " " + done.error().to_string()));
  if (!done) {
    const bool late = done.error().kind == ErrorKind::timeout &&
                      scenario_.options.checkpoint_timeout < std::chrono::seconds(1);
    const bool gone = done.error().kind == ErrorKind::closed || (scenario_.destroyed && !sink_);
    if (!late && !gone) fail("handle_checkpoint", done.error());
    return;
  }
  std::size_t nameless = 0;
  judge_rows(stored_rows(nameless), before, "after a checkpoint");
}

// Before every request and every answer.
void Life::look() {
  if (!sink_) return;
  const Stats stats = sink_->stats();
  if (stats.received !=
      stats.acknowledged + stats.rejected + stats.skipped + stats.abandoned + stats.pending)
    witness_.broke("the accounts do not add up");
  // A rejected row may stand over the bound until it is written.
  const std::size_t bound = scenario_.options.max_buffered_bytes;
  const bool rejects = !dead_.empty() || scenario_.oversized_chance > 0 ||
                       scenario_.edge_chance > 0 ||
                       scenario_.options.partition_key == PartitionKey::column;
  const std::size_t letters =
      rejects ? scenario_.max_record_kib * 1024 + Workload::kMostOver + 4096 : 0;
  if (stats.buffered_bytes > bound + letters)
    witness_.broke(std::to_string(stats.buffered_bytes) + " bytes are buffered");
  check_settled();
  if (stats.in_flight > kMostInFlight) witness_.broke("more than 128 requests are in flight");
}

// What the sink says is settled is: in the stream, dead or skipped. Looked at now and then, because
// it is dear.
void Life::check_settled() {
  if (random_.below(20) != 0) return;
  std::int64_t last = 0;
  for (const RowRange& range : sink_->settled_rows()) {
    if (range.begin < last || range.end <= range.begin) witness_.broke("settled rows are a muddle");
    last = range.end;
    for (std::int64_t row = range.begin; row < range.end; ++row) {
      const bool skipped =
          scenario_.raw && (workload_.is_null(row) || workload_.empty().contains(row));
      if (witness_.is_acknowledged(row) || dead_.contains(row) || skipped) continue;
      return witness_.broke("row " + std::to_string(row) + " is said to be settled, but is not");
    }
  }
}

std::map<std::int64_t, std::size_t> Life::stored_rows(std::size_t& nameless) const {
  std::map<std::int64_t, std::size_t> rows;
  for (const auto& shard : service_.store().find("events")->shards) {
    for (std::uint64_t i = shard->log.first(); i < shard->log.end(); ++i) {
      const std::string_view data = shard->log.record(i).data;
      if (data.empty()) ++nameless;
      for (const std::int64_t row : rows_of(data, scenario_.packed))
        row >= 0 ? ++rows[row] : ++nameless;
    }
  }
  return rows;
}

void Life::judge_rows(const std::map<std::int64_t, std::size_t>& stored, std::int64_t end,
                      const char* when) {
  for (std::int64_t row = 0; row < end; ++row) {
    const bool skipped =
        scenario_.raw && (workload_.is_null(row) || workload_.empty().contains(row));
    if (stored.contains(row) || dead_.contains(row) || skipped) continue;
    return witness_.broke("row " + std::to_string(row) + " is lost " + when);
  }
}

void Life::judge() {
  std::size_t nameless = 0;
  const auto stored = stored_rows(nameless);
  const Stats stats = sink_->stats();
  report_.stats = stats;
  for (const auto& [row, times] : stored) {
    if (row < 0 || row >= workload_.next_row())
      witness_.broke("something was stored that was not accepted");
    report_.duplicates += times - 1;
  }
  // Promise 2: exact accounting.
  look();
  if (!failed_ && stats.received != static_cast<std::uint64_t>(workload_.next_row()))
    witness_.broke("received is not the rows handed over");
  if (stats.pending != 0) witness_.broke("rows are pending after close");
  if (stats.rejected != dead_.size())
    witness_.broke("rejected is not the rows in the dead-letter output");
  if (stats.acknowledged > stored.size() + nameless)
    witness_.broke("more rows are acknowledged than are stored");
  std::int64_t settled = 0;
  for (const RowRange& range : sink_->settled_rows()) settled += range.end - range.begin;
  if (settled > static_cast<std::int64_t>(stats.received - stats.abandoned))
    witness_.broke("more rows are settled than were");
  if (report_.closed_well) {
    if (settled != static_cast<std::int64_t>(stats.received)) witness_.broke("not all is settled");
    if (stats.abandoned != 0) witness_.broke("rows are abandoned after a successful close");
    judge_rows(stored, static_cast<std::int64_t>(stats.received), "after a successful close");
    std::size_t empty = workload_.empty().size();
    for (const std::int64_t row : dead_) empty -= workload_.empty().contains(row) ? 1 : 0;
    if (scenario_.raw && nameless < empty) witness_.broke("rows with empty values are lost");
    // A dead letter may be in the stream all the same: its answer was lost.
    const std::size_t most = workload_.empty().size();
    if (scenario_.raw && nameless > most) report_.duplicates += nameless - most;
  }
  // Promise 3: only requests whose outcome was unknown may leave a row twice.
  if (report_.duplicates > stats.possible_duplicates)
    witness_.broke(std::to_string(report_.duplicates) + " duplicates, but possible_duplicates is " +
                   std::to_string(stats.possible_duplicates));
}

// An error that this life may not have is a broken promise.
void Life::fail(const char* where, const Error& error) {
  note(std::string(where) + ": " + error.to_string());
  failed_ = true;
  if (!allowed_.contains(error.kind)) witness_.broke(std::string(where) + ": " + error.to_string());
}

}  // namespace kinesink::sim
