// TLS against OpenSSL's own server side, with an authority made for the test.
#include <gtest/gtest.h>

#include "tests/support/http_fixture.h"
#include "tests/support/test_authority.h"

namespace kinesink::http {
namespace {

using tests::TestAuthority;

class HttpClientTls : public ClientTest {
 protected:
  // A server of `names`, which the client calls `host`. The client trusts `authority_`.
  void serve_tls(const std::string& names, const std::string& host, ScriptedServer::Script script) {
    context_ = authority_.server(names);
    serve([this, script](Peer& peer) {
      if (peer.secure(context_.get())) script(peer);
    });
    options_.endpoint.host = host;
    options_.endpoint.tls = true;
    options_.tls.ca_bundle = authority_.file();
  }
  static void echo(Peer& peer) {
    while (true) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      peer.answer(200, request.substr(request.find("\r\n\r\n") + 4));
    }
  }
  Error refusal() {
    open();
    Call call;
    call.start(*client_, "body");
    EXPECT_FALSE(call.may_have_been_received());
    return call.error();
  }

  TestAuthority authority_;
  TestAuthority::Context context_{nullptr, SSL_CTX_free};
};

TEST_F(HttpClientTls, carries_requests) {
  serve_tls("DNS:localhost", "localhost", echo);
  open();
  EXPECT_EQ(ask("hello"), "hello");
  const std::string body(3 * 1024 * 1024 + 1, 'x');
  EXPECT_TRUE(ask(body) == body);
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClientTls, carries_requests_over_tls_1_2) {
  serve_tls("DNS:localhost", "localhost", echo);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
  open();
  EXPECT_EQ(ask("hello"), "hello");
  EXPECT_EQ(ask("again"), "again");
}

TEST_F(HttpClientTls, prefers_the_cheaper_of_two_good_ciphers) {
  std::string cipher;
  context_ = authority_.server("DNS:localhost");
  serve([&](Peer& peer) {
    if (!peer.secure(context_.get())) return;
    cipher = peer.cipher();
    peer.read_request();
    peer.answer(200, "ok");
  });
  options_.endpoint = {"localhost", options_.endpoint.port, true};
  options_.tls.ca_bundle = authority_.file();
  open();
  EXPECT_EQ(ask(), "ok");
  finish();
  EXPECT_EQ(cipher, "TLS_AES_128_GCM_SHA256");
}

TEST_F(HttpClientTls, refuses_tls_1_1) {
  serve_tls("DNS:localhost", "localhost", echo);
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_1_VERSION);
  EXPECT_EQ(refusal().kind, ErrorKind::transient);
}

TEST_F(HttpClientTls, names_the_host_to_the_server) {
  std::string name;
  serve_tls("DNS:localhost", "localhost", echo);
  SSL_CTX_set_tlsext_servername_arg(context_.get(), &name);
  SSL_CTX_set_tlsext_servername_callback(
      context_.get(), +[](SSL* ssl, int*, void* to) {
        const char* sent = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        *static_cast<std::string*>(to) = sent != nullptr ? sent : "";
        return SSL_TLSEXT_ERR_OK;
      });
  open();
  EXPECT_EQ(ask("a"), "a");
  finish();
  EXPECT_EQ(name, "localhost");
}

TEST_F(HttpClientTls, an_address_is_verified_against_the_addresses) {
  serve_tls("IP:127.0.0.1", "127.0.0.1", echo);
  open();
  EXPECT_EQ(ask("a"), "a");
}

TEST_F(HttpClientTls, an_address_is_no_name) {
  serve_tls("DNS:127.0.0.1,DNS:localhost,IP:127.0.0.2", "127.0.0.1", echo);
  EXPECT_EQ(refusal().kind, ErrorKind::invalid_argument);
}

TEST_F(HttpClientTls, a_certificate_for_another_name_is_refused) {
  serve_tls("DNS:example.com", "localhost", echo);
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_NE(error.message.find("localhost"), std::string::npos) << error.message;
}

