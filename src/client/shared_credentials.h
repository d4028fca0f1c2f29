// One set of credentials for all requests of a client: fetched once, refreshed before they expire,
// refreshed when they are refused.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "http/event_loop.h"
#include "kinesink/credentials.h"

namespace kinesink::client {

// Thread-safe. Callbacks run on a loop thread, never inside the call that gave them. Shared by the
// client and the provider's callbacks.
class SharedCredentials : public std::enable_shared_from_this<SharedCredentials> {
 public:
  using Callback = std::function<void(Result<Credentials>)>;

  // Both are shared with others; `loop` outlives this.
  SharedCredentials(http::EventLoop& loop, std::shared_ptr<CredentialsProvider> provider)
      : loop_(loop), provider_(std::move(provider)) {}

  // Those at hand if they are good for a while; starts a refresh in the background when they end
  // soon.
  std::optional<Credentials> current();
  // Waits for a fetch; several callers share one.
  void fetch(bool refresh, Callback done);

 private:
  void fetched(Result<Credentials> result);

  http::EventLoop& loop_;
  const std::shared_ptr<CredentialsProvider> provider_;
  std::mutex mutex_;
  std::optional<Credentials> credentials_;
  std::vector<Callback> waiting_;
  bool fetching_ = false;
};

}  // namespace kinesink::client
