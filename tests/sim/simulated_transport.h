// The network of a simulation, with what may go wrong in it. A request becomes the bytes that the
// client would write and is read by the local server's reader; the answer's bytes come back in
// pieces, through the client's reader. All in one thread under virtual time, drawn from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/transport.h"
#include "kinesis/request_body.h"
#include "local/faults.h"
#include "tests/sim/scenario.h"
#include "tests/sim/witness.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::sim {

class SimulatedTransport final : public http::Transport {
 public:
  // All but `look` outlive this; `look` is called before each request and each answer.
  SimulatedTransport(tests::SimulatedLoop& loop, local::FaultyService& service, Witness& witness,
                     const NetworkFaults& faults, std::uint64_t seed, std::function<void()> look)
      : loop_(loop),
        service_(service),
        witness_(witness),
        faults_(faults),
        random_(seed),
        look_(std::move(look)) {}

  RequestId send(http::Request request, Completion complete) override;
  void cancel(RequestId id) override;

  // Makes the sink's clock wrong; the service's stays right.
  void set_clock_skew(Duration skew);
  WallTime true_time() const { return loop_.wall_now() - skew_; }
  // Everything that happened, one line each: the same for the same seed.
  const std::string& trace() const { return trace_; }
  std::size_t in_flight() const { return waiting_.size(); }
  std::size_t most_in_flight() const { return most_in_flight_; }
  std::uint64_t faults_injected() const { return faults_injected_; }

 private:
  struct Answer {
    std::string bytes;    // all that is sent
    bool closes = false;  // then the connection ends
    Duration delay{};
  };
  void arrive(RequestId id, const std::string& bytes);
  std::optional<Answer> obey(RequestId id, const http::Request& request);
  std::optional<http::Response> refusal(const http::Request& request,
                                        const std::vector<std::int64_t>& rows, bool puts);
  http::Response odd_answer(kinesis::Wire wire);
  http::Response error_answer(int status, std::string_view code, kinesis::Wire wire);
  void add_entry(http::Response& response);
  Answer written(http::Response response, bool cut, bool may_be_spoilt);
  void deliver(RequestId id, const Answer& answer);
  void finish(RequestId id, http::Exchange exchange, const char* what);
  void fail(RequestId id, ErrorKind kind, const char* what, bool may_have_been_received);
  void note(RequestId id, std::string_view what);
  Duration latency();
  Duration stall() const;  // until the service moves again
  bool strikes(double probability);

  tests::SimulatedLoop& loop_;
  local::FaultyService& service_;
  Witness& witness_;
  const NetworkFaults faults_;
  Random random_;
  const std::function<void()> look_;
  Duration skew_{};
  std::map<RequestId, Completion> waiting_;
  RequestId next_id_ = 1;
  std::size_t most_in_flight_ = 0;
  std::uint64_t faults_injected_ = 0;
  std::string trace_;
};

}  // namespace kinesink::sim
