// Through a proxy: CONNECT for https (RFC 9110, section 9.3.6), absolute-form for http (RFC 9112,
// section 3.2.2).
#include <gtest/gtest.h>

#include "tests/support/http_fixture.h"
#include "tests/support/test_authority.h"

namespace kinesink::http {
namespace {

class HttpClientProxy : public ClientTest {
 protected:
  void serve_proxy(ScriptedServer::Script script, bool tls) {
    serve(std::move(script));
    options_.proxy = Proxy{{"127.0.0.1", server_->port(), false}, "Basic dTpw"};
    options_.endpoint = {"kinesis.test", static_cast<std::uint16_t>(tls ? 443 : 80), tls};
  }
};

TEST_F(HttpClientProxy, https_goes_through_a_tunnel) {
  const tests::TestAuthority authority;
  const auto context = authority.server("DNS:kinesis.test");
  std::string connect;
  std::string request;
  serve_proxy(
      [&](Peer& peer) {
        connect = peer.read_head();
        peer.write("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
        if (!peer.secure(context.get())) return;
        while (true) {
          const std::string head = peer.read_request();
          if (head.empty()) return;
          request = head;
          peer.answer(200, "through");
        }
      },
      true);
  options_.tls.ca_bundle = authority.file();
  open();
  EXPECT_EQ(ask("body"), "through");
  EXPECT_EQ(ask("body"), "through");
  EXPECT_EQ(server_->connections(), 1);
  finish();
  EXPECT_EQ(connect,
            "CONNECT kinesis.test:443 HTTP/1.1\r\nHost: kinesis.test:443\r\n"
            "Proxy-Authorization: Basic dTpw\r\n\r\n");
  EXPECT_EQ(request, "POST / HTTP/1.1\r\nHost: kinesis.test\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(HttpClientProxy, an_ipv6_target_is_bracketed) {
  std::string connect;
  serve_proxy([&](Peer& peer) { connect = peer.read_head(); }, true);
  options_.endpoint = {"::1", 8443, true};
  options_.proxy->authorization.clear();
  open();
  ask();
  finish();
  EXPECT_EQ(connect, "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n");
}

TEST_F(HttpClientProxy, a_refusal_is_an_error_that_names_the_proxy) {
  const std::pair<int, ErrorKind> refusals[] = {
      {407, ErrorKind::invalid_argument}, {403, ErrorKind::transient}, {502, ErrorKind::transient}};
  for (const auto& [status, kind] : refusals) {
    serve_proxy(
        [status = status](Peer& peer) {
          peer.read_head();
          peer.answer(status, "<html>");
          peer.wait_for_close();
        },
        true);
    open();
    Call call;
    call.start(*client_, "body");
    EXPECT_EQ(call.error().kind, kind) << status;
    EXPECT_NE(call.error().message.find(std::to_string(status)), std::string::npos);
    EXPECT_EQ(call.error().message.find("dTpw"), std::string::npos);
    EXPECT_FALSE(call.may_have_been_received());
    client_.reset();
  }
}

TEST_F(HttpClientProxy, a_proxy_that_closes_stalls_or_talks_nonsense_is_an_error) {
  options_.connect_timeout = milliseconds(50);
  for (const char* answer : {"", "nonsense\r\n\r\n", "HTTP/1.1 200 O", "stall"}) {
    serve_proxy(
        [answer = std::string(answer)](Peer& peer) {
          peer.read_head();
          if (answer == "stall") return peer.wait_for_close();
          peer.write(answer);
        },
        true);
    open();
    Call call;
    call.start(*client_, "body");
    EXPECT_EQ(call.error().kind,
              std::string_view(answer) == "stall" ? ErrorKind::timeout : ErrorKind::transient);
    EXPECT_FALSE(call.may_have_been_received());
    client_.reset();
  }
}

TEST_F(HttpClientProxy, http_goes_in_absolute_form) {
  std::string request;
  serve_proxy(
      [&](Peer& peer) {
        request = peer.read_request();
        peer.answer(200, "through");
        peer.wait_for_close();
      },
      false);
  options_.endpoint.port = 4567;
  open();
  EXPECT_EQ(ask("body"), "through");
  finish();
  EXPECT_EQ(request,
            "POST http://kinesis.test:4567/ HTTP/1.1\r\nHost: kinesis.test:4567\r\n"
            "Content-Length: 4\r\nProxy-Authorization: Basic dTpw\r\n\r\nbody");
}

}  // namespace
}  // namespace kinesink::http
