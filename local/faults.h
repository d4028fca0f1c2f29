// A service that misbehaves by the dice: wraps Service with faults drawn from a seed. What happens
// to the connection is described, not done, so that the listener and a simulation can both do it.
//
// Faults strike PutRecords and PutRecord; other calls pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "http/transport.h"
#include "kinesink/result.h"
#include "local/service.h"

namespace kinesink::local {

// Probabilities in [0, 1]. Per entry: throttle, error. All others per request, drawn in this order.
struct FaultRates {
  double throttle = 0;       // the entry gets ProvisionedThroughputExceededException
  double error = 0;          // the entry gets InternalFailure
  double lost_request = 0;   // connection dropped, request not obeyed
  double expired_token = 0;  // ExpiredTokenException, not obeyed
  double server_error = 0;   // 500 or 503 with HTML; obeyed in half of the cases
  double lost_answer = 0;    // obeyed, connection dropped without an answer
  double cut = 0;            // obeyed, the answer's body ends somewhere in the middle
  double wrong_count = 0;    // obeyed, the answer has one entry too few
  double stall = 0;          // obeyed, the answer comes after `stall_for`
  Duration stall_for = std::chrono::seconds(2);

  bool any() const;
};

// "throttle=0.1,error=0.01,stall=0.05,stall_ms=500"; empty text is no fault.
Result<FaultRates> parse_faults(std::string_view text);

struct FaultedAnswer {
  std::optional<http::Response> response;  // nothing: the connection is dropped without one
  bool drop_connection = false;            // after what is sent of the response
  Duration delay{};                        // before it is sent
  std::optional<std::size_t> cut_at;       // so many bytes of the body are sent, then dropped
};

class FaultyService {
 public:
  // `service` must outlive this.
  FaultyService(Service& service, FaultRates rates, std::uint64_t seed)
      : service_(service), rates_(rates), random_(seed) {}

  FaultedAnswer handle(const http::Request& request, WallTime now);

 private:
  FaultedAnswer strike(const http::Request& request, WallTime now);

  Service& service_;
  FaultRates rates_;
  Random random_;
};

}  // namespace kinesink::local
