// How the environment names a proxy: as curl (https://curl.se/docs/manpage.html, ENVIRONMENT) and
// the AWS SDKs read it.
#include <gtest/gtest.h>

#include <map>

#include "http/client.h"

namespace kinesink::http {
namespace {

using Variables = std::map<std::string, std::string>;

const Endpoint kHttps{"kinesis.us-east-1.amazonaws.com", 443, true};
const Endpoint kHttp{"localhost", 4567, false};

Result<std::optional<Proxy>> proxy_of(const Endpoint& endpoint, const Variables& variables) {
  return proxy_from_environment(endpoint, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

// Host of the proxy, or "none".
std::string chosen(const Endpoint& endpoint, const Variables& variables) {
  const auto proxy = proxy_of(endpoint, variables);
  if (!proxy) return proxy.error().to_string();
  return proxy->has_value() ? (*proxy)->endpoint.host : "none";
}

TEST(ProxyFromEnvironment, is_chosen_by_the_scheme) {
  EXPECT_EQ(chosen(kHttps, {}), "none");
  EXPECT_EQ(chosen(kHttps, {{"https_proxy", ""}}), "none");
  EXPECT_EQ(chosen(kHttps, {{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:1"}}), "a");
  EXPECT_EQ(chosen(kHttps, {{"HTTPS_PROXY", "http://b:1"}, {"all_proxy", "http://c:1"}}), "b");
  EXPECT_EQ(chosen(kHttps, {{"all_proxy", "http://c:1"}, {"ALL_PROXY", "http://d:1"}}), "c");
  EXPECT_EQ(chosen(kHttps, {{"ALL_PROXY", "http://d:1"}}), "d");
  EXPECT_EQ(chosen(kHttps, {{"http_proxy", "http://e:1"}}), "none");
  EXPECT_EQ(chosen(kHttp, {{"http_proxy", "http://e:1"}, {"all_proxy", "http://c:1"}}), "e");
  EXPECT_EQ(chosen(kHttp, {{"https_proxy", "http://a:1"}}), "none");
}

TEST(ProxyFromEnvironment, http_proxy_in_capitals_is_not_read) {
  EXPECT_EQ(chosen(kHttp, {{"HTTP_PROXY", "http://evil:1"}}), "none");
}

TEST(ProxyFromEnvironment, reads_port_and_user) {
  auto proxy = proxy_of(kHttps, {{"https_proxy", "http://Aladdin:open%20sesame@proxy:3128/"}});
  ASSERT_TRUE(proxy && proxy->has_value());
  EXPECT_EQ((*proxy)->endpoint, (Endpoint{"proxy", 3128, false}));
  // RFC 7617, section 2.
  EXPECT_EQ((*proxy)->authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");

  proxy = proxy_of(kHttps, {{"https_proxy", "proxy"}});
  ASSERT_TRUE(proxy && proxy->has_value());
  EXPECT_EQ((*proxy)->endpoint, (Endpoint{"proxy", 80, false}));
  EXPECT_EQ((*proxy)->authorization, "");
}

TEST(ProxyFromEnvironment, a_malformed_value_is_an_error_that_keeps_the_password) {
  for (const char* url :
       {"https://u:hunter2@proxy:1", "socks5://u:hunter2@proxy:1", "http://u:hunter2%4@proxy:1",
        "http://u:hunter2%zz@proxy:1", "http://u:hunter2@", "http://u:hunter2@proxy:0",
        "http://u:hunter2@proxy:1/path"}) {
    const auto proxy = proxy_of(kHttps, {{"HTTPS_PROXY", url}});
    ASSERT_FALSE(proxy) << url;
    EXPECT_EQ(proxy.error().kind, ErrorKind::invalid_argument) << url;
    EXPECT_NE(proxy.error().message.find("HTTPS_PROXY"), std::string::npos) << url;
    EXPECT_EQ(proxy.error().message.find("hunter2"), std::string::npos) << proxy.error().message;
  }
}

struct NoProxyCase {
  const char* host;
  std::uint16_t port;
  const char* list;
  bool is_exempt;
};

TEST(ProxyFromEnvironment, no_proxy_exempts_hosts_domains_addresses_and_networks) {
  const NoProxyCase cases[] = {
      {"a.example.com", 443, "", false},
      {"a.example.com", 443, "*", true},
      {"a.example.com", 443, "a.example.com", true},
      {"a.example.com", 443, "A.EXAMPLE.com", true},
      {"A.Example.Com", 443, "example.com", true},
      {"a.example.com", 443, ".example.com", true},
      {"a.example.com", 443, "*.example.com", true},
      {"example.com", 443, ".example.com", true},
      {"anexample.com", 443, "example.com", false},
      {"example.com.org", 443, "example.com", false},
      {"a.example.com", 443, "b.org, example.com", true},
      {"a.example.com", 443, "b.org,,  ,example.com,", true},
      {"a.example.com", 443, "b.org c.org", false},
      {"a.example.com", 443, "example.com:443", true},
      {"a.example.com", 8443, "example.com:443", false},
      {"a.example.com", 443, ":443", false},
      {"a.example.com", 443, ".", false},
      {"10.1.2.3", 443, "10.1.2.3", true},
      {"10.1.2.3", 443, "10.1.2.3:443", true},
      {"10.1.2.3", 443, "10.1.2.3:80", false},
      {"10.1.2.3", 443, "10.0.0.0/8", true},
      {"11.1.2.3", 443, "10.0.0.0/8", false},
      {"10.1.2.3", 443, "0.0.0.0/0", true},
      {"10.1.2.3", 443, "10.1.2.3/32", true},
      {"10.1.2.4", 443, "10.1.2.3/32", false},
      {"10.1.2.127", 443, "10.1.2.0/25", true},
      {"10.1.2.128", 443, "10.1.2.0/25", false},
      {"10.1.2.3", 443, "10.1.2.0/33", false},
      {"10.1.2.3", 443, "10.1.2.0/", false},
      {"10.1.2.3", 443, "10.1.2.0/x", false},
      {"10.1.2.3", 443, "10.1.2/24", false},
      {"ten.org", 443, "10.0.0.0/8", false},
      {"::1", 443, "::1", true},
      {"::1", 443, "[::1]", true},
      {"::1", 443, "[::1]:443", true},
      {"::1", 443, "[::1]:80", false},
      {"fd00::5", 443, "fd00::/8", true},
      {"fe80::5", 443, "fd00::/8", false},
      {"fe80::5", 443, "10.0.0.0/8", false},
      {"169.254.169.254", 80, "169.254.0.0/16", true},
  };
  for (const NoProxyCase& expected : cases) {
    const Endpoint endpoint{expected.host, expected.port, true};
    EXPECT_EQ(chosen(endpoint, {{"https_proxy", "proxy:1"}, {"no_proxy", expected.list}}),
              expected.is_exempt ? "none" : "proxy")
        << expected.host << ':' << expected.port << " with " << expected.list;
  }
  EXPECT_EQ(chosen(kHttps, {{"https_proxy", "proxy:1"}, {"NO_PROXY", "amazonaws.com"}}), "none");
  EXPECT_EQ(
      chosen(kHttps,
             {{"https_proxy", "proxy:1"}, {"no_proxy", "other"}, {"NO_PROXY", "amazonaws.com"}}),
      "proxy");
}

}  // namespace
}  // namespace kinesink::http
