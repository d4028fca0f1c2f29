#include "tests/sim/simulated_transport.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "http/request_head.h"
#include "http/response_reader.h"
#include "kinesis/value.h"
#include "local/answer_writer.h"
#include "local/authorization.h"
#include "local/request_reader.h"
#include "local/response_head.h"

namespace kinesink::sim {
namespace {

constexpr std::string_view kAuthority = "127.0.0.1:1";
constexpr std::size_t kMaxBody = 64 * kMiB;

kinesis::Wire wire_of(const http::Request& request) {
  return kinesis::wire_of(request.header("Content-Type"), request.body)
      .value_or(kinesis::Wire::json);
}

// Gives all bytes to the server's reader, as they would come out of a socket.
local::RequestReader::State read_request(local::RequestReader& reader, std::string_view bytes) {
  auto state = local::RequestReader::State::incomplete;
  while (state == local::RequestReader::State::incomplete && !bytes.empty()) {
    const std::span<char> room = reader.room();
    const std::size_t part = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), part);
    bytes.remove_prefix(part);
    reader.received(part);
    state = reader.advance();
  }
  return state;
}

}  // namespace

Duration SimulatedTransport::latency() {
  const auto spread =
      static_cast<std::uint64_t>((faults_.max_latency - faults_.min_latency).count());
  return faults_.min_latency + Duration(static_cast<std::int64_t>(random_.below(spread + 1)));
}

Duration SimulatedTransport::stall() const {
  if (faults_.stalls_every == Duration::zero()) return {};
  const Duration period = faults_.stalls_every + faults_.stalls_for;
  const Duration into = loop_.now().time_since_epoch() % period;
  return into < faults_.stalls_every ? Duration::zero() : period - into;
}

bool SimulatedTransport::strikes(double probability) {
  const bool strikes = random_.chance(probability);
  faults_injected_ += strikes ? 1 : 0;
  return strikes;
}

void SimulatedTransport::set_clock_skew(Duration skew) {
  skew_ = skew;
  loop_.set_wall_skew(skew);
}

// The bytes leave now: what becomes of the sink's request later does not change them.
http::Transport::RequestId SimulatedTransport::send(http::Request request, Completion complete) {
  const RequestId id = next_id_++;
  waiting_.emplace(id, std::move(complete));
  most_in_flight_ = std::max(most_in_flight_, waiting_.size());
  if (local::operation_of(request) == "PutRecords") witness_.sent(id, request, loop_.now());
  if (strikes(faults_.refused)) {
    loop_.call_at(loop_.now() + latency(),
                  [this, id] { fail(id, ErrorKind::transient, "refused", false); });
    return id;
  }
  std::string bytes;
  http::append_request_head(bytes, request, kAuthority);
  bytes += request.body;
  const Duration way = latency();
  loop_.call_at(loop_.now() + way + stall(),
                [this, id, bytes = std::move(bytes)] { arrive(id, bytes); });
  loop_.call_at(loop_.now() + way + faults_.request_timeout,
                [this, id] { fail(id, ErrorKind::timeout, "timeout", true); });
  return id;
}

void SimulatedTransport::arrive(RequestId id, const std::string& bytes) {
  look_();
  local::RequestReader reader(kMaxBody);
  if (read_request(reader, bytes) != local::RequestReader::State::complete)
    return witness_.broke("the server cannot read a request");
  note(id, "arrives");
  std::optional<Answer> answer = obey(id, reader.request());
  if (!answer) {
    loop_.call_at(loop_.now() + latency(),
                  [this, id] { fail(id, ErrorKind::transient, "dropped", true); });
    return;
  }
  const Duration back = answer->delay + latency();
  loop_.call_at(loop_.now() + back,
                [this, id, answer = *std::move(answer)] { deliver(id, answer); });
}

std::optional<SimulatedTransport::Answer> SimulatedTransport::obey(RequestId id,
                                                                   const http::Request& request) {
  const bool puts = local::operation_of(request) == "PutRecords";
  if (auto refused = refusal(request, witness_.rows_of(id), puts))
    return written(*std::move(refused), false, false);
  const bool odd = puts && strikes(faults_.odd_answer);
  if (odd && random_.below(2) == 0) return written(odd_answer(wire_of(request)), false, false);
  local::FaultedAnswer answer = service_.handle(request, true_time());
  if (odd) {
    // Obeyed, and the gateway says that it failed.
    return written(error_answer(500 + static_cast<int>(random_.below(5)), "", wire_of(request)),
                   false, false);
  }
  if (!answer.response) return std::nullopt;
  if (answer.response->status == 400) witness_.refused_by_service(*answer.response);
  if (puts && answer.response->status == 200 && strikes(faults_.extra_entry))
    add_entry(*answer.response);
  Answer made = written(*std::move(answer.response), strikes(faults_.cut), puts);
  made.delay = answer.delay;
  return made;
}

