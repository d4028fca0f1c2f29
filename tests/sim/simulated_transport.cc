#include "tests/sim/simulated_transport.h"

#include <algorithm>
#include <utility>

namespace kinesink::sim {
namespace {

http::Exchange failed(ErrorKind kind, const char* message, bool may_have_been_received) {
  http::Exchange exchange;
  exchange.error = make_error(kind, message);
  exchange.may_have_been_received = may_have_been_received;
  return exchange;
}

}  // namespace

Duration SimulatedTransport::latency() {
  const auto spread =
      static_cast<std::uint64_t>((options_.max_latency - options_.min_latency).count());
  return options_.min_latency + Duration(static_cast<std::int64_t>(random_.below(spread + 1)));
}

http::Transport::RequestId SimulatedTransport::send(http::Request request, Completion complete) {
  const RequestId id = next_id_++;
  waiting_.emplace(id, std::move(complete));
  most_in_flight_ = std::max(most_in_flight_, waiting_.size());
  if (random_.chance(options_.refused)) {
    loop_.call_at(loop_.now() + latency(), [this, id] {
      finish(id, failed(ErrorKind::transient, "connection refused", false), "refused");
    });
    return id;
  }
  // The body is borrowed until the completion has run, so it is still there when the request
  // arrives, unless it was cancelled.
  loop_.call_at(loop_.now() + latency(), [this, id, request = std::move(request)] {
    if (waiting_.contains(id)) arrive(id, request);
  });
  return id;
}

void SimulatedTransport::arrive(RequestId id, const http::Request& request) {
  local::FaultedAnswer answer = service_.handle(request, loop_.wall_now());
  const Duration back = answer.delay + latency();
  if (back > options_.request_timeout) {
    loop_.call_at(loop_.now() + options_.request_timeout, [this, id] {
      finish(id, failed(ErrorKind::timeout, "no progress", true), "timeout");
    });
    return;
  }
  if (!answer.response || answer.cut_at) {
    const char* what = answer.cut_at ? "cut" : "dropped";
    loop_.call_at(loop_.now() + back, [this, id, what] {
      finish(id, failed(ErrorKind::transient, "connection closed", true), what);
    });
    return;
  }
  loop_.call_at(loop_.now() + back, [this, id, response = *std::move(answer.response)]() mutable {
    http::Exchange exchange;
    exchange.response = std::move(response);
    finish(id, std::move(exchange), "answered");
  });
}

void SimulatedTransport::cancel(RequestId id) {
  loop_.post(
      [this, id] { finish(id, failed(ErrorKind::cancelled, "cancelled", true), "cancelled"); });
}

void SimulatedTransport::finish(RequestId id, http::Exchange exchange, const char* what) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  trace_ += std::to_string(loop_.now().time_since_epoch().count()) + " request " +
            std::to_string(id) + ' ' + what;
  if (exchange.response) trace_ += ' ' + std::to_string(exchange.response->status);
  trace_ += '\n';
  Completion complete = std::move(found->second);
  waiting_.erase(found);
  complete(std::move(exchange));
}

}  // namespace kinesink::sim