TEST_F(HttpClientTls, an_expired_certificate_is_refused) {
  serve_tls("DNS:localhost", "localhost", echo);
  context_ = authority_.server("DNS:localhost", {-7200, -3600});
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_NE(error.message.find("has expired"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("clock"), std::string::npos) << error.message;
}

TEST_F(HttpClientTls, a_certificate_of_the_future_is_refused) {
  serve_tls("DNS:localhost", "localhost", echo);
  context_ = authority_.server("DNS:localhost", {3600, 7200});
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_NE(error.message.find("not yet valid"), std::string::npos) << error.message;
}

// Its authority is itself: nobody vouches for it.
TEST_F(HttpClientTls, a_certificate_of_its_own_is_refused) {
  const TestAuthority other;
  serve_tls("DNS:localhost", "localhost", echo);
  context_ = other.server("DNS:localhost");
  EXPECT_EQ(refusal().kind, ErrorKind::invalid_argument);
}

TEST_F(HttpClientTls, an_unknown_authority_is_refused) {
  serve_tls("DNS:localhost", "localhost", echo);
  const TestAuthority other;
  options_.tls.ca_bundle = other.file();
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_NE(error.message.find("CA bundle"), std::string::npos) << error.message;
}

TEST_F(HttpClientTls, a_system_bundle_does_not_trust_the_authority) {
  serve_tls("DNS:localhost", "localhost", echo);
  options_.tls.ca_bundle.clear();
  EXPECT_EQ(refusal().kind, ErrorKind::invalid_argument);
}

TEST_F(HttpClientTls, without_verification_any_certificate_will_do) {
  serve_tls("DNS:example.com", "localhost", echo);
  options_.tls = {false, ""};
  open();
  EXPECT_EQ(ask("a"), "a");
}

TEST_F(HttpClientTls, a_bundle_that_cannot_be_read_is_an_error) {
  options_.endpoint = {"localhost", 1, true};
  for (const char* file : {"/no/such/file", "/dev/null"}) {
    options_.tls.ca_bundle = file;
    const auto opened = open_http_client(*loop_, options_);
    ASSERT_FALSE(opened) << file;
    EXPECT_EQ(opened.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(opened.error().message.find(file), std::string::npos);
  }
}

TEST_F(HttpClientTls, a_plain_server_is_a_failed_handshake) {
  serve([](Peer& peer) {
    peer.write("HTTP/1.1 400 no TLS here\r\n\r\n");
    peer.wait_for_close();
  });
  options_.endpoint.tls = true;
  EXPECT_EQ(refusal().kind, ErrorKind::transient);
}

TEST_F(HttpClientTls, cut_in_the_handshake) {
  serve([](Peer& peer) { peer.read_some(10); });
  options_.endpoint.tls = true;
  EXPECT_EQ(refusal().kind, ErrorKind::transient);
}

TEST_F(HttpClientTls, cut_in_the_middle_of_a_record) {
  serve_tls("DNS:localhost", "localhost", [](Peer& peer) {
    peer.read_request();
    // The head of a record of 256 bytes (RFC 8446, section 5.1), and a few of them.
    const char record[] = "\x17\x03\x03\x01\x00xxxx";
    ::send(peer.socket(), record, sizeof record - 1, MSG_NOSIGNAL);
  });
  open();
  Call call;
  call.start(*client_, "body");
  EXPECT_EQ(call.error().kind, ErrorKind::transient);
  EXPECT_TRUE(call.may_have_been_received());
}

TEST_F(HttpClientTls, an_answer_that_the_end_delimits_needs_the_goodbye) {
  serve_tls("DNS:localhost", "localhost", [](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\nanswer");
    if (peer.number() == 0) peer.say_goodbye();
  });
  open();
  EXPECT_EQ(ask("a"), "answer");
  Call cut;
  cut.start(*client_, "body");
  EXPECT_EQ(cut.error().kind, ErrorKind::transient);
}

TEST_F(HttpClientTls, an_answer_before_the_body_is_written_is_delivered) {
  serve_tls("DNS:localhost", "localhost", [](Peer& peer) {
    peer.read_head();
    peer.answer(413, "too large");
    peer.wait_for_close();
  });
  open();
  const std::string body(16 * 1024 * 1024, 'x');
  Call call;
  call.start(*client_, body);
  EXPECT_EQ(call.status(), 413);
  EXPECT_EQ(call.text(), "too large");
}

}  // namespace
}  // namespace kinesink::http
