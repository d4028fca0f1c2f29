// What an exchange without a good answer means, in words for the person who reads it.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "aws/http_date.h"
#include "client/core.h"

namespace kinesink::client {
namespace {

struct Advice {
  std::string_view code;
  std::string_view text;
};

constexpr std::string_view kUnknownKey =
    ". The access key is not known: check the credentials and the Region's partition";

// What the user can do about it. KMS: the stream is encrypted with a key of the account's own.
constexpr std::array kAdvice = {
    Advice{"ResourceNotFoundException", ". Check the stream's name, the Region and the account"},
    Advice{"UnrecognizedClientException", kUnknownKey},
    Advice{"InvalidClientTokenId", kUnknownKey},
    Advice{"KMSDisabledException", ". The stream's KMS key is disabled: enable it"},
    Advice{"KMSInvalidStateException",
           ". The stream's KMS key is in a state that forbids its use, such as pending deletion"},
    Advice{"KMSAccessDeniedException",
           ". The credentials need the permission kms:GenerateDataKey for the stream's KMS key"},
    Advice{"KMSNotFoundException", ". The stream's KMS key does not exist in its Region"},
    Advice{"KMSOptInRequired", ". The account needs a subscription to use the stream's KMS key"},
};

std::string_view advice_for(std::string_view code) {
  const auto* advice = std::ranges::find(kAdvice, code, &Advice::code);
  return advice == kAdvice.end() ? std::string_view() : advice->text;
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

// Of the way to the service, not of what is known before a request goes out.
bool is_of_the_way(ErrorKind kind) {
  return kind == ErrorKind::transient || kind == ErrorKind::timeout || kind == ErrorKind::not_found;
}

}  // namespace

std::string Core::subject(std::string_view operation, const std::string& stream) const {
  return std::string(operation) + " on stream " + stream + " in " + rules_.region + ": ";
}

Failure Core::failure_of(const http::Exchange& exchange, std::string_view operation,
                         const std::string& stream, bool stores) {
  Failure failure;
  if (exchange.error) {
    failure.error_class = class_of_transport_error(*exchange.error);
    failure.error = *exchange.error;
    if (is_of_the_way(failure.error.kind))
      failure.error.message.insert(0, subject(operation, stream));
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
  failure.error.message = subject(operation, stream) + said.message;
  // The service ends some of its sentences, and not others; what follows begins with a full stop.
  while (failure.error.message.ends_with('.')) failure.error.message.pop_back();
  if (said.code == "AccessDeniedException") {
    failure.error.kind = ErrorKind::auth;
    failure.error.message +=
        ". The credentials need the permission kinesis:" + std::string(operation);
  }
  failure.error.message += advice_for(said.code);
  if (const std::string_view elsewhere = response.header("Location"); !elsewhere.empty()) {
    failure.error.message.append(". Redirects are not followed; it named ").append(elsewhere);
  }
  // A success that is no answer may have passed the request on.
  failure.may_have_been_stored = stores && (response.status >= 500 || response.status < 300);
  if (failure.error_class == kinesis::ErrorClass::clock && !correct_clock(response)) {
    failure.error.message += ". The clock is right: check the secret access key";
  }
  return failure;
}

bool Core::correct_clock(const http::Response& response) {
  const std::optional<WallTime> date = aws::parse_http_date(response.header("Date"));
  if (!date) return true;  // unknown
  const Duration offset = *date - loop_->wall_now();
  const Duration error = offset - Duration(clock_offset_.load());
  if (error > -aws::kClockTolerance && error < aws::kClockTolerance) return false;
  clock_offset_.store(offset.count());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(offset).count();
  log_.write(LogLevel::warning, "client",
             "the service refused a signature's time: the clock is corrected",
             {{"offset_seconds", std::to_string(seconds)}});
  return true;
}

}  // namespace kinesink::client
