#include "aws/ask.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace kinesink::aws {
namespace {

// Shared by the caller and a completion that may come after the caller has left.
struct Waiter {
  std::mutex mutex;
  std::condition_variable changed;
  std::string body;
  std::optional<http::Exchange> exchange;
};

}  // namespace

http::Exchange ask(http::EventLoop& loop, http::Transport& transport, http::Request request,
                   std::string body, Instant deadline) {
  const auto waiter = std::make_shared<Waiter>();
  waiter->body = std::move(body);
  request.body = waiter->body;
  transport.send(std::move(request), [waiter](http::Exchange exchange) {
    const std::lock_guard lock(waiter->mutex);
    waiter->exchange = std::move(exchange);
    waiter->changed.notify_all();
  });
  std::unique_lock lock(waiter->mutex);
  const auto ready = [&waiter] { return waiter->exchange.has_value(); };
  if (loop.wait(lock, waiter->changed, ready, deadline)) return *std::move(waiter->exchange);
  http::Exchange late;
  late.error = make_error(ErrorKind::timeout, "it did not answer in time");
  return late;
}

}  // namespace kinesink::aws
