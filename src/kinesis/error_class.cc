#include "kinesis/error_class.h"

#include <algorithm>
#include <array>

namespace kinesink::kinesis {
namespace {

struct Row {
  std::string_view code;
  ErrorClass error_class;
};

// Sources: errors of API_PutRecords, the common errors of AWS APIs, and the retry lists of the
// SDKs.
constexpr std::array kTable = {
    Row{"ProvisionedThroughputExceededException", ErrorClass::throttled},
    Row{"LimitExceededException", ErrorClass::throttled},
    Row{"KMSThrottlingException", ErrorClass::throttled},
    Row{"ThrottlingException", ErrorClass::throttled},
    Row{"Throttling", ErrorClass::throttled},
    Row{"ThrottledException", ErrorClass::throttled},
    Row{"RequestThrottledException", ErrorClass::throttled},
    Row{"RequestThrottled", ErrorClass::throttled},
    Row{"RequestLimitExceeded", ErrorClass::throttled},
    Row{"TooManyRequestsException", ErrorClass::throttled},
    Row{"BandwidthLimitExceeded", ErrorClass::throttled},
    Row{"SlowDown", ErrorClass::throttled},
    Row{"InternalFailure", ErrorClass::transient},
    Row{"InternalFailureException", ErrorClass::transient},
    Row{"InternalServerError", ErrorClass::transient},
    Row{"ServiceUnavailable", ErrorClass::transient},
    Row{"ServiceUnavailableException", ErrorClass::transient},
    Row{"RequestTimeout", ErrorClass::transient},
    Row{"RequestTimeoutException", ErrorClass::transient},
    Row{"ExpiredToken", ErrorClass::auth},
    Row{"ExpiredTokenException", ErrorClass::auth},
    Row{"UnrecognizedClientException", ErrorClass::auth},
    Row{"InvalidClientTokenId", ErrorClass::auth},
    Row{"InvalidSignatureException", ErrorClass::clock},
    Row{"SignatureDoesNotMatch", ErrorClass::clock},
    Row{"AuthFailure", ErrorClass::clock},
    Row{"RequestExpired", ErrorClass::clock},
    Row{"RequestTimeTooSkewed", ErrorClass::clock},
    Row{"RequestInTheFuture", ErrorClass::clock},
    Row{"ValidationException", ErrorClass::refused},
    Row{"InvalidArgumentException", ErrorClass::refused},
    Row{"SerializationException", ErrorClass::refused},
    Row{"RequestEntityTooLarge", ErrorClass::refused},
};

constexpr int kBadRequest = 400;
constexpr int kRequestTimeout = 408;  // of a load balancer or proxy that got only part of a request
constexpr int kPayloadTooLarge = 413;
constexpr int kTooManyRequests = 429;

}  // namespace

std::string_view bare_code(std::string_view code) {
  if (const std::size_t hash = code.rfind('#'); hash != code.npos) code.remove_prefix(hash + 1);
  return code.substr(0, code.find(':'));
}

ErrorClass classify(std::string_view code, int http_status) {
  const std::string_view bare = bare_code(code);
  const auto* row = std::ranges::find(kTable, bare, &Row::code);
  if (row != kTable.end()) return row->error_class;
  if (http_status == kPayloadTooLarge) return ErrorClass::refused;
  if (http_status == kTooManyRequests) return ErrorClass::throttled;
  // Without a readable error nobody can tell what was wrong: the retries' budget decides.
  if (http_status == kBadRequest && bare.empty()) return ErrorClass::transient;
  // Gateways answer with 500, 502, 503 and 504 and anything for a body; so does a redirect or a 200
  // that nobody expects.
  if (http_status >= 500 || http_status < 400 || http_status == kRequestTimeout)
    return ErrorClass::transient;
  return ErrorClass::permanent;
}

ErrorKind kind_of(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::throttled:
      return ErrorKind::throttled;
    case ErrorClass::transient:
      return ErrorKind::transient;
    case ErrorClass::auth:
    case ErrorClass::clock:
      return ErrorKind::auth;
    case ErrorClass::refused:
      return ErrorKind::invalid_data;
    case ErrorClass::permanent:
      return ErrorKind::permanent;
  }
  return ErrorKind::internal;
}

}  // namespace kinesink::kinesis
