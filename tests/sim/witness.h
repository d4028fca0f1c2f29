// Sees every request as it reaches the service and every answer as it reaches the sink, reads them
// with a decoder of its own, and says what broke a promise.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "http/transport.h"
#include "tests/sim/scenario.h"

namespace kinesink::sim {

// The number of a record's first row, from what was stored for it; nothing if it does not bear one
// (an empty raw value).
std::optional<std::int64_t> row_of(std::string_view payload);
// The numbers of all rows of a record, one after another; `packed`: each is a line.
std::vector<std::int64_t> rows_of(std::string_view payload, bool packed);

class Witness {
 public:
  using RequestId = http::Transport::RequestId;

  explicit Witness(const Scenario& scenario) : scenario_(scenario) {}

  // A PutRecords request leaves.
  void sent(RequestId id, const http::Request& request, Instant now);
  // The first row of each of its records; -1 for one without a number.
  const std::vector<std::int64_t>& rows_of(RequestId id) { return requests_[id].rows; }
  // The sink has new credentials.
  void credentials_renewed() { ++credentials_; }
  // The client has got this answer, whole.
  void answered(RequestId id, const http::Response& response);
  // The service refused a request although no fault made it do so.
  void refused_by_service(const http::Response& response);

  bool is_acknowledged(std::int64_t row) const {
    const auto found = record_of(row);
    return found != records_.end() && found->second.acknowledged;
  }
  bool was_sent(std::int64_t row) const { return record_of(row) != records_.end(); }
  const std::vector<std::string>& broken() const { return broken_; }
  void broke(std::string what);

 private:
  // Rows that are sent together, always the same ones.
  struct RecordLife {
    std::size_t rows = 1;
    std::vector<Instant> sends;
    bool acknowledged = false;
    std::optional<std::uint64_t> refused_credentials;  // not to be sent with these again
  };
  struct Request {
    std::vector<std::int64_t> rows;
    std::uint64_t credentials = 0;  // generation
  };
  void check_limits(std::size_t count, std::size_t size);
  void check_record(std::int64_t row, std::size_t size, std::string_view key);
  void check_again(std::int64_t row, const RecordLife& life);
  using Records = std::map<std::int64_t, RecordLife>;  // by their first row
  Records::const_iterator record_of(std::int64_t row) const;

  const Scenario& scenario_;
  Records records_;
  std::map<RequestId, Request> requests_;
  std::uint64_t credentials_ = 0;  // generation
  std::vector<std::string> broken_;
};

}  // namespace kinesink::sim
