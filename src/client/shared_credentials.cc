#include "client/shared_credentials.h"

#include <utility>

namespace kinesink::client {
namespace {

// The AWS SDKs ask for new credentials that long before the old ones end.
constexpr std::chrono::minutes kRefreshBefore{5};
// When that fails, or gives nothing better, the provider is not asked at each request.
constexpr std::chrono::seconds kEarlyFetchPause{10};

}  // namespace

std::optional<Credentials> SharedCredentials::current(WallTime now) {
  bool ends_soon = false;
  std::optional<Credentials> good;
  {
    const std::lock_guard lock(mutex_);
    if (!credentials_) return std::nullopt;
    if (credentials_->expiration) {
      // Compared in the coarser unit: the last representable day of the finer is in 2262.
      const auto today = std::chrono::floor<std::chrono::seconds>(now);
      const auto end = std::chrono::floor<std::chrono::seconds>(*credentials_->expiration);
      if (end <= today) return std::nullopt;
      ends_soon = end - today < kRefreshBefore && !fetching_ && loop_.now() >= next_early_fetch_;
      if (ends_soon) next_early_fetch_ = loop_.now() + kEarlyFetchPause;
    }
    good = credentials_;
  }
  if (ends_soon) fetch([](const Result<Credentials>&) {});
  return good;
}

void SharedCredentials::fetch(Callback done) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(done));
  if (fetching_) return;
  fetching_ = true;
  const bool refresh = credentials_.has_value();
  loop_.post([self = shared_from_this(), refresh] {
    // The provider may call from a thread of its own, and after the client's end.
    self->provider_->get_credentials(
        refresh, [self](Result<Credentials> result) { self->answered(std::move(result)); });
  });
}

void SharedCredentials::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void SharedCredentials::answered(Result<Credentials> result) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  loop_.post([self = shared_from_this(), result = std::move(result)]() mutable {
    self->fetched(std::move(result));
  });
}

void SharedCredentials::fetched(Result<Credentials> result) {
  std::vector<Callback> waiting;
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    if (result) credentials_ = *result;
    waiting.swap(waiting_);
  }
  for (Callback& done : waiting) done(result);
}

}  // namespace kinesink::client
