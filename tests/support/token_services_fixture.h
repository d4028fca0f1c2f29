// STS, SSO and the like, by servers of the test that speak TLS with its own authority: at an
// endpoint of its own, or at their real names behind a proxy.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/chain_fixture.h"
#include "tests/support/scripted_server.h"
#include "tests/support/test_authority.h"

namespace kinesink::aws {

// date -u -d 2030-01-02T03:04:05Z +%s
inline constexpr std::chrono::system_clock::time_point kEnd{std::chrono::seconds(1'893'553'445)};

inline std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == request.npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

inline std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

class TokenServicesTest : public ChainTest {
 protected:
  struct Answer {
    int status = 200;
    std::string body;
    std::string headers;
  };

  TokenServicesTest() { tls_.ca_bundle = authority_.file(); }

  // Answers each request with the next of `answers`, then with the last of them for ever.
  void serve(std::vector<Answer> answers, const std::string& names = "DNS:localhost") {
    answers_ = std::move(answers);
    context_ = authority_.server(names);
    server_ = std::make_unique<tests::ScriptedServer>([this](tests::Peer& peer) {
      if (is_proxy_) {
        const std::string connect = peer.read_head();
        if (!connect.starts_with("CONNECT ")) return;
        connects_.push_back(connect.substr(0, connect.find(" HTTP/")));
        peer.write("HTTP/1.1 200 go\r\n\r\n");
      }
      if (!peer.secure(context_.get())) return;
      for (std::string request = peer.read_request(); !request.empty();
           request = peer.read_request()) {
        const Answer answer = answers_[std::min(requests_.size(), answers_.size() - 1)];
        requests_.push_back(request);
        if (answer.status == 0) return peer.wait_for_close();
        peer.answer(answer.status, answer.body, answer.headers);
      }
    });
  }
  void serve_at(const char* variable, std::vector<Answer> answers) {
    serve(std::move(answers));
    environment_.set(variable, "https://localhost:" + std::to_string(server_->port()));
  }
  // The service at its own name, by a proxy.
  void serve_by_proxy(std::vector<Answer> answers, const std::string& names) {
    is_proxy_ = true;
    serve(std::move(answers), names);
    environment_.set("HTTPS_PROXY", "http://127.0.0.1:" + std::to_string(server_->port()));
  }
  // What was asked. Ends the server.
  const std::vector<std::string>& requests() {
    server_.reset();
    return requests_;
  }

  const tests::TestAuthority authority_;
  tests::TestAuthority::Context context_{nullptr, SSL_CTX_free};
  bool is_proxy_ = false;
  std::vector<Answer> answers_;
  std::vector<std::string> requests_;  // of one connection at a time
  std::vector<std::string> connects_;
  std::unique_ptr<tests::ScriptedServer> server_;
};

}  // namespace kinesink::aws
