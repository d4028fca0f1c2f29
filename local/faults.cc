#include "local/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "kinesis/value.h"
#include "local/answer_writer.h"
#include "local/authorization.h"

namespace kinesink::local {
namespace {

struct NamedRate {
  std::string_view name;
  double FaultRates::*rate;
};

constexpr std::array<NamedRate, 9> kRates = {{{"throttle", &FaultRates::throttle},
                                              {"error", &FaultRates::error},
                                              {"lost_request", &FaultRates::lost_request},
                                              {"expired_token", &FaultRates::expired_token},
                                              {"server_error", &FaultRates::server_error},
                                              {"lost_answer", &FaultRates::lost_answer},
                                              {"cut", &FaultRates::cut},
                                              {"wrong_count", &FaultRates::wrong_count},
                                              {"stall", &FaultRates::stall}}};
constexpr std::string_view kStallTime = "stall_ms";
constexpr double kLongestStallMs = 600'000;

Error bad_fault(std::string_view item, const std::string& why) {
  return make_error(ErrorKind::invalid_argument, "fault '" + std::string(item) + "': " + why);
}

http::Response html_error(int status) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "text/html"}};
  response.body = status == 503 ? "<html><body><h1>503 Service Unavailable</h1></body></html>\n"
                                : "<html><body><h1>500 Internal Server Error</h1></body></html>\n";
  return response;
}

kinesis::Wire wire_of_request(const http::Request& request) {
  return kinesis::wire_of(request.header("Content-Type"), request.body)
      .value_or(kinesis::Wire::json);
}

http::Response expired_token(const http::Request& request) {
  const kinesis::Wire wire = wire_of_request(request);
  http::Response response;
  response.status = 400;
  response.headers = {{"Content-Type", std::string(kinesis::content_type_of(wire))}};
  AnswerWriter out(wire, response.body);
  out.map(2);
  out.key("__type").text("ExpiredTokenException");
  out.key("message").text("The security token included in the request is expired");
  out.end_map();
  return response;
}

// Leaves the last entry out of a good answer.
void shorten(http::Response& response, kinesis::Wire wire) {
  auto answer = kinesis::decode(response.body, wire);
  if (!answer || (*answer)["Records"].list().empty()) return;
  const auto& records = (*answer)["Records"].list();
  response.body.clear();
  AnswerWriter out(wire, response.body);
  out.map(2);
  out.key("FailedRecordCount").integer((*answer)["FailedRecordCount"].integer().value_or(0));
  out.key("Records").list(records.size() - 1);
  for (std::size_t index = 0; index + 1 < records.size(); ++index) {
    const bool stored = records[index]["ErrorCode"].is_null();
    const std::string_view first = stored ? "SequenceNumber" : "ErrorCode";
    const std::string_view second = stored ? "ShardId" : "ErrorMessage";
    out.map(2);
    out.key(first).text(records[index][first].text().value_or(""));
    out.key(second).text(records[index][second].text().value_or(""));
    out.end_map();
  }
  out.end_list();
  out.end_map();
}

}  // namespace

bool FaultRates::any() const {
  return std::ranges::any_of(kRates,
                             [this](const NamedRate& named) { return this->*named.rate > 0; });
}

Result<FaultRates> parse_faults(std::string_view text) {
  FaultRates rates;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const std::string_view digits =
        equals == item.npos ? std::string_view() : item.substr(equals + 1);
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = error == std::errc() && end == digits.data() + digits.size();
    if (name == kStallTime) {
      if (!is_number || !(number >= 0 && number <= kLongestStallMs)) {
        return bad_fault(item, "stall_ms must be 0 to 600000 milliseconds");
      }
      rates.stall_for = std::chrono::microseconds(static_cast<std::int64_t>(number * 1000));
      continue;
    }
    const auto named = std::ranges::find(kRates, name, &NamedRate::name);
    if (named == kRates.end()) {
      std::string known;
      for (const auto& one : kRates) known.append(one.name).append(", ");
      return bad_fault(item, "unknown; known are " + known + std::string(kStallTime));
    }
    if (!is_number || !(number >= 0 && number <= 1)) {
      return bad_fault(item, "the probability must be a number from 0 to 1");
    }
    rates.*(named->rate) = number;
  }
  return rates;
}

FaultedAnswer FaultyService::handle(const http::Request& request, WallTime now) {
  const std::string_view operation = operation_of(request);
  if (rates_.any() && (operation == "PutRecords" || operation == "PutRecord")) {
    return strike(request, now);
  }
  FaultedAnswer answer;
  answer.response = service_.handle(request, now);
  return answer;
}

FaultedAnswer FaultyService::strike(const http::Request& request, WallTime now) {
  FaultedAnswer answer;
  if (random_.chance(rates_.lost_request)) {
    answer.drop_connection = true;
    return answer;
  }
  if (random_.chance(rates_.expired_token)) {
    answer.response = expired_token(request);
    return answer;
  }
  const bool server_error = random_.chance(rates_.server_error);
  if (server_error && random_.chance(0.5)) {
    answer.response = html_error(500);
    return answer;
  }
  const auto entry_fault = [this] {
    if (random_.chance(rates_.throttle)) return EntryFault::throttled;
    return random_.chance(rates_.error) ? EntryFault::internal_failure : EntryFault::none;
  };
  http::Response& response = answer.response.emplace();
  service_.handle(request, now, response, entry_fault);
  if (server_error) {
    answer.response = html_error(503);
  } else if (random_.chance(rates_.lost_answer)) {
    answer.response.reset();
    answer.drop_connection = true;
  } else if (!response.body.empty() && random_.chance(rates_.cut)) {
    answer.cut_at = random_.below(response.body.size());
    answer.drop_connection = true;
  } else if (random_.chance(rates_.wrong_count)) {
    shorten(response, wire_of_request(request));
  } else if (random_.chance(rates_.stall)) {
    answer.delay = rates_.stall_for;
  }
  return answer;
}

}  // namespace kinesink::local
