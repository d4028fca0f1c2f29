#include "http/transport.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kinesink::http {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::string_view value_of(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) return header.value;
  }
  return {};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string Endpoint::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? '[' + host + ']' : host;
  if (port != (tls ? kHttpsPort : kHttpPort)) text += ':' + std::to_string(port);
  return text;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  const auto refuse = [url](const char* why) {
    // A user and a password before the @ are not repeated.
    const std::string_view shown = url.substr(url.rfind('@') + 1);
    return make_error(ErrorKind::invalid_argument, "endpoint URL '" + std::string(shown) + "' " +
                                                       why +
                                                       "; it must look like https://host[:port]");
  };
  Endpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    endpoint.tls = false;
    endpoint.port = kHttpPort;
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    return refuse("starts with neither http:// nor https://");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ ") != rest.npos) return refuse("has a path, a query or a user");
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == rest.npos) return refuse("has an unclosed [");
    endpoint.host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
    if (!port.empty() && port[0] != ':') return refuse("has text after ]");
  } else {
    endpoint.host = rest.substr(0, rest.find(':'));
    port = rest.substr(endpoint.host.size());
  }
  if (endpoint.host.empty()) return refuse("names no host");
  if (std::ranges::any_of(endpoint.host, [](char c) { return c <= ' ' || c > '~'; })) {
    return refuse("has a host with characters that no host name has");
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || endpoint.port == 0) {
      return refuse("has a port that is no number from 1 to 65535");
    }
  }
  return endpoint;
}

bool is_well_formed(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_well_formed(const Header& header) {
  return is_well_formed(header.name) && is_well_formed(header.value);
}

Error malformed_request() {
  return make_error(ErrorKind::invalid_argument,
                    "the request has a line break or a NUL in its method, target or a header; "
                    "take it out");
}

Result<std::shared_ptr<const SharedHeaders>> SharedHeaders::make(std::vector<Header> headers) {
  auto made = std::make_shared<SharedHeaders>();
  for (const Header& header : headers) {
    if (!is_well_formed(header)) return malformed_request();
    made->lines_.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  made->headers_ = std::move(headers);
  return std::shared_ptr<const SharedHeaders>(std::move(made));
}

std::string_view Request::header(std::string_view name) const {
  if (shared_headers != nullptr) {
    if (const std::string_view value = value_of(shared_headers->headers(), name); !value.empty())
      return value;
  }
  return value_of(headers, name);
}

std::string_view Response::header(std::string_view name) const { return value_of(headers, name); }

}  // namespace kinesink::http
