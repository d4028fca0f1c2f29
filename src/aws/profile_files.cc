#include "aws/profile_files.h"

#include <aws/common/json.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "aws/crt.h"

namespace kinesink::aws {
namespace {

Error refuse(std::string why) { return make_error(ErrorKind::auth, std::move(why)); }

Result<Credentials> keys(std::optional<std::string> id, std::optional<std::string> secret,
                         std::optional<std::string> token, const std::string& id_name,
                         const std::string& secret_name) {
  if (!id && !secret) return refuse("");
  if (!id) return refuse(id_name + " is missing");
  if (!secret) return refuse(secret_name + " is missing");
  Credentials credentials;
  credentials.access_key_id = *std::move(id);
  credentials.secret_access_key = *std::move(secret);
  credentials.session_token = std::move(token).value_or("");
  return credentials;
}

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string sha1_hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_sha1(), nullptr);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  for (unsigned int i = 0; i < size; ++i) {
    result += kDigits[bytes[i] >> 4];
    result += kDigits[bytes[i] & 15];
  }
  return result;
}

std::string access_token_of(const std::string& text) {
  using Json = CrtPointer<aws_json_value, aws_json_value_destroy>;
  const Json document(aws_json_value_new_from_string(crt_for_files(), cursor_of(text)));
  if (document == nullptr) return {};
  const aws_json_value* found = aws_json_value_get_from_object_c_str(document.get(), "accessToken");
  aws_byte_cursor token{};
  if (found == nullptr || aws_json_value_get_string(found, &token) != 0) return {};
  return string_of(token);
}

}  // namespace

Result<Credentials> keys_of_environment(const Configuration& configuration) {
  return keys(
      configuration.variable("AWS_ACCESS_KEY_ID"), configuration.variable("AWS_SECRET_ACCESS_KEY"),
      configuration.variable("AWS_SESSION_TOKEN"), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
}

Result<Credentials> keys_of_profile(const Configuration& profile) {
  return keys(profile.property("aws_access_key_id"), profile.property("aws_secret_access_key"),
              profile.property("aws_session_token"), "aws_access_key_id", "aws_secret_access_key");
}

Result<std::string> web_identity_token(const std::string& file) {
  std::optional<std::string> token = text_of_file(file);
  if (!token) return refuse("the token file " + file + " cannot be read");
  while (token->ends_with('\n')) token->pop_back();
  if (token->empty()) return refuse("the token file " + file + " is empty");
  return *std::move(token);
}

Result<SsoLogin> sso_login(const Configuration& profile) {
  SsoLogin login;
  login.role.account = profile.property("sso_account_id").value_or("");
  login.role.name = profile.property("sso_role_name").value_or("");
  const std::optional<std::string> session = profile.property("sso_session");
  login.role.region = (session ? profile.sso_session_property(*session, "sso_region")
                               : profile.property("sso_region"))
                          .value_or("");
  for (const auto& [value, name] : {std::pair(&login.role.account, "sso_account_id"),
                                    std::pair(&login.role.name, "sso_role_name"),
                                    std::pair(&login.role.region, "sso_region")}) {
    if (value->empty()) return refuse(std::string(name) + " is missing");
  }
  const std::string key = session ? *session : profile.property("sso_start_url").value_or("");
  const std::string file =
      profile.variable("HOME").value_or("") + "/.aws/sso/cache/" + sha1_hex(key) + ".json";
  const std::string advice = ". Run: aws sso login --profile " + profile.profile();
  const std::optional<std::string> text = text_of_file(file);
  if (!text) return refuse("there is no login: " + file + " cannot be read" + advice);
  login.token = access_token_of(*text);
  // It becomes a header.
  if (login.token.empty() || login.token.find_first_of("\r\n") != login.token.npos)
    return refuse("the login in " + file + " is malformed" + advice);
  return login;
}

}  // namespace kinesink::aws
