// Proxy settings from the environment, as curl and the AWS SDKs read them.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "http/client.h"

namespace kinesink::http {
namespace {

using Environment = std::function<const char*(const char*)>;

std::string first_of(const Environment& get_environment, std::initializer_list<const char*> names,
                     const char*& used) {
  for (const char* name : names) {
    const char* value = get_environment(name);
    if (value == nullptr || *value == '\0') continue;
    used = name;
    return value;
  }
  return {};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

// The bytes of an address, in network order; empty if `text` is none.
std::vector<std::uint8_t> address_bytes(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return {bytes.begin(), bytes.begin() + 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.end()};
  return {};
}

bool in_network(const std::string& host, std::string_view network) {
  const std::size_t slash = network.find('/');
  if (slash == network.npos) return false;
  const auto address = address_bytes(host);
  const auto prefix = address_bytes(std::string(network.substr(0, slash)));
  if (address.empty() || address.size() != prefix.size()) return false;
  const std::string digits(network.substr(slash + 1));
  if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != digits.npos)
    return false;
  const std::size_t bits = std::stoul(digits);
  if (bits > address.size() * 8) return false;
  const std::size_t whole = bits / 8;
  if (std::memcmp(address.data(), prefix.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff00 >> bits % 8 & 0xff;
  return (address[whole] & mask) == (prefix[whole] & mask);
}

// One entry of NO_PROXY: `*`, a host, a domain (with or without leading dot: its hosts too), an
// address, a network; each may have a port.
bool is_exempt(const Endpoint& endpoint, std::string_view entry) {
  if (entry == "*") return true;
  const std::string host = lower(endpoint.host);
  std::string pattern = lower(entry);
  if (in_network(host, pattern)) return true;
  if (pattern == host) return true;  // before a port is looked for: an IPv6 address has colons
  if (pattern.starts_with('[')) {
    return pattern == '[' + host + ']' ||
           pattern == '[' + host + "]:" + std::to_string(endpoint.port);
  }
  if (const std::size_t colon = pattern.rfind(':');
      colon != pattern.npos && pattern.find(':') == colon) {
    if (pattern.substr(colon + 1) != std::to_string(endpoint.port)) return false;
    pattern.resize(colon);
  }
  if (pattern.starts_with("*.")) pattern.erase(0, 1);
  if (pattern.starts_with('.')) pattern.erase(0, 1);
  if (pattern.empty()) return false;
  return host == pattern || host.ends_with('.' + pattern);
}

bool no_proxy_for(const Endpoint& endpoint, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", "), list.size());
    if (end > 0 && is_exempt(endpoint, list.substr(0, end))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    result += *byte;
    i += 2;
  }
  return result;
}

Result<Proxy> parse_proxy(std::string_view name, std::string url) {
  // The value may hold a password, so it is not repeated.
  const auto refuse = [name](const char* why) {
    return make_error(ErrorKind::invalid_argument,
                      "the environment variable " + std::string(name) + " is no proxy URL: it " +
                          why + "; it must look like http://[user:password@]host:port");
  };
  if (url.find("://") == url.npos) url.insert(0, "http://");
  if (!url.starts_with("http://")) return refuse("is not http://");
  Proxy proxy;
  const std::size_t at = url.rfind('@');
  if (at != url.npos) {
    const auto user = percent_decoded(std::string_view(url).substr(7, at - 7));
    if (!user) return refuse("has a malformed % escape in user or password");
    proxy.authorization = "Basic " + to_base64(*user);
    url.erase(7, at - 6);
  }
  Result<Endpoint> endpoint = parse_endpoint(url);
  if (!endpoint) return refuse("has no valid host and port");
  proxy.endpoint = *std::move(endpoint);
  return proxy;
}

}  // namespace

Result<std::optional<Proxy>> proxy_from_environment(const Endpoint& endpoint,
                                                    const Environment& get_environment) {
  const char* used = nullptr;
  // HTTP_PROXY in capitals is not read: a CGI program gets it from a request header
  // (https://httpoxy.org).
  const std::string url =
      endpoint.tls ? first_of(get_environment,
                              {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}, used)
                   : first_of(get_environment, {"http_proxy", "all_proxy", "ALL_PROXY"}, used);
  if (url.empty()) return std::optional<Proxy>();
  const char* ignored = nullptr;
  if (no_proxy_for(endpoint, first_of(get_environment, {"no_proxy", "NO_PROXY"}, ignored))) {
    return std::optional<Proxy>();
  }
  KINESINK_ASSIGN(Proxy proxy, parse_proxy(used, url));
  return std::optional<Proxy>(std::move(proxy));
}

}  // namespace kinesink::http
