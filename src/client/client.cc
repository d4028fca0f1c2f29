// Putting a client together: from the user's options, environment and files, or from injected
// parts.
#include "kinesink/client.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "aws/configuration.h"
#include "aws/credentials.h"
#include "aws/instance_region.h"
#include "client/core.h"
#include "http/client.h"

namespace kinesink {

namespace client {
namespace {

// An address by its number: a name may begin with the same digits.
bool is_loopback(const std::string& host) {
  const bool is_number = host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         (is_number && host.starts_with("127."));
}

Error refuse(std::string message) {
  return make_error(ErrorKind::invalid_argument, std::move(message));
}

// It becomes part of a header (https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html).
bool is_application_id(std::string_view text) {
  constexpr std::size_t kLongest = 50;
  constexpr std::string_view kMarks = "!$%&'*+-.^_`|~";
  const auto fits = [kMarks](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != kMarks.npos;
  };
  return text.size() <= kLongest && std::ranges::all_of(text, fits);
}

Result<void> check(const ClientOptions& options) {
  constexpr std::size_t kMaxConnections = 1'024;
  constexpr int kMaxThreads = 64;
  if (!is_application_id(options.application_id)) {
    return refuse(
        "application_id must be at most 50 ASCII letters, digits and marks of !$%&'*+-.^_`|~");
  }
  if (options.max_connections < 1 || options.max_connections > kMaxConnections)
    return refuse("max_connections must be 1 to 1024");
  if (options.io_threads < 1 || options.io_threads > kMaxThreads)
    return refuse("io_threads must be 1 to 64");
  if (options.connect_timeout.count() <= 0) return refuse("connect_timeout must be above zero");
  if (options.request_timeout.count() <= 0) return refuse("request_timeout must be above zero");
  return {};
}

// Things a user must not overlook.
void warn(const ClientOptions& options, const aws::EndpointRules& rules) {
  const Log log(options.log, options.log_level);
  if (!options.verify_ssl) {
    log.write(LogLevel::warning, "client",
              "certificates are NOT verified (verify_ssl = false): anyone on the way can read and "
              "change what is sent");
  }
  if (rules.endpoint_url.starts_with("http://")) {
    const Result<http::Endpoint> endpoint = http::parse_endpoint(rules.endpoint_url);
    if (endpoint && !is_loopback(endpoint->host)) {
      log.write(LogLevel::warning, "client",
                "records are sent UNENCRYPTED: the endpoint URL is http://, not https://",
                {{"host", endpoint->host}});
    }
  }
}

Result<std::unique_ptr<http::EventLoop>> start_loop(int threads) {
  try {
    return http::make_io_loop(threads);
  } catch (const std::exception& error) {
    return make_error(ErrorKind::resource,
                      std::string("the I/O threads cannot be started: ") + error.what());
  }
}

// Finds a Region if none is known, and refuses rules that can never work.
Result<void> complete(aws::EndpointRules& rules, http::EventLoop& loop,
                      const aws::Configuration& configuration) {
  std::string why_unknown;
  if (rules.region.empty() && rules.endpoint_url.empty()) {
    Result<std::string> region = aws::instance_region(loop, configuration);
    if (region) {
      rules.region = *std::move(region);
    } else {
      why_unknown = ". " + region.error().message;
    }
  }
  if (Result<http::Endpoint> endpoint = aws::resolve_endpoint(rules, "", aws::OperationType::none);
      !endpoint) {
    endpoint.error().message += why_unknown;
    return std::move(endpoint).error();
  }
  if (rules.region.empty()) rules.region = "us-east-1";  // a custom endpoint does not care
  return {};
}

std::optional<kinesis::Wire> fixed_wire(const ClientOptions& options,
                                        const aws::Configuration* configuration) {
  if (options.wire == WireChoice::cbor) return kinesis::Wire::cbor;
  if (options.wire == WireChoice::json) return kinesis::Wire::json;
  if (configuration == nullptr) return std::nullopt;
  // The switches of the AWS SDKs for Java.
  const bool off = configuration->variable("CBOR_ENABLED").value_or("") == "false" ||
                   configuration->variable("AWS_CBOR_DISABLE").has_value();
  return off ? std::optional(kinesis::Wire::json) : std::nullopt;
}

}  // namespace

Result<std::shared_ptr<ClientCore>> make_client_core(ClientOptions options,
                                                     InjectedClient injected) {
  if (injected.loop == nullptr || injected.transport == nullptr || options.credentials == nullptr) {
    return make_error(ErrorKind::invalid_argument,
                      "an injected client needs a loop, a transport and credentials");
  }
  KINESINK_TRY(check(options));
  CoreParts parts;
  parts.rules.region = options.aws_region.empty() ? "us-east-1" : options.aws_region;
  parts.rules.endpoint_url = options.endpoint_url;
  parts.loop = injected.loop;
  parts.injected_transport = injected.transport;
  parts.injected_endpoint = std::move(injected.endpoint);
  parts.environment = [](const char*) -> const char* { return nullptr; };
  parts.provider = options.credentials;
  parts.fixed_wire = fixed_wire(options, nullptr);
  parts.seed = injected.seed;
  parts.options = std::move(options);
  return std::shared_ptr<ClientCore>(std::make_shared<Core>(std::move(parts)));
}

Result<std::shared_ptr<ClientCore>> open_client_core(ClientOptions options) {
  KINESINK_TRY(check(options));
  const aws::Configuration configuration(aws::process_environment(), options.profile);
  CoreParts parts;
  parts.environment = aws::process_environment();
  parts.rules.region = aws::configured_region(options.aws_region, configuration);
  parts.rules.endpoint_url = aws::configured_endpoint_url(options.endpoint_url, configuration);
  parts.rules.use_fips = options.use_fips_endpoint || aws::configured_fips(configuration);
  parts.rules.use_dualstack =
      options.use_dualstack_endpoint || aws::configured_dualstack(configuration);
  KINESINK_ASSIGN(parts.own_loop, start_loop(options.io_threads));
  parts.loop = parts.own_loop.get();
  KINESINK_TRY(complete(parts.rules, *parts.loop, configuration));
  parts.ca_bundle = !options.ca_bundle.empty()
                        ? options.ca_bundle
                        : configuration.variable("AWS_CA_BUNDLE").value_or("");
  parts.fixed_wire = fixed_wire(options, &configuration);
  parts.provider = options.credentials;
  if (parts.provider == nullptr) {
    KINESINK_ASSIGN(parts.provider,
                    aws::make_default_chain({configuration,
                                             !options.profile.empty(),
                                             Log(options.log, options.log_level),
                                             parts.rules,
                                             {options.verify_ssl, parts.ca_bundle}}));
  }
  warn(options, parts.rules);
  parts.options = std::move(options);
  return std::shared_ptr<ClientCore>(std::make_shared<Core>(std::move(parts)));
}

}  // namespace client

Result<Client> Client::open(ClientOptions options) {
  KINESINK_ASSIGN(auto core, client::open_client_core(std::move(options)));
  return Client(std::move(core));
}

Client::Client(std::shared_ptr<client::ClientCore> core) : core_(std::move(core)) {}
Client::Client(const Client&) = default;
Client& Client::operator=(const Client&) = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

const std::string& Client::region() const { return core_->region(); }

}  // namespace kinesink