// What is not obeyed: the faults that know what they refuse.
std::optional<http::Response> SimulatedTransport::refusal(const http::Request& request,
                                                          const std::vector<std::int64_t>& rows,
                                                          bool puts) {
  const kinesis::Wire wire = wire_of(request);
  if (!puts) {
    if (faults_.summary_denied) return error_answer(400, "AccessDeniedException", wire);
    if (!strikes(faults_.control)) return std::nullopt;
    return random_.below(2) == 0 ? error_answer(400, "LimitExceededException", wire)
                                 : error_answer(503, "", wire);
  }
  if (strikes(faults_.permanent)) {
    constexpr std::array kCodes = {"AccessDeniedException", "ResourceNotFoundException",
                                   "KMSAccessDeniedException", "KMSDisabledException"};
    return error_answer(400, kCodes[random_.below(kCodes.size())], wire);
  }
  if (faults_.max_request_size != 0 && request.body.size() > faults_.max_request_size) {
    ++faults_injected_;
    return random_.below(2) == 0 ? error_answer(413, "", wire)
                                 : error_answer(400, "InvalidArgumentException", wire);
  }
  if (faults_.poison_every != 0 && std::ranges::any_of(rows, [this](std::int64_t row) {
        return row >= 0 && row % faults_.poison_every == 0;
      })) {
    ++faults_injected_;
    return error_answer(400, "ValidationException", wire);
  }
  return std::nullopt;
}

// An answer that nobody expects, of something that did not pass the request on.
http::Response SimulatedTransport::odd_answer(kinesis::Wire wire) {
  constexpr std::array kStatus = {204, 302, 408, 429, 500, 502, 503, 504, 200};
  constexpr std::array kCodes = {"InternalFailure", "ServiceUnavailable", "ThrottlingException",
                                 "LimitExceededException", ""};
  return error_answer(kStatus[random_.below(kStatus.size())], kCodes[random_.below(kCodes.size())],
                      wire);
}

// The service's error in either encoding, whatever the request's was; without a code a body that
// is HTML, garbage or nothing.
http::Response SimulatedTransport::error_answer(int status, std::string_view code,
                                                kinesis::Wire wire) {
  http::Response response;
  response.status = status;
  if (code.empty()) {
    constexpr std::array kBodies = {"<html><h1>Service Unavailable</h1></html>", "", "\xff\xfe{",
                                    "null", "{}"};
    response.headers = {{"Content-Type", "text/html"}};
    response.body = kBodies[random_.below(kBodies.size())];
    return response;
  }
  if (random_.below(4) == 0) wire = kinesis::Wire::json;
  response.headers = {{"Content-Type", std::string(kinesis::content_type_of(wire))}};
  local::AnswerWriter out(wire, response.body);
  out.map(2);
  out.key("__type").text(code);
  out.key("message").text("made by a fault");
  out.end_map();
  return response;
}

// A stored record more than was asked for.
void SimulatedTransport::add_entry(http::Response& response) {
  const auto wire = kinesis::wire_of(response.header("Content-Type"), response.body);
  const auto answer = kinesis::decode(response.body, *wire);
  kinesis::Value::List records = (*answer)["Records"].list();
  records.push_back(records.back());
  kinesis::Value::Members members;
  members.emplace_back("FailedRecordCount", (*answer)["FailedRecordCount"]);
  members.emplace_back("Records", kinesis::Value(std::move(records)));
  response.body = kinesis::encode(kinesis::Value(std::move(members)), *wire);
}

SimulatedTransport::Answer SimulatedTransport::written(http::Response response, bool cut,
                                                       bool may_be_spoilt) {
  Answer answer;
  std::string head;
  local::append_response_head(head, response, true);
  if (may_be_spoilt && strikes(faults_.wrong_length)) {
    const std::string right = std::to_string(response.body.size()) + "\r\n\r\n";
    const std::size_t wrong =
        random_.below(2) == 0
            ? response.body.size() + 1 + random_.below(100)
            : response.body.size() - std::min(response.body.size(), 1 + random_.below(100));
    head.replace(head.size() - right.size(), right.size(), std::to_string(wrong) + "\r\n\r\n");
    answer.closes = true;
  }
  answer.bytes = head + response.body;
  if (cut) {
    answer.bytes.resize(random_.below(answer.bytes.size()));
    answer.closes = true;
  }
  return answer;
}

// The answer in pieces, as a socket gives it.
void SimulatedTransport::deliver(RequestId id, const Answer& answer) {
  look_();
  http::ResponseReader reader(kMaxBody);
  auto state = http::ResponseReader::State::incomplete;
  std::string_view bytes = answer.bytes;
  while (!bytes.empty() && state == http::ResponseReader::State::incomplete) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), 1 + random_.below(100'000));
    state = reader.received(bytes.substr(0, part));
    bytes.remove_prefix(part);
  }
  if (state == http::ResponseReader::State::incomplete && answer.closes) state = reader.ended(true);
  if (state != http::ResponseReader::State::complete)
    return fail(id, ErrorKind::transient, "cut", true);
  http::Exchange exchange;
  exchange.response = reader.take();
  finish(id, std::move(exchange), "answered");
}

void SimulatedTransport::cancel(RequestId id) {
  loop_.post([this, id] { fail(id, ErrorKind::cancelled, "cancelled", true); });
}

void SimulatedTransport::fail(RequestId id, ErrorKind kind, const char* what,
                              bool may_have_been_received) {
  http::Exchange exchange;
  exchange.error = make_error(kind, what);
  exchange.may_have_been_received = may_have_been_received;
  finish(id, std::move(exchange), what);
}

void SimulatedTransport::finish(RequestId id, http::Exchange exchange, const char* what) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  if (exchange.response) witness_.answered(id, *exchange.response);
  note(id, exchange.response ? what + (' ' + std::to_string(exchange.response->status)) : what);
  Completion complete = std::move(found->second);
  waiting_.erase(found);
  complete(std::move(exchange));
}

void SimulatedTransport::note(RequestId id, std::string_view what) {
  trace_ += std::to_string(loop_.now().time_since_epoch().count()) + " request " +
            std::to_string(id) + ' ';
  trace_.append(what).append("\n");
}

}  // namespace kinesink::sim
