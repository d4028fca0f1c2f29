#include "aws/credentials.h"

#include <aws/auth/credentials.h>
#include <aws/common/task_scheduler.h>
#include <aws/http/proxy.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/tls_channel_handler.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "aws/crt.h"

namespace kinesink {

CredentialsProvider::~CredentialsProvider() = default;

namespace aws {
namespace {

using LoopGroup = CrtPointer<aws_event_loop_group, aws_event_loop_group_release>;
using Resolver = CrtPointer<aws_host_resolver, aws_host_resolver_release>;
using Bootstrap = CrtPointer<aws_client_bootstrap, aws_client_bootstrap_release>;
using TlsContext = CrtPointer<aws_tls_ctx, aws_tls_ctx_release>;
using Provider = CrtPointer<aws_credentials_provider, aws_credentials_provider_release>;

// What the CRT's providers need to reach a server: one thread.
struct CrtNetwork {
  LoopGroup loops;
  Resolver resolver;
  Bootstrap bootstrap;
  TlsContext tls;
};

Result<CrtNetwork> make_network(const Configuration& configuration) {
  CrtNetwork network;
  aws_event_loop_group_options loops{};
  loops.loop_count = 1;
  network.loops.reset(aws_event_loop_group_new(crt(), &loops));
  aws_host_resolver_default_options resolver{};
  resolver.max_entries = 8;
  resolver.el_group = network.loops.get();
  network.resolver.reset(aws_host_resolver_new_default(crt(), &resolver));
  aws_client_bootstrap_options bootstrap{};
  bootstrap.event_loop_group = network.loops.get();
  bootstrap.host_resolver = network.resolver.get();
  network.bootstrap.reset(aws_client_bootstrap_new(crt(), &bootstrap));
  aws_tls_ctx_options tls{};
  aws_tls_ctx_options_init_default_client(&tls, crt());
  if (const auto bundle = configuration.variable("AWS_CA_BUNDLE")) {
    aws_tls_ctx_options_override_default_trust_store_from_path(&tls, nullptr, bundle->c_str());
  }
  network.tls.reset(aws_tls_client_ctx_new(crt(), &tls));
  aws_tls_ctx_options_clean_up(&tls);
  if (network.bootstrap == nullptr || network.tls == nullptr) {
    return make_error(ErrorKind::resource, "credentials cannot be fetched: " + last_crt_error());
  }
  return network;
}

// Builds each source that the environment and the files allow, in order.
class ChainBuilder {
 public:
  ChainBuilder(const ChainOptions& options, const CrtNetwork& network)
      : options_(options), network_(network), profile_(options.configuration.profile()) {
    proxy_.env_var_type = AWS_HPEV_ENABLE;
  }

  Provider build(std::vector<std::string>& tried) {
    if (!options_.profile_was_given) add_environment();
    add_profile();
    add_web_identity();
    add_container_or_instance();
    tried = std::move(tried_);
    std::vector<aws_credentials_provider*> sources;
    for (const Provider& source : sources_) sources.push_back(source.get());
    aws_credentials_provider_chain_options chain{};
    chain.providers = sources.data();
    chain.provider_count = sources.size();
    return Provider(sources.empty() ? nullptr : aws_credentials_provider_new_chain(crt(), &chain));
  }

 private:
  void add(const char* name, aws_credentials_provider* provider) {
    if (provider == nullptr) return;  // nothing of it is configured
    sources_.emplace_back(provider);
    tried_.emplace_back(name);
  }

  void add_environment() {
    aws_credentials_provider_environment_options options{};
    add("environment", aws_credentials_provider_new_environment(crt(), &options));
  }

  void add_profile() {
    const Configuration& configuration = options_.configuration;
    if (!configuration.has_profile()) return;
    if (configuration.property("sso_session") || configuration.property("sso_start_url")) {
      aws_credentials_provider_sso_options options{};
      fill(options);
      add("SSO", aws_credentials_provider_new_sso(crt(), &options));
    }
    const auto session = configuration.property("login_session");
    if (session) {
      const std::string region = configuration.property("region").value_or("");
      aws_credentials_provider_login_options options{};
      fill(options);
      options.login_session = cursor_of(*session);
      options.login_region = cursor_of(region);
      add("login", aws_credentials_provider_new_login(crt(), &options));
    }
    if (configuration.property("credential_process") && !configuration.property("role_arn")) {
      aws_credentials_provider_process_options options{};
      options.profile_to_use = cursor_of(profile_);
      add("credential_process", aws_credentials_provider_new_process(crt(), &options));
    }
    aws_credentials_provider_profile_options options{};
    options.profile_name_override = cursor_of(profile_);
    options.bootstrap = network_.bootstrap.get();
    options.tls_ctx = network_.tls.get();
    options.proxy_ev_settings = &proxy_;
    add("profile", aws_credentials_provider_new_profile(crt(), &options));
  }

  void add_web_identity() {
    aws_credentials_provider_sts_web_identity_options options{};
    options.profile_name_override = cursor_of(profile_);
    options.bootstrap = network_.bootstrap.get();
    options.tls_ctx = network_.tls.get();
    options.proxy_ev_settings = &proxy_;
    add("web identity", aws_credentials_provider_new_sts_web_identity(crt(), &options));
  }

