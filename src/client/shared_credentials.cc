#include "client/shared_credentials.h"

#include <utility>

namespace kinesink::client {
namespace {

// The AWS SDKs ask for new credentials that long before the old ones end.
constexpr std::chrono::minutes kRefreshBefore{5};

}  // namespace

std::optional<Credentials> SharedCredentials::current() {
  bool ends_soon = false;
  std::optional<Credentials> good;
  {
    const std::lock_guard lock(mutex_);
    if (!credentials_) return std::nullopt;
    const auto now =
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(loop_.wall_now());
    if (credentials_->expiration) {
      if (*credentials_->expiration <= now) return std::nullopt;
      ends_soon = *credentials_->expiration - now < kRefreshBefore && !fetching_;
    }
    good = credentials_;
  }
  if (ends_soon) fetch(true, [](const Result<Credentials>&) {});
  return good;
}

void SharedCredentials::fetch(bool refresh, Callback done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(done));
    if (fetching_) return;
    fetching_ = true;
  }
  loop_.post([self = shared_from_this(), refresh] {
    self->provider_->get_credentials(refresh, [self](Result<Credentials> result) {
      // The provider may call from a thread of its own.
      self->loop_.post(
          [self, result = std::move(result)]() mutable { self->fetched(std::move(result)); });
    });
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
