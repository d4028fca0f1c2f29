#include "aws/configuration.h"

#include <aws/common/string.h>
#include <aws/sdkutils/aws_profile.h>

#include <cstdlib>
#include <utility>

#include "aws/crt.h"

namespace kinesink::aws {
namespace {

using CrtString = CrtPointer<aws_string, aws_string_destroy>;
using Collection = CrtPointer<aws_profile_collection, aws_profile_collection_release>;

CrtString crt_string(std::string_view text) {
  return CrtString(aws_string_new_from_array(
      crt_for_files(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string text_of(const aws_string* text) { return {aws_string_c_str(text), text->len}; }

std::optional<bool> flag_of(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace

Environment process_environment() {
  return [](const char* name) -> const char* { return std::getenv(name); };
}

void Configuration::ReleaseCollection::operator()(aws_profile_collection* collection) const {
  aws_profile_collection_release(collection);
}

Configuration::Configuration(Environment environment, std::string profile)
    : environment_(std::move(environment)) {
  profile_ = !profile.empty() ? std::move(profile) : variable("AWS_PROFILE").value_or("default");
  const std::string config_override = variable("AWS_CONFIG_FILE").value_or("");
  const std::string credentials_override = variable("AWS_SHARED_CREDENTIALS_FILE").value_or("");
  const aws_byte_cursor config_cursor = cursor_of(config_override);
  const aws_byte_cursor credentials_cursor = cursor_of(credentials_override);
  const CrtString config_path(aws_get_config_file_path(
      crt_for_files(), config_override.empty() ? nullptr : &config_cursor));
  const CrtString credentials_path(aws_get_credentials_file_path(
      crt_for_files(), credentials_override.empty() ? nullptr : &credentials_cursor));
  const Collection config(config_path == nullptr
                              ? nullptr
                              : aws_profile_collection_new_from_file(
                                    crt_for_files(), config_path.get(), AWS_PST_CONFIG));
  const Collection credentials(credentials_path == nullptr
                                   ? nullptr
                                   : aws_profile_collection_new_from_file(crt_for_files(),
                                                                          credentials_path.get(),
                                                                          AWS_PST_CREDENTIALS));
  if (config == nullptr && credentials == nullptr) return;
  files_.reset(
      aws_profile_collection_new_from_merge(crt_for_files(), config.get(), credentials.get()),
      ReleaseCollection{});
}

std::optional<std::string> Configuration::variable(const char* name) const {
  const char* value = environment_(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<bool> Configuration::flag(const char* name) const {
  return flag_of(variable(name).value_or(""));
}

std::optional<bool> Configuration::setting(const char* variable_name,
                                           const char* property_name) const {
  if (const std::optional<std::string> text = variable(variable_name)) return flag_of(*text);
  return flag_of(property(property_name).value_or(""));
}

bool Configuration::instance_metadata_is_disabled() const {
  constexpr const char* kName = "AWS_EC2_METADATA_DISABLED";
  return variable(kName).has_value() && flag(kName).value_or(true);
}

bool Configuration::has_profile() const {
  if (files_ == nullptr) return false;
  const CrtString name = crt_string(profile_);
  return aws_profile_collection_get_profile(files_.get(), name.get()) != nullptr;
}

std::optional<std::string> Configuration::property(const std::string& name) const {
  if (files_ == nullptr) return std::nullopt;
  const CrtString profile_name = crt_string(profile_);
  const aws_profile* profile = aws_profile_collection_get_profile(files_.get(), profile_name.get());
  if (profile == nullptr) return std::nullopt;
  const CrtString property_name = crt_string(name);
  const aws_profile_property* property = aws_profile_get_property(profile, property_name.get());
  if (property == nullptr) return std::nullopt;
  return text_of(aws_profile_property_get_value(property));
}

std::optional<std::string> Configuration::service_endpoint(const std::string& service) const {
  if (const std::optional<std::string> services = property("services")) {
    const CrtString section_name = crt_string(*services);
    const CrtString service_name = crt_string(service);
    const CrtString endpoint_name = crt_string("endpoint_url");
    const aws_profile* section = aws_profile_collection_get_section(
        files_.get(), AWS_PROFILE_SECTION_TYPE_SERVICES, section_name.get());
    const aws_profile_property* below =
        section == nullptr ? nullptr : aws_profile_get_property(section, service_name.get());
    const aws_string* endpoint =
        below == nullptr ? nullptr
                         : aws_profile_property_get_sub_property(below, endpoint_name.get());
    if (endpoint != nullptr) return text_of(endpoint);
  }
  return property("endpoint_url");
}

std::optional<std::string> Configuration::sso_session_property(const std::string& session,
                                                               const std::string& name) const {
  if (files_ == nullptr) return std::nullopt;
  const CrtString section_name = crt_string(session);
  const aws_profile* section = aws_profile_collection_get_section(
      files_.get(), AWS_PROFILE_SECTION_TYPE_SSO_SESSION, section_name.get());
  if (section == nullptr) return std::nullopt;
  const CrtString property_name = crt_string(name);
  const aws_profile_property* found = aws_profile_get_property(section, property_name.get());
  if (found == nullptr) return std::nullopt;
  return text_of(aws_profile_property_get_value(found));
}

Configuration Configuration::with_profile(const std::string& profile) const {
  Configuration other = *this;
  other.profile_ = profile;
  return other;
}

}  // namespace kinesink::aws
