#include "aws/credential_sources.h"

#include <aws/auth/credentials.h>
#include <aws/common/error.h>
#include <aws/http/http.h>
#include <aws/http/proxy.h>
#include <aws/io/io.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "aws/profile_files.h"
#include "aws/token_calls.h"

namespace kinesink::aws {
namespace {

using Done = CredentialSource::Done;
using Provider = std::shared_ptr<aws_credentials_provider>;

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

// Of the network, not of what was answered.
bool is_of_network(int error) {
  const int package = error / static_cast<int>(AWS_ERROR_ENUM_STRIDE);
  return package == AWS_C_IO_PACKAGE_ID || package == AWS_C_HTTP_PACKAGE_ID;
}

struct Call {
  Done done;
  std::string advice;
};

void on_credentials(aws_credentials* given, int error, void* user_data) {
  const std::unique_ptr<Call> call(static_cast<Call*>(user_data));
  if (given != nullptr) return call->done(credentials_of(given));
  const bool unreachable = is_of_network(error);
  call->done(
      make_error(unreachable ? ErrorKind::transient : ErrorKind::auth,
                 (unreachable ? "it cannot be reached: " : "") + crt_error(error) + call->advice));
}

// `provider` nullptr: the CRT has said why in its last error.
CredentialSource crt_source(std::string name, aws_credentials_provider* provider,
                            std::string advice) {
  CredentialSource source;
  source.name = std::move(name);
  if (provider == nullptr) {
    source.fetch = [why = last_crt_error() + advice](const Done& done) {
      done(make_error(ErrorKind::auth, why));
    };
    return source;
  }
  source.fetch = [shared = share_crt<aws_credentials_provider_release>(provider),
                  advice = std::move(advice)](Done done) {
    auto call = std::make_unique<Call>(Call{std::move(done), advice});
    Call* const given = call.release();  // on_credentials() owns it from here
    if (aws_credentials_provider_get_credentials(shared.get(), on_credentials, given) !=
        AWS_OP_SUCCESS) {
      on_credentials(nullptr, aws_last_error(), given);
    }
  };
  return source;
}

template <typename Fetch>
CredentialSource waiting_source(std::string name, Fetch fetch) {
  return {std::move(name), true, [fetch = std::move(fetch)](const Done& done) { done(fetch()); }};
}

CredentialSource failing_source(std::string name, std::string why) {
  return waiting_source(std::move(name), [why = std::move(why)]() -> Result<Credentials> {
    return make_error(ErrorKind::auth, why);
  });
}

// A role's session is named in the account's audit log.
Role role_of(std::string arn, std::string session_name, const Configuration& profile) {
  if (session_name.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    session_name =
        "kinesink-" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
  }
  return {std::move(arn), std::move(session_name), profile.property("external_id").value_or(""),
          profile.property("duration_seconds").value_or("")};
}

// Builds each source that the environment and the files configure, in order.
class SourceList {
 public:
  SourceList(const ChainOptions& options, const CrtNetwork& network)
      : options_(options),
        configuration_(options.configuration),
        network_(network),
        services_{options.configuration, options.rules, options.tls, options.source_limit} {
    proxy_.env_var_type = AWS_HPEV_ENABLE;
  }

  std::vector<CredentialSource> build() {
    if (!options_.profile_was_given) add(environment());
    add(profile(configuration_, {}));
    const auto token_file = configuration_.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (token_file && !options_.profile_was_given) {
      add(web_identity(*token_file, configuration_.variable("AWS_ROLE_ARN").value_or(""),
                       configuration_.variable("AWS_ROLE_SESSION_NAME").value_or("")));
    }
    if (configuration_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
        configuration_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
      add(container());
    } else if (!configuration_.instance_metadata_is_disabled()) {
      add(instance_metadata());
    }
    return std::move(sources_);
  }

 private:
  void add(CredentialSource source) { sources_.push_back(std::move(source)); }

  CredentialSource environment() const {
    CredentialSource source = waiting_source("environment", [configuration = configuration_] {
      return keys_of_environment(configuration);
    });
    source.decides = false;
    return source;
  }

  CredentialSource static_keys(const Configuration& profile) const {
    return waiting_source("profile", [profile] { return keys_of_profile(profile.read_again()); });
  }

  // `on_the_way`: profiles whose roles are assumed with this one's keys.
  CredentialSource profile(const Configuration& profile, std::vector<std::string> on_the_way) {
    const bool is_first = on_the_way.empty();
    const bool has_keys = profile.property("aws_access_key_id").has_value();
    if (profile.property("role_arn") && (is_first || !has_keys)) {
      on_the_way.push_back(profile.profile());
      return role(profile, std::move(on_the_way));
    }
    if (profile.property("sso_session") || profile.property("sso_start_url")) return sso(profile);
    if (profile.property("login_session")) return login(profile);
    if (profile.property("credential_process") && !has_keys) {
      aws_credentials_provider_process_options options{};
      options.profile_to_use = cursor_of(profile.profile());
      return crt_source("credential_process", aws_credentials_provider_new_process(crt(), &options),
                        ". Run the program by hand to see what it says");
    }
    CredentialSource source = static_keys(profile);
    source.decides = false;
    return source;
  }

