#include "local/authorization.h"

#include "local/input.h"
#include "local/signature.h"

namespace kinesink::local {
namespace {

// Whether "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..." has a value for
// `parameter`.
bool has_parameter(std::string_view authorization, std::string_view parameter) {
  for (std::size_t at = authorization.find(parameter); at != authorization.npos;
       at = authorization.find(parameter, at + 1)) {
    const bool starts = at > 0 && (authorization[at - 1] == ' ' || authorization[at - 1] == ',');
    const std::string_view rest = authorization.substr(at + parameter.size());
    if (starts && rest.size() > 1 && rest[0] == '=' && rest[1] != ',' && rest[1] != ' ') {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<void> check_authorization(const http::Request& request, WallTime now,
                                 std::string_view region,
                                 const std::optional<AcceptedKey>& accepted) {
  const std::string_view authorization = request.header("Authorization");
  if (authorization.empty()) {
    return refusal("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  std::string missing;
  for (const std::string_view parameter : {"Credential", "Signature", "SignedHeaders"}) {
    if (has_parameter(authorization, parameter)) continue;
    missing.append("Authorization header requires '").append(parameter).append("' parameter. ");
  }
  if (request.header("X-Amz-Date").empty() && request.header("Date").empty()) {
    missing +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!missing.empty()) {
    missing.pop_back();
    return refusal("IncompleteSignatureException", missing);
  }
  return accepted ? verify_signature(request, now, region, *accepted) : Result<void>();
}

}  // namespace kinesink::local
