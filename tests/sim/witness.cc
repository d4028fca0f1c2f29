#include "tests/sim/witness.h"

#include <algorithm>
#include <charconv>

#include "kinesis/limits.h"
#include "kinesis/value.h"
#include "local/authorization.h"

namespace kinesink::sim {
namespace {

// A record is never sent more often than that in a second: retries must not be hot.
constexpr std::size_t kMostSendsPerSecond = 60;
constexpr std::size_t kEnough = 20;  // of the same complaint

}  // namespace

std::optional<std::int64_t> row_of(std::string_view payload) {
  constexpr std::string_view kMark = "\"id\":";
  const std::size_t at = payload.find(kMark);
  if (at == payload.npos) return std::nullopt;
  std::int64_t row = -1;
  std::from_chars(payload.data() + at + kMark.size(), payload.data() + payload.size(), row);
  return row;
}

std::vector<std::int64_t> rows_of(std::string_view payload, bool packed) {
  std::vector<std::int64_t> rows;
  if (packed && !payload.ends_with('\n')) return {-1};
  while (!payload.empty()) {
    const std::size_t end = packed ? payload.find('\n') + 1 : payload.size();
    rows.push_back(row_of(payload.substr(0, end)).value_or(-1));
    payload.remove_prefix(end);
  }
  return rows;
}

Witness::Records::const_iterator Witness::record_of(std::int64_t row) const {
  auto found = records_.upper_bound(row);
  if (found == records_.begin()) return records_.end();
  --found;
  const auto end = found->first + static_cast<std::int64_t>(found->second.rows);
  return row < end ? found : records_.end();
}

void Witness::broke(std::string what) {
  if (broken_.size() < kEnough) broken_.push_back(std::move(what));
}

void Witness::sent(RequestId id, const http::Request& request, Instant now) {
  std::vector<std::int64_t>& rows = requests_[id].rows;
  requests_[id].credentials = credentials_;
  const auto wire = kinesis::wire_of(request.header("Content-Type"), request.body);
  const auto decoded = kinesis::decode(request.body, wire.value_or(kinesis::Wire::json));
  if (!wire || !decoded) {
    return broke("a request cannot be read");
  }
  std::size_t size = 0;
  for (const kinesis::Value& entry : (*decoded)["Records"].list()) {
    const std::string data = entry["Data"].bytes().value_or("");
    const std::string_view key = entry["PartitionKey"].text().value_or("");
    const std::int64_t row = row_of(data).value_or(-1);
    rows.push_back(row);
    size += data.size() + key.size();
    check_record(row, data.size() + key.size(), key);
    if (row < 0) continue;
    RecordLife& life = records_[row];
    const std::vector<std::int64_t> inside = sim::rows_of(data, scenario_.packed);
    if (!life.sends.empty() && inside.size() != life.rows)
      broke("the record of row " + std::to_string(row) + " has other rows than before");
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (inside[i] != row + static_cast<std::int64_t>(i))
        broke("the record of row " + std::to_string(row) + " leaves rows out");
    }
    if (inside.size() > 1 && data.size() > scenario_.options.packed_record_size)
      broke("the record of row " + std::to_string(row) + " is over packed_record_size");
    life.rows = inside.size();
    life.sends.push_back(now);
    check_again(row, life);
  }
  check_limits(rows.size(), size);
}

void Witness::check_limits(std::size_t count, std::size_t size) {
  const FlushConfig& flush = scenario_.options.flush_config;
  if (count == 0 || count > std::min<std::size_t>(flush.max_record_count, 500))
    broke("a request has " + std::to_string(count) + " records");
  if (count > 1 && size > std::min<std::size_t>(flush.max_data_size, kinesis::kMaxRequestBytes))
    broke("a request has " + std::to_string(size) + " bytes of payload and keys");
}

void Witness::check_record(std::int64_t row, std::size_t size, std::string_view key) {
  const std::size_t most = scenario_.network.summary_denied ? kinesis::kDefaultMaxRecordBytes
                                                            : scenario_.max_record_kib * 1024;
  if (size > most) broke("the record of row " + std::to_string(row) + " is over the limit");
  if (key.empty() || key.size() > kinesis::kMaxPartitionKeyBytes)
    broke("the key of row " + std::to_string(row) + " is empty or too long");
}

void Witness::check_again(std::int64_t row, const RecordLife& life) {
  const std::string name = "row " + std::to_string(row);
  if (life.acknowledged) broke(name + " is sent again after its acknowledgement");
  if (life.refused_credentials && credentials_ <= *life.refused_credentials)
    broke(name + " is sent again with credentials that were refused");
  const std::size_t count = life.sends.size();
  const SinkOptions& options = scenario_.options;
  const std::uint32_t most =
      1 + std::max(options.retry.max_retries, options.checkpoint_retry.max_retries);
  if (scenario_.every_retry_is_paid() && count > most)
    broke(name + " is sent " + std::to_string(count) + " times, over its budget");
  const Duration least =
      std::min(options.retry.base_delay, options.checkpoint_retry.base_delay) / 2;
  if (scenario_.every_retry_waits() && count > 1 &&
      life.sends[count - 1] - life.sends[count - 2] < least)
    broke(name + " is sent again without its backoff");
  if (count > kMostSendsPerSecond &&
      life.sends[count - 1] - life.sends[count - 1 - kMostSendsPerSecond] < std::chrono::seconds(1))
    broke(name + " is sent more often than " + std::to_string(kMostSendsPerSecond) +
          " times in a second");
}

void Witness::answered(RequestId id, const http::Response& response) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  const auto wire = kinesis::wire_of(response.header("Content-Type"), response.body);
  if (!wire) return;
  const auto answer = kinesis::decode(response.body, *wire);
  if (answer && (*answer)["__type"].text() == "ExpiredTokenException") {
    for (const std::int64_t row : found->second.rows)
      records_[row].refused_credentials = found->second.credentials;
  }
  if (response.status != 200) return;
  const std::vector<std::int64_t>& rows = found->second.rows;
  if (!answer || (*answer)["Records"].list().size() != rows.size()) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const kinesis::Value& entry = (*answer)["Records"].list()[i];
    if (rows[i] >= 0 && !entry["SequenceNumber"].is_null()) records_[rows[i]].acknowledged = true;
  }
}

void Witness::refused_by_service(const http::Response& response) {
  const auto answer = kinesis::decode(
      response.body, kinesis::wire_of(response.header("Content-Type"), response.body)
                         .value_or(kinesis::Wire::json));
  const std::string code(answer ? (*answer)["__type"].text().value_or("") : "");
  const bool about_time =
      scenario_.clock_skew != Duration::zero() && code == "InvalidSignatureException";
  if (about_time || code == "ExpiredTokenException") return;
  broke("the service refused a request: " +
        (answer ? code + ": " + std::string((*answer)["message"].text().value_or(""))
                : response.body));
}

}  // namespace kinesink::sim