  void add_container_or_instance() {
    const Configuration& configuration = options_.configuration;
    if (configuration.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
        configuration.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
      aws_credentials_provider_ecs_environment_options options{};
      options.bootstrap = network_.bootstrap.get();
      options.tls_ctx = network_.tls.get();
      add("container", aws_credentials_provider_new_ecs_from_environment(crt(), &options));
      return;
    }
    if (configuration.instance_metadata_is_disabled()) return;
    aws_credentials_provider_imds_options options{};
    options.bootstrap = network_.bootstrap.get();
    options.imds_version = IMDS_PROTOCOL_V2;
    add("instance metadata", aws_credentials_provider_new_imds(crt(), &options));
  }

  template <typename Options>
  void fill(Options& options) {
    options.profile_name_override = cursor_of(profile_);
    options.bootstrap = network_.bootstrap.get();
    options.tls_ctx = network_.tls.get();
    options.proxy_ev_settings = &proxy_;
  }

  const ChainOptions& options_;
  const CrtNetwork& network_;
  const std::string& profile_;
  proxy_env_var_settings proxy_{};
  std::vector<Provider> sources_;
  std::vector<std::string> tried_;
};

Credentials credentials_of(const aws_credentials* given) {
  Credentials credentials;
  credentials.access_key_id = string_of(aws_credentials_get_access_key_id(given));
  credentials.secret_access_key = string_of(aws_credentials_get_secret_access_key(given));
  credentials.session_token = string_of(aws_credentials_get_session_token(given));
  const std::uint64_t expiration = aws_credentials_get_expiration_timepoint_seconds(given);
  if (expiration != UINT64_MAX) {
    credentials.expiration =
        std::chrono::system_clock::time_point(std::chrono::seconds(expiration));
  }
  return credentials;
}

class DefaultChain final : public CredentialsProvider {
 public:
  explicit DefaultChain(ChainOptions options)
      : options_(std::move(options)), process_(::getpid()) {}
  ~DefaultChain() override {
    if (::getpid() == process_) return;
    // The CRT's threads exist in the parent only.
    static_cast<void>(chain_.release());
    static_cast<void>(network_.tls.release());
    static_cast<void>(network_.bootstrap.release());
    static_cast<void>(network_.resolver.release());
    static_cast<void>(network_.loops.release());
  }

  void get_credentials(bool, Callback done) override {
    if (Result<void> ready = prepare(); !ready) return done(std::move(ready).error());
    auto* call = new Call{{}, std::move(done), nullptr, tried_, profile()};
    call->chain.reset(aws_credentials_provider_acquire(chain_.get()));
    // On the CRT's thread: a source may wait, as credential_process does for the program it runs.
    aws_task_init(&call->task, run, call, "kinesink_get_credentials");
    aws_event_loop_schedule_task_now(aws_event_loop_group_get_next_loop(network_.loops.get()),
                                     &call->task);
  }

 private:
  struct Call {
    aws_task task{};
    Callback done;
    Provider chain;
    std::vector<std::string> tried;
    std::string profile;
  };

  static void run(aws_task*, void* user_data, aws_task_status status) {
    auto* call = static_cast<Call*>(user_data);
    if (status == AWS_TASK_STATUS_CANCELED) {
      const std::unique_ptr<Call> ended(call);
      return ended->done(make_error(ErrorKind::cancelled, "credentials are no longer needed"));
    }
    if (aws_credentials_provider_get_credentials(call->chain.get(), on_credentials, call) !=
        AWS_OP_SUCCESS) {
      on_credentials(nullptr, aws_last_error(), call);
    }
  }

  static void on_credentials(aws_credentials* given, int error, void* user_data) {
    const std::unique_ptr<Call> call(static_cast<Call*>(user_data));
    if (given != nullptr) return call->done(credentials_of(given));
    call->done(not_found(call->tried, call->profile, error));
  }

  static Error not_found(const std::vector<std::string>& tried, const std::string& profile,
                         int error) {
    std::string message = "no AWS credentials were found; tried: ";
    for (std::size_t i = 0; i < tried.size(); ++i) message += (i == 0 ? "" : ", ") + tried[i];
    message += " (profile " + profile +
               "). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile";
    if (error != 0) message += ". The last source said " + crt_error(error);
    return make_error(ErrorKind::auth, std::move(message));
  }

  Result<void> prepare() {
    if (chain_ != nullptr) return {};
    KINESINK_ASSIGN(network_, make_network(options_.configuration));
    chain_ = ChainBuilder(options_, network_).build(tried_);
    if (chain_ == nullptr) return not_found(tried_, profile(), 0);
    return {};
  }

  // For messages.
  std::string profile() const {
    const Configuration& configuration = options_.configuration;
    return configuration.profile() + (configuration.has_profile() ? "" : ", which is in no file");
  }

  const ChainOptions options_;
  const pid_t process_;
  CrtNetwork network_;
  Provider chain_;
  std::vector<std::string> tried_;
};

}  // namespace

Result<std::shared_ptr<CredentialsProvider>> make_default_chain(ChainOptions options) {
  if (options.profile_was_given && !options.configuration.has_profile()) {
    return make_error(ErrorKind::not_found,
                      "the profile '" + options.configuration.profile() +
                          "' is in neither the AWS config nor the credentials file");
  }
  route_crt_log(options.log);
  return std::shared_ptr<CredentialsProvider>(std::make_shared<DefaultChain>(std::move(options)));
}

}  // namespace aws
}  // namespace kinesink
