// The heart: which request is sent when, what becomes of its answer, and when a row is settled. A
// state machine without I/O, thread, clock or lock: events come in with the time they happened,
// actions come out of next_action().
//
//   sealed body --add--> queue --Send--> in flight --answered--> settled
//                                           |  failed entries, each with a due time
//                                           v
//                                        waiting --Send--> in flight ...     refused: halved until
//                                        the guilty stand alone
//
// Retries never hold up new bodies, and new bodies never hold up retries that are due. Memory: a
// body with failures is compacted in place and waits as it is; one reserve body, given at
// construction, gathers entries that are due in several bodies. A refused body is halved into
// further bodies of at most its own size together; one is taken apart at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "delivery/in_flight_limit.h"
#include "delivery/ledger.h"
#include "delivery/retry_rule.h"
#include "kinesink/choices.h"
#include "kinesink/stats.h"
#include "kinesis/answer.h"
#include "kinesis/request_body.h"

namespace kinesink::delivery {

using RequestId = std::uint64_t;
using CheckpointId = std::uint64_t;
using Body = std::unique_ptr<kinesis::RequestBody>;

struct DeliveryOptions {
  RetryPolicy retry = {};
  RetryPolicy checkpoint_retry{30, std::chrono::milliseconds(100),
                               std::chrono::milliseconds(10'000)};
  std::uint32_t max_in_flight = 0;  // 0: automatic
  OnReject on_refused = OnReject::fail;
  OnReject on_exhausted = OnReject::fail;
  std::uint64_t max_rejected = 0;  // rows; 0: no limit
};

// Why a request did not end in a readable answer.
struct Failure {
  kinesis::ErrorClass error_class = kinesis::ErrorClass::transient;
  Error error;
  bool may_have_been_stored = false;
};

// --- actions
// Send `body` (sealed, in delivery's hands until answered() or failed() is called for it).
struct Send {
  RequestId request = 0;
  std::string_view body;
  std::optional<kinesis::RequestBody::Digest> digest;  // of the body, if it is known
  std::size_t record_count = 0;
};
// A body that is no longer needed.
struct Release {
  Body body;
};
struct RefreshCredentials {};
// What of a rejected row can be kept.
struct Keepsake {
  std::string payload;
  std::string partition_key;
  std::string explicit_hash_key;
  std::string columns;  // the row as a JSON object, if there is no payload
};
// Keep a rejected row; answer with dead_lettered(). Only given when the options ask for a dead
// letter.
struct DeadLetter {
  std::uint64_t token = 0;
  std::int64_t row = 0;
  Keepsake kept;
  std::string code;
  std::string message;
  int attempts = 0;
};
struct CheckpointDone {
  CheckpointId checkpoint = 0;
  Result<void> result;
};
using Action = std::variant<Send, Release, RefreshCredentials, DeadLetter, CheckpointDone>;

class Delivery {
 public:
  // Makes an empty body of the same shape as those that are added; called for splits only.
  using MakeBody = std::function<Body()>;

  Delivery(const DeliveryOptions& options, Body reserve, MakeBody make_body, std::uint64_t seed);

  // --- events
  // A body that is ready to go, not empty, its rows in order and after those of the one before.
  // `accepted`: when the oldest of them was.
  void add(Body body, Instant accepted);
  void answered(RequestId request, kinesis::PutRecordsAnswer answer, Instant now);
  void failed(RequestId request, Failure failure, Instant now);
  void credentials_refreshed(Result<void> result, Instant now);
  void dead_lettered(std::uint64_t token, Result<void> result);
  // Rows that never became a record.
  void row_skipped();
  // To the dead letter.
  void row_rejected(std::int64_t row, const Error& error, Keepsake kept = {});
  void row_abandoned(std::int64_t row);  // see fail_callers
  // Covers all rows below `barrier`. Checkpoints complete in the order of these calls; at
  // `deadline` with kind timeout.
  void checkpoint(CheckpointId checkpoint, std::int64_t barrier, Instant deadline);
  // Callers get `error` from now on, but what was accepted is still delivered.
  void fail_callers(const Error& error);
  // Nothing more is sent; what is not settled is abandoned. Bodies in flight are released when
  // their requests end.
  void abandon(const Error& reason);

  // --- actions
  std::optional<Action> next_action(Instant now);
  // When next_action() may have something new without an event.
  Instant next_wakeup() const;

  // --- state
  const std::optional<Error>& failure() const { return failure_; }
  // No row below it is unsettled; the largest number if nothing is.
  std::int64_t watermark() const { return ledger_.watermark(); }
  // Ascending, disjoint: the rows that were given and are not settled, abandoned ones too.
  std::vector<RowRange> unsettled_rows() const;
  Stats stats() const;
  // Bodies that were never sent.
  std::size_t queued() const { return queue_.size(); }
  // Memory of all bodies in delivery's hands but the idle reserve, whose capacity is set aside.
  std::size_t buffered_bytes() const { return buffered_; }

 private:
  // What is known of one entry that was sent and not stored.
  struct Tries {
    std::uint32_t attempts = 0;     // times sent
    std::uint32_t spent = 0;        // of the retry budget
    std::uint32_t backoffs = 0;     // exponent of the next delay
    std::uint64_t stored_mark = 0;  // records stored in the stream when it was last sent
    bool maybe_stored = false;
    Instant due{};
  };
  struct Batch {
    Body body;
    std::vector<Tries> tries;  // of each entry; empty: none was sent before
    bool is_split = false;     // part of the refused body that is being taken apart
    bool clock_retried = false;
    bool abandoned = false;         // in flight when everything was given up
    Instant accepted = kNever;      // when the oldest of its rows was
    std::uint64_t sent_mark = 0;    // records stored in the stream when it was sent
    std::uint64_t credentials = 0;  // generation that signed it
    Instant first_due{};            // when the first of its entries is due
    Instant due{};                  // when all of them are
  };

  // Sending
  bool may_send() const;
  std::optional<Batch> take_due(Instant now);
  bool gather_into_reserve(Instant now);
  void keep_only(Batch& batch, std::span<const std::uint32_t> keep);
  Send begin(Batch batch);
  // After an answer
  void settle_stored(const Batch& batch, const std::vector<kinesis::FailedEntry>& failed,
                     Instant now);
  void settle_others(std::span<const kinesis::Entry> entries,
                     const std::vector<kinesis::FailedEntry>& failed);
  void retry_entries(Batch batch, const kinesis::PutRecordsAnswer& answer, Instant now);
  void retry_whole(Batch batch, const Failure& failure, Instant now);
  bool spend(const kinesis::Entry& entry, Tries& tries, kinesis::ErrorClass error_class,
             Instant now);
  static void set_due(Batch& batch);
  void wait(Batch batch);
  void release(Batch batch);
  // Refusals
  void refused(Batch batch, const Failure& failure);
  void halve(Batch batch);
  void accuse(Batch batch, const Error& error);
  void end_split();
  // Endings
  void reject(const kinesis::RequestBody& body, const kinesis::Entry& entry, std::uint32_t attempts,
              std::string_view code, std::string_view message);
  void fail(Error error);
  void abandon_waiting();
  void abandon_batch(Batch& batch);
  void abandon_rows(const kinesis::Entry& entry);
  void abandon_rows(std::span<const kinesis::Entry> entries);
  void finish_checkpoints(Instant now);
  void ask_for_credentials(Instant now);
  Error exhausted_error(const kinesis::Entry& entry, const Tries& tries, Error last) const;

  const DeliveryOptions options_;
  const MakeBody make_body_;
  Random random_;
  InFlightLimit limit_;
  Ledger ledger_;
  Stats stats_;

  Batch reserve_;                    // its body is absent while it is in flight or waiting
  std::deque<Batch> queue_;          // never sent
  std::vector<Batch> waiting_;       // for their due time
  std::vector<Batch> unauthorized_;  // for credentials
  std::deque<Batch> refused_;        // bodies to take apart after the current one
  std::vector<Batch> ready_;         // halves, and what was waiting for credentials
  std::unordered_map<RequestId, Batch> in_flight_;
  RequestId next_request_ = 1;

  struct Accused {
    Batch batch;
    Error error;
  };
  void judge_accused();
  std::size_t split_parts_ = 0;   // of the body being taken apart
  std::vector<Accused> accused_;  // single refused entries while nothing was ever accepted

  struct PendingReject {
    kinesis::Entry entry;
    bool was_entry;  // else only its row and number of rows are meant
  };
  void abandon_pending(const PendingReject& pending);
  std::map<std::uint64_t, PendingReject> pending_rejects_;  // by token
  std::uint64_t next_token_ = 1;

  struct OpenCheckpoint {
    CheckpointId id;
    std::int64_t barrier;
    Instant deadline;
  };
  std::deque<OpenCheckpoint> checkpoints_;

  bool refreshing_ = false;
  std::uint32_t refreshes_in_a_row_ = 0;
  Instant first_refusal_{};
  Instant refresh_at_ = kNever;
  std::uint64_t credentials_ = 0;    // generation
  std::optional<Error> last_error_;  // that the service or the network gave, for messages
  std::size_t buffered_ = 0;         // committed bytes, see buffered_bytes()

  std::vector<RowRange> abandoned_;  // in the order in which they were given up

  std::deque<Action> actions_;
  std::optional<Error> failure_;
  bool stopped_ = false;
};

}  // namespace kinesink::delivery