  CredentialSource role(const Configuration& profile, std::vector<std::string> on_the_way) {
    const std::string arn = *profile.property("role_arn");
    const std::string name = "role " + arn;
    const Role asked = role_of(arn, profile.property("role_session_name").value_or(""), profile);
    if (profile.property("mfa_serial")) {
      return failing_source(name,
                            "the profile asks for a code of an MFA device (mfa_serial), which "
                            "only a person can give: use credential_process or SSO");
    }
    if (const auto source_profile = profile.property("source_profile")) {
      const Configuration other = profile.with_profile(*source_profile);
      const std::string source_name = "source_profile " + *source_profile;
      if (!other.has_profile()) return failing_source(name, source_name + " is in no file");
      const bool is_own = *source_profile == profile.profile();
      if (!is_own && std::ranges::count(on_the_way, *source_profile) > 0)
        return failing_source(name, source_name + " leads back to itself");
      return assumed(name, asked,
                     is_own ? static_keys(other) : this->profile(other, std::move(on_the_way)));
    }
    if (const auto credential_source = profile.property("credential_source")) {
      if (*credential_source == "Environment") return assumed(name, asked, environment());
      if (*credential_source == "Ec2InstanceMetadata")
        return assumed(name, asked, instance_metadata());
      if (*credential_source == "EcsContainer") return assumed(name, asked, container());
      return failing_source(name, "credential_source " + *credential_source +
                                      " is none of Environment, Ec2InstanceMetadata, EcsContainer");
    }
    if (const auto file = profile.property("web_identity_token_file"))
      return web_identity(*file, arn, asked.session_name);
    return failing_source(name,
                          "the profile has neither source_profile nor credential_source nor "
                          "web_identity_token_file");
  }

  CredentialSource assumed(std::string name, Role role, CredentialSource by) const {
    const auto fetch = [services = services_, role = std::move(role),
                        by = std::move(by)](Done done) {
      by.fetch([services, role, name = by.name, done = std::move(done)](Result<Credentials> keys) {
        if (!keys) {
          Error why = std::move(keys).error();
          why.message = "its source, " + name + ", gives no keys" +
                        (why.message.empty() ? "" : ": " + why.message);
          return done(std::move(why));
        }
        Result<Credentials> given = assume_role(services, role, *keys);
        if (!given && given.error().aws_code == "AccessDenied") {
          given.error().message +=
              ". Check the role's trust policy, external_id, and that those keys may call "
              "sts:AssumeRole";
        }
        done(std::move(given));
      });
    };
    return {std::move(name), true, fetch};
  }

  CredentialSource web_identity(const std::string& file, const std::string& arn,
                                const std::string& session_name) const {
    if (arn.empty()) return failing_source("web identity", "no role is named: set AWS_ROLE_ARN");
    return waiting_source(
        "web identity",
        [services = services_, file,
         role = role_of(arn, session_name, configuration_)]() -> Result<Credentials> {
          KINESINK_ASSIGN(const std::string token, web_identity_token(file));
          Result<Credentials> given = assume_role_with_web_identity(services, role, token);
          if (!given && !given.error().aws_code.empty()) {
            given.error().message +=
                ". Check the token in " + file + " and the trust policy of " + role.arn;
          }
          return given;
        });
  }

  CredentialSource sso(const Configuration& profile) const {
    return waiting_source("SSO", [services = services_, profile]() -> Result<Credentials> {
      KINESINK_ASSIGN(const SsoLogin login, sso_login(profile));
      Result<Credentials> given = sso_credentials(services, login.role, login.token);
      if (!given && given.error().aws_code == "401")
        given.error().message += ". Run: aws sso login --profile " + profile.profile();
      if (!given && given.error().aws_code == "403") {
        given.error().message +=
            ". The user has no role " + login.role.name + " in account " + login.role.account;
      }
      return given;
    });
  }

  CredentialSource login(const Configuration& profile) {
    const std::string session = *profile.property("login_session");
    const std::string region = profile.property("region").value_or(options_.rules.region);
    aws_credentials_provider_login_options options{};
    options.profile_name_override = cursor_of(profile.profile());
    options.bootstrap = network_.bootstrap.get();
    options.tls_ctx = network_.tls.get();
    options.proxy_ev_settings = &proxy_;
    options.login_session = cursor_of(session);
    options.login_region = cursor_of(region);
    return crt_source("login", aws_credentials_provider_new_login(crt(), &options),
                      ". Run: aws login --profile " + profile.profile());
  }

  CredentialSource container() const {
    aws_credentials_provider_ecs_environment_options options{};
    options.bootstrap = network_.bootstrap.get();
    options.tls_ctx = network_.tls.get();
    return crt_source("container",
                      aws_credentials_provider_new_ecs_from_environment(crt(), &options),
                      ". Check the task's role, and the AWS_CONTAINER_ variables");
  }

  CredentialSource instance_metadata() const {
    aws_credentials_provider_imds_options options{};
    options.bootstrap = network_.bootstrap.get();
    options.imds_version = IMDS_PROTOCOL_V2;
    CredentialSource source =
        crt_source("instance metadata", aws_credentials_provider_new_imds(crt(), &options), "");
    source.decides = false;
    return source;
  }

  const ChainOptions& options_;
  const Configuration& configuration_;
  const CrtNetwork& network_;
  const TokenServices services_;
  proxy_env_var_settings proxy_{};
  std::vector<CredentialSource> sources_;
};

}  // namespace

std::vector<CredentialSource> credential_sources(const ChainOptions& options,
                                                 const CrtNetwork& network) {
  return SourceList(options, network).build();
}

}  // namespace kinesink::aws
