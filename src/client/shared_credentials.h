// One set of credentials for all requests of a client: fetched once, refreshed before they expire,
// refreshed when they are refused.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/event_loop.h"
#include "kinesink/credentials.h"

namespace kinesink::client {

// Thread-safe. Callbacks run on a loop thread, never inside the call that gave them. Shared by the
// client and the provider's callbacks.
class SharedCredentials : public std::enable_shared_from_this<SharedCredentials> {
 public:
  using Given = std::shared_ptr<const Credentials>;  // with the requests that use them
  using Callback = std::function<void(Result<Given>)>;

  // `provider` is shared with the user, perhaps; `loop` lives until close().
  SharedCredentials(http::EventLoop& loop, std::shared_ptr<CredentialsProvider> provider, Log log)
      : loop_(loop), provider_(std::move(provider)), log_(std::move(log)) {}

  // Those at hand unless they have ended by `now`, the service's time (then nullptr); starts a
  // fetch in the background when they end soon. The same object until there are new ones.
  Given current(WallTime now);
  // Waits for a fetch, but no longer than a minute; several callers share one. What comes later
  // than that is used all the same.
  void fetch(Callback done);
  // The loop is about to end: what the provider says from now on is ignored.
  void close();

 private:
  void answered(Result<Credentials> result);
  void fetched(Result<Credentials> result);
  void give_up();
  void renewed(const Result<Given>& result);

  http::EventLoop& loop_;
  const std::shared_ptr<CredentialsProvider> provider_;
  const Log log_;
  std::mutex mutex_;  // guards what follows
  Given credentials_;
  std::vector<Callback> waiting_;
  bool fetching_ = false;
  bool closed_ = false;
  bool renewal_fails_ = false;
  Instant next_early_fetch_{};
  http::EventLoop::TimerId patience_ = 0;  // of those who wait
};

}  // namespace kinesink::client
