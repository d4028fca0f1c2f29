#include "client/shared_credentials.h"

#include <utility>

namespace kinesink::client {
namespace {

// The AWS SDKs ask for new credentials that long before the old ones end.
constexpr std::chrono::minutes kRefreshBefore{5};
// When that fails, or gives nothing better, the provider is not asked at each request.
constexpr std::chrono::seconds kEarlyFetchPause{10};
// A provider may ask a person, or run a program; but calls must end.
constexpr std::chrono::seconds kLongestWait{60};

}  // namespace

SharedCredentials::Given SharedCredentials::current(WallTime now) {
  bool ends_soon = false;
  Given good;
  {
    const std::lock_guard lock(mutex_);
    if (credentials_ == nullptr) return nullptr;
    if (credentials_->expiration) {
      // Compared in the coarser unit: the last representable day of the finer is in 2262.
      const auto today = std::chrono::floor<std::chrono::seconds>(now);
      const auto end = std::chrono::floor<std::chrono::seconds>(*credentials_->expiration);
      if (end <= today) return nullptr;
      ends_soon = end - today < kRefreshBefore && !fetching_ && loop_.now() >= next_early_fetch_;
      if (ends_soon) next_early_fetch_ = loop_.now() + kEarlyFetchPause;
    }
    good = credentials_;
  }
  if (ends_soon) {
    // Not kept by its own list, which a provider that never answers leaves as it is.
    fetch([weak = weak_from_this()](const Result<Given>& result) {
      if (const auto self = weak.lock()) self->renewed(result);
    });
  }
  return good;
}

void SharedCredentials::fetch(Callback done) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    patience_ = loop_.call_at(loop_.now() + kLongestWait, [self = weak_from_this()] {
      if (const auto shared = self.lock()) shared->give_up();
    });
  }
  waiting_.push_back(std::move(done));
  if (fetching_) return;
  fetching_ = true;
  const bool refresh = credentials_ != nullptr;
  loop_.post([self = shared_from_this(), refresh] {
    // The provider may call from a thread of its own, and after the client's end.
    self->provider_->get_credentials(
        refresh, [self](Result<Credentials> result) { self->answered(std::move(result)); });
  });
}

void SharedCredentials::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  loop_.cancel(patience_);
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
  Result<Given> given = Given();
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    if (result) {
      credentials_ = std::make_shared<const Credentials>(*std::move(result));
      given = credentials_;
      renewal_fails_ = false;
    } else {
      given = std::move(result).error();
    }
    waiting.swap(waiting_);
    loop_.cancel(patience_);
  }
  for (Callback& done : waiting) done(given);
}

void SharedCredentials::give_up() {
  std::vector<Callback> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    waiting.swap(waiting_);
  }
  const Error late =
      make_error(ErrorKind::timeout,
                 "no AWS credentials were given in " + std::to_string(kLongestWait.count()) +
                     " s: the provider, or the program that it runs, is still at it");
  for (Callback& done : waiting) done(late);
}

// Nobody waits for it: the old ones are good for a while.
void SharedCredentials::renewed(const Result<Given>& result) {
  {
    const std::lock_guard lock(mutex_);
    if (result || std::exchange(renewal_fails_, true)) return;
  }
  log_.write(LogLevel::warning, "client",
             "credentials end soon and cannot be renewed; the old ones stay in use until they end",
             {{"error", result.error().message}});
}

}  // namespace kinesink::client
