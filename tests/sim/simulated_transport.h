// The network of a simulation: requests reach a faulty local service after a delay, answers come
// back after another, or never. All in one thread under virtual time, drawn from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/random.h"
#include "http/event_loop.h"
#include "http/transport.h"
#include "local/faults.h"

namespace kinesink::sim {

struct NetworkOptions {
  Duration min_latency = std::chrono::milliseconds(1);  // each way
  Duration max_latency = std::chrono::milliseconds(30);
  Duration request_timeout = std::chrono::seconds(30);
  double refused = 0;  // probability that the connection cannot be made
};

class SimulatedTransport final : public http::Transport {
 public:
  SimulatedTransport(http::EventLoop& loop, local::FaultyService& service, NetworkOptions options,
                     std::uint64_t seed)
      : loop_(loop), service_(service), options_(options), random_(seed) {}

  RequestId send(http::Request request, Completion complete) override;
  void cancel(RequestId id) override;

  // Everything that happened, one line each: the same for the same seed.
  const std::string& trace() const { return trace_; }
  std::size_t requests() const { return next_id_ - 1; }
  std::size_t most_in_flight() const { return most_in_flight_; }

 private:
  void arrive(RequestId id, const http::Request& request);
  void finish(RequestId id, http::Exchange exchange, const char* what);
  Duration latency();

  http::EventLoop& loop_;
  local::FaultyService& service_;
  NetworkOptions options_;
  Random random_;
  std::map<RequestId, Completion> waiting_;
  RequestId next_id_ = 1;
  std::size_t most_in_flight_ = 0;
  std::string trace_;
};

}  // namespace kinesink::sim
