#include "aws/token_calls.h"

#include <aws/common/date_time.h>
#include <aws/common/encoding.h>
#include <aws/common/json.h>
#include <aws/common/uri.h>
#include <aws/common/xml_parser.h>

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "aws/ask.h"
#include "aws/crt.h"
#include "aws/http_date.h"
#include "aws/sha256.h"
#include "aws/sigv4.h"

namespace kinesink::aws {
namespace {

constexpr int kOk = 200;
constexpr int kTooMany = 429;
constexpr int kAttempts = 3;
constexpr Duration kPause = std::chrono::milliseconds(200);

struct Target {
  std::string service;  // for messages
  http::Endpoint endpoint;
};

// One call, signed for each attempt anew.
struct Question {
  http::Request request;
  std::string body;
  std::optional<Credentials> by;  // nothing: unsigned
  std::string region;
};

std::string escaped(std::string_view text) {
  aws_byte_buf bytes{};
  aws_byte_buf_init(&bytes, crt_for_files(), text.size() * 3 + 1);
  const aws_byte_cursor cursor = cursor_of(text);
  aws_byte_buf_append_encoding_uri_param(&bytes, &cursor);
  std::string result = string_of(aws_byte_cursor_from_buf(&bytes));
  aws_byte_buf_clean_up_secure(&bytes);
  return result;
}

// What stands in the first <name> of a document in which each name stands once.
std::string element(std::string_view document, std::string_view name) {
  const std::string open = '<' + std::string(name) + '>';
  const std::size_t begin = document.find(open);
  if (begin == document.npos) return {};
  const std::size_t end = document.find("</" + std::string(name) + '>', begin);
  if (end == document.npos) return {};
  aws_byte_buf bytes{};
  aws_byte_buf_init(&bytes, crt_for_files(), end - begin);
  const std::string_view inside = document.substr(begin + open.size(), end - begin - open.size());
  const bool good =
      aws_byte_buf_append_unescaped_xml(crt_for_files(), cursor_of(inside), &bytes) == 0;
  std::string result = good ? string_of(aws_byte_cursor_from_buf(&bytes)) : std::string();
  aws_byte_buf_clean_up_secure(&bytes);
  return result;
}

Result<Target> target_of(const TokenServices& services, const std::string& service,
                         const std::string& host_service, const std::string& region) {
  Target target{service == "sts" ? "STS" : "SSO", {}};
  const std::string url = configured_endpoint_url("", services.configuration, service);
  if (!url.empty()) {
    KINESINK_ASSIGN(target.endpoint, http::parse_endpoint(url));
    return target;
  }
  EndpointRules rules = services.rules;
  rules.region = region;
  if (!is_host_label(rules.region)) {
    return make_error(ErrorKind::invalid_argument,
                      target.service + " needs a Region: set AWS_REGION, or " +
                          (service == "sts" ? "region" : "sso_region") + " in the profile");
  }
  target.endpoint.host = service_host(host_service, rules);
  return target;
}

bool is_transient(const http::Exchange& exchange) {
  if (exchange.response)
    return exchange.response->status >= 500 || exchange.response->status == kTooMany;
  return exchange.error->kind == ErrorKind::transient;
}

// Nothing: the server's clock is ours, or unknown.
std::optional<Duration> clock_error(const http::Exchange& exchange, WallTime now) {
  if (!exchange.response || exchange.response->status / 100 != 4) return std::nullopt;
  const std::optional<WallTime> date = parse_http_date(exchange.response->header("Date"));
  if (!date) return std::nullopt;
  const Duration error = *date - now;
  if (error > -kClockTolerance && error < kClockTolerance) return std::nullopt;
  return error;
}

void pause(http::EventLoop& loop, Instant until) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  loop.wait(
      lock, never, [] { return false; }, until);
}

Result<http::Exchange> attempt(http::EventLoop& loop, http::Transport& transport,
                               const Target& target, const Question& question, WallTime now,
                               Instant deadline) {
  http::Request request = question.request;
  if (question.by) {
    const std::array<std::string_view, 1> bodies{question.body};
    std::array<Digest, 1> digests{};
    hash_bodies(bodies, digests);
    KINESINK_TRY(sign(request, target.endpoint.authority(), digests[0], {question.region, "sts"},
                      *question.by, now));
  }
  return ask(loop, transport, std::move(request), question.body, deadline);
}

// The last answer, or why there is none. A loop of its own for the one call: keys are fetched once
// an hour, and nothing has to be kept for who may be gone meanwhile.
Result<http::Response> call(const TokenServices& services, const Target& target,
                            const Question& question) {
  const std::unique_ptr<http::EventLoop> loop = http::make_io_loop();
  http::HttpClientOptions options;
  options.endpoint = target.endpoint;
  options.tls = services.tls;
  options.max_connections = 1;
  options.max_response_body = 1024 * 1024;
  options.connect_timeout = options.request_timeout = services.limit;
  KINESINK_ASSIGN(options.proxy, http::proxy_from_environment(
                                     target.endpoint, services.configuration.environment()));
  KINESINK_ASSIGN(const auto transport, http::open_http_client(*loop, std::move(options)));
  const Instant deadline = loop->now() + services.limit;
  Duration offset{};
  http::Exchange last;
  for (int attempts = 1;; ++attempts) {
    KINESINK_ASSIGN(
        last, attempt(*loop, *transport, target, question, loop->wall_now() + offset, deadline));
    const auto error = clock_error(last, loop->wall_now() + offset);
    if (attempts == kAttempts || (!error && !is_transient(last))) break;
    if (error) {
      offset += *error;
      continue;
    }
    pause(*loop, std::min(deadline, loop->now() + kPause * attempts));
  }
  if (last.response) return *std::move(last.response);
  Error why = *std::move(last.error);
  why.message =
      target.service + " at " + target.endpoint.authority() + " cannot be reached: " + why.message;
  return why;
}

std::string status_of(const http::Response& response) {
  return "status " + std::to_string(response.status);
}

Error unreadable(const Target& target) {
  return make_error(ErrorKind::auth, target.service + " at " + target.endpoint.authority() +
                                         " gave an answer without keys");
}

Result<Credentials> keys_of_document(const Target& target, const http::Response& response) {
  const std::string_view body = response.body;
  if (response.status != kOk) {
    const std::string code = element(body, "Code");
    const std::string why = element(body, "Message");
    Error error =
        make_error(ErrorKind::auth, target.service + " at " + target.endpoint.authority() +
                                        " refused: " + (code.empty() ? status_of(response) : code) +
                                        (why.empty() ? "" : ": " + why));
    error.aws_code = code;
    return error;
  }
  Credentials keys;
  keys.access_key_id = element(body, "AccessKeyId");
  keys.secret_access_key = element(body, "SecretAccessKey");
  keys.session_token = element(body, "SessionToken");
  const std::string end = element(body, "Expiration");
  const aws_byte_cursor cursor = cursor_of(end);
  aws_date_time time{};
  if (aws_date_time_init_from_str_cursor(&time, &cursor, AWS_DATE_FORMAT_ISO_8601) == 0) {
    keys.expiration = std::chrono::system_clock::time_point(
        std::chrono::seconds(static_cast<std::int64_t>(aws_date_time_as_epoch_secs(&time))));
  }
  if (keys.access_key_id.empty() || keys.secret_access_key.empty() || keys.session_token.empty())
    return unreadable(target);
  return keys;
}

using Json = CrtPointer<aws_json_value, aws_json_value_destroy>;

std::string member(const aws_json_value* object, const char* name) {
  const aws_json_value* found =
      object == nullptr ? nullptr : aws_json_value_get_from_object_c_str(object, name);
  aws_byte_cursor text{};
  if (found == nullptr || aws_json_value_get_string(found, &text) != 0) return {};
  return string_of(text);
}

Result<Credentials> keys_of_json(const Target& target, const http::Response& response) {
  const Json document(aws_json_value_new_from_string(crt_for_files(), cursor_of(response.body)));
  if (response.status != kOk) {
    const std::string why = member(document.get(), "message");
    Error error = make_error(
        ErrorKind::auth, target.service + " at " + target.endpoint.authority() +
                             " refused: " + status_of(response) + (why.empty() ? "" : ": " + why));
    error.aws_code = std::to_string(response.status);
    return error;
  }
  const aws_json_value* given =
      document == nullptr ? nullptr
                          : aws_json_value_get_from_object_c_str(document.get(), "roleCredentials");
  Credentials keys;
  keys.access_key_id = member(given, "accessKeyId");
  keys.secret_access_key = member(given, "secretAccessKey");
  keys.session_token = member(given, "sessionToken");
  if (keys.access_key_id.empty() || keys.secret_access_key.empty()) return unreadable(target);
  const aws_json_value* end = aws_json_value_get_from_object_c_str(given, "expiration");
  double milliseconds = 0;
  if (end != nullptr && aws_json_value_get_number(end, &milliseconds) == 0) {
    keys.expiration = std::chrono::system_clock::time_point(
        std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
  }
  return keys;
}

Result<Credentials> ask_sts(const TokenServices& services, const Role& role, std::string body,
                            std::optional<Credentials> by) {
  const std::string& region = services.rules.region;
  KINESINK_ASSIGN(const Target target, target_of(services, "sts", "sts", region));
  body += "&Version=2011-06-15&RoleArn=" + escaped(role.arn) +
          "&RoleSessionName=" + escaped(role.session_name);
  if (!role.duration.empty()) body += "&DurationSeconds=" + escaped(role.duration);
  Question question;
  question.request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  question.body = std::move(body);
  question.by = std::move(by);
  question.region = region.empty() ? "us-east-1" : region;
  KINESINK_ASSIGN(const http::Response response, call(services, target, question));
  return keys_of_document(target, response);
}

}  // namespace

Result<Credentials> assume_role(const TokenServices& services, const Role& role,
                                const Credentials& by) {
  std::string body = "Action=AssumeRole";
  if (!role.external_id.empty()) body += "&ExternalId=" + escaped(role.external_id);
  return ask_sts(services, role, std::move(body), by);
}

Result<Credentials> assume_role_with_web_identity(const TokenServices& services, const Role& role,
                                                  const std::string& token) {
  return ask_sts(services, role,
                 "Action=AssumeRoleWithWebIdentity&WebIdentityToken=" + escaped(token),
                 std::nullopt);
}

Result<Credentials> sso_credentials(const TokenServices& services, const SsoRole& role,
                                    const std::string& token) {
  KINESINK_ASSIGN(const Target target, target_of(services, "sso", "portal.sso", role.region));
  Question question;
  question.request.method = "GET";
  question.request.target = "/federation/credentials?account_id=" + escaped(role.account) +
                            "&role_name=" + escaped(role.name);
  question.request.headers = {{"x-amz-sso_bearer_token", token}};
  KINESINK_ASSIGN(const http::Response response, call(services, target, question));
  return keys_of_json(target, response);
}

}  // namespace kinesink::aws
