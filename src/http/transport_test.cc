#include "http/transport.h"

#include <gtest/gtest.h>

namespace kinesink::http {
namespace {

struct EndpointCase {
  const char* url;
  Endpoint endpoint;
  const char* authority;
};

TEST(ParseEndpoint, reads_scheme_host_and_port) {
  const EndpointCase cases[] = {
      {"https://kinesis.us-east-1.amazonaws.com",
       {"kinesis.us-east-1.amazonaws.com", 443, true},
       "kinesis.us-east-1.amazonaws.com"},
      {"http://localhost:4567", {"localhost", 4567, false}, "localhost:4567"},
      {"http://localhost:4567/", {"localhost", 4567, false}, "localhost:4567"},
      {"http://localhost", {"localhost", 80, false}, "localhost"},
      {"http://localhost:443", {"localhost", 443, false}, "localhost:443"},
      {"https://localhost:80", {"localhost", 80, true}, "localhost:80"},
      {"https://[::1]:8443", {"::1", 8443, true}, "[::1]:8443"},
      {"https://[::1]", {"::1", 443, true}, "[::1]"},
      {"https://127.0.0.1:1", {"127.0.0.1", 1, true}, "127.0.0.1:1"},
      {"https://127.0.0.1:65535", {"127.0.0.1", 65535, true}, "127.0.0.1:65535"},
  };
  for (const EndpointCase& expected : cases) {
    const Result<Endpoint> parsed = parse_endpoint(expected.url);
    ASSERT_TRUE(parsed) << expected.url << ": " << parsed.error().to_string();
    EXPECT_EQ(*parsed, expected.endpoint) << expected.url;
    EXPECT_EQ(parsed->authority(), expected.authority);
  }
}

TEST(ParseEndpoint, refuses_what_is_no_endpoint) {
  for (const char* url : {"",
                          "localhost",
                          "ftp://host",
                          "https://",
                          "https:///",
                          "http://:80",
                          "https://host/path",
                          "https://host?x",
                          "https://host#x",
                          "https://user@host",
                          "https://host:",
                          "https://host:0",
                          "https://host:65536",
                          "https://host:-1",
                          "https://host:+1",
                          "https://host:80x",
                          "https://host:1:2",
                          "https://[::1",
                          "https://[]",
                          "https://[::1]x",
                          "https://ho st",
                          "https://host\r\nX: y",
                          "https://ho\tst",
                          "https://h\xc3\xb6st"}) {
    const Result<Endpoint> parsed = parse_endpoint(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid_argument) << url;
  }
}

TEST(ParseEndpoint, does_not_repeat_a_password) {
  const Result<Endpoint> parsed = parse_endpoint("https://user:hunter2@host");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message.find("hunter2"), std::string::npos) << parsed.error().message;
}

TEST(Response, header_names_are_found_in_any_case) {
  Response response;
  response.headers = {{"Content-Type", "a"}, {"content-type", "b"}, {"Date", "c"}};
  EXPECT_EQ(response.header("CONTENT-TYPE"), "a");
  EXPECT_EQ(response.header("date"), "c");
  EXPECT_EQ(response.header("Dat"), "");
}

}  // namespace
}  // namespace kinesink::http
