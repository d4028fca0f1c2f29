// For tests: the same signature by aws-c-auth, a witness that knows nothing of ours.
#pragma once

#include <aws/auth/credentials.h>
#include <aws/auth/signable.h>
#include <aws/auth/signing.h>
#include <aws/auth/signing_config.h>
#include <aws/auth/signing_result.h>
#include <aws/common/date_time.h>
#include <aws/http/request_response.h>

#include <optional>

#include "aws/crt.h"
#include "aws/sigv4.h"

namespace kinesink::aws::witness {

using Message = CrtPointer<aws_http_message, aws_http_message_release>;
using Signable = CrtPointer<aws_signable, aws_signable_destroy>;
using CrtCredentials = CrtPointer<aws_credentials, aws_credentials_release>;

inline Message message_of(const http::Request& request) {
  Message message(aws_http_message_new_request(crt()));
  if (message == nullptr) return nullptr;
  aws_http_message_set_request_method(message.get(), cursor_of(request.method));
  aws_http_message_set_request_path(message.get(), cursor_of(request.target));
  for (const http::Header& header : request.headers) {
    aws_http_header given{};
    given.name = cursor_of(header.name);
    given.value = cursor_of(header.value);
    aws_http_message_add_header(message.get(), given);
  }
  return message;
}

struct Outcome {
  http::Request* request;
  std::optional<int> error;
};

// Runs before aws_sign_request_aws returns, because the credentials are at hand.
inline void on_signed(aws_signing_result* result, int error, void* user_data) {
  auto* outcome = static_cast<Outcome*>(user_data);
  outcome->error = error;
  if (error != 0) return;
  aws_array_list* headers = nullptr;
  aws_signing_result_get_property_list(result, g_aws_http_headers_property_list_name, &headers);
  for (std::size_t i = 0; headers != nullptr && i < aws_array_list_length(headers); ++i) {
    aws_signing_result_property pair{};
    aws_array_list_get_at(headers, &pair, i);
    outcome->request->headers.push_back(
        {aws_string_c_str(pair.name), aws_string_c_str(pair.value)});
  }
}

inline Result<void> sign(http::Request& request, std::string_view authority,
                         const Digest& body_digest, const SigningScope& scope,
                         const Credentials& credentials, WallTime now) {
  request.headers.push_back({"Host", std::string(authority)});
  const Message message = message_of(request);
  const Signable signable(message == nullptr ? nullptr
                                             : aws_signable_new_http_request(crt(), message.get()));
  const CrtCredentials given(aws_credentials_new(crt(), cursor_of(credentials.access_key_id),
                                                 cursor_of(credentials.secret_access_key),
                                                 cursor_of(credentials.session_token), UINT64_MAX));
  if (signable == nullptr || given == nullptr) {
    return make_error(ErrorKind::resource, "the request cannot be signed: " + last_crt_error());
  }
  const std::string digest = hex(body_digest);
  aws_signing_config_aws config{};
  config.config_type = AWS_SIGNING_CONFIG_AWS;
  config.algorithm = AWS_SIGNING_ALGORITHM_V4;
  config.signature_type = AWS_ST_HTTP_REQUEST_HEADERS;
  config.region = cursor_of(scope.region);
  config.service = cursor_of(scope.service);
  config.flags.use_double_uri_encode = 1;
  config.flags.should_normalize_uri_path = 1;
  config.signed_body_header = AWS_SBHT_NONE;
  config.signed_body_value = cursor_of(digest);
  config.credentials = given.get();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  aws_date_time_init_epoch_millis(&config.date, static_cast<std::uint64_t>(milliseconds.count()));
  Outcome outcome{&request, std::nullopt};
  const auto* base = reinterpret_cast<const aws_signing_config_base*>(&config);
  if (aws_sign_request_aws(crt(), signable.get(), base, on_signed, &outcome) != AWS_OP_SUCCESS) {
    return make_error(ErrorKind::auth, "the request cannot be signed: " + last_crt_error());
  }
  if (!outcome.error) return make_error(ErrorKind::internal, "signing did not complete at once");
  if (*outcome.error != 0) {
    return make_error(ErrorKind::auth,
                      "the request cannot be signed: " + crt_error(*outcome.error));
  }
  return {};
}

}  // namespace kinesink::aws::witness
