// What an exchange without a good answer means, in words for the person who reads it.
#include <ctime>

#include "client/core.h"

namespace kinesink::client {
namespace {

// Date: Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110, section 5.6.7).
std::optional<WallTime> parse_date(std::string_view text) {
  std::tm fields{};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &fields);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return WallTime(std::chrono::seconds(::timegm(&fields)));
}

// What the user can do about it.
std::string_view advice_for(std::string_view code) {
  if (code == "ResourceNotFoundException")
    return ". Check the stream's name, the Region and the account";
  if (code == "UnrecognizedClientException" || code == "InvalidClientTokenId") {
    return ". The access key is not known: check the credentials and the Region's partition";
  }
  return {};
}

kinesis::ErrorClass class_of_transport_error(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_argument:
    case ErrorKind::internal:
      return kinesis::ErrorClass::permanent;
    // No credentials: another fetch may find some.
    case ErrorKind::auth:
      return kinesis::ErrorClass::auth;
    default:
      return kinesis::ErrorClass::transient;
  }
}

}  // namespace

Failure Core::failure_of(const http::Exchange& exchange, std::string_view operation,
                         const std::string& stream, bool stores) {
  Failure failure;
  if (exchange.error) {
    failure.error_class = class_of_transport_error(*exchange.error);
    failure.error = *exchange.error;
    failure.may_have_been_stored = stores && exchange.may_have_been_received;
    return failure;
  }
  const http::Response& response = *exchange.response;
  const kinesis::ServiceError said =
      kinesis::parse_service_error(response.status, response.header("Content-Type"),
                                   response.header("x-amzn-ErrorType"), response.body);
  failure.error_class = kinesis::classify(said.code, response.status);
  failure.error.kind = said.code == "ResourceNotFoundException"
                           ? ErrorKind::not_found
                           : kinesis::kind_of(failure.error_class);
  failure.error.aws_code = said.code;
  failure.error.request_id = response.header("x-amzn-RequestId");
  failure.error.message = std::string(operation) + " on stream " + stream + " in " + rules_.region +
                          ": " + said.message;
  if (said.code == "AccessDeniedException") {
    failure.error.kind = ErrorKind::auth;
    failure.error.message +=
        ". The credentials need the permission kinesis:" + std::string(operation);
  }
  failure.error.message += advice_for(said.code);
  failure.may_have_been_stored = stores && response.status >= 500;
  if (failure.error_class == kinesis::ErrorClass::clock) correct_clock(response);
  return failure;
}

void Core::correct_clock(const http::Response& response) {
  const std::optional<WallTime> date = parse_date(response.header("Date"));
  if (!date) return;
  const Duration offset = *date - loop_->wall_now();
  clock_offset_.store(offset.count());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(offset).count();
  log_.write(LogLevel::warning, "client",
             "the service refused a signature's time: the clock is corrected",
             {{"offset_seconds", std::to_string(seconds)}});
}

}  // namespace kinesink::client
