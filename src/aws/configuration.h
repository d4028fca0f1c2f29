// What the environment and the shared configuration files say
// (https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

struct aws_profile_collection;

namespace kinesink::aws {

// nullptr if the variable is not set. Empty values count as not set.
using Environment = std::function<const char*(const char*)>;
Environment process_environment();

class Configuration {
 public:
  // Reads the files once. `profile` empty: AWS_PROFILE, else `default`.
  Configuration(Environment environment, std::string profile);

  std::optional<std::string> variable(const char* name) const;
  // True or false, in any case; nothing if the variable says neither.
  std::optional<bool> flag(const char* name) const;
  // A flag of the environment, else of the profile.
  std::optional<bool> setting(const char* variable_name, const char* property_name) const;
  // AWS_EC2_METADATA_DISABLED is set, and not to false: as aws-c-auth reads it.
  bool instance_metadata_is_disabled() const;
  const std::string& profile() const { return profile_; }
  // Property of the profile.
  std::optional<std::string> property(const std::string& name) const;
  // Of the [services ...] section that the profile names, below `service` (such as kinesis), else
  // of the profile.
  std::optional<std::string> service_endpoint(const std::string& service) const;
  // Property of the [sso-session ...] section `session`.
  std::optional<std::string> sso_session_property(const std::string& session,
                                                  const std::string& name) const;
  // The profile exists in one of the files.
  bool has_profile() const;
  // The same files seen from another profile; and what they and the environment say by now.
  Configuration with_profile(const std::string& profile) const;
  Configuration read_again() const { return {environment_, profile_}; }
  const Environment& environment() const { return environment_; }

 private:
  struct ReleaseCollection {
    void operator()(aws_profile_collection* collection) const;
  };
  Environment environment_;
  std::string profile_;
  // Shared by copies of the configuration.
  std::shared_ptr<aws_profile_collection> files_;
};

}  // namespace kinesink::aws
