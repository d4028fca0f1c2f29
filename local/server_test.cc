#include "local/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace kinesink::local {
namespace {

// A client as plain as can be: the server is not to be judged by our own.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { ::close(socket_); }

  bool connected() const { return connected_; }
  int socket() const { return socket_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // What comes until `size` bytes are there or the server ends.
  std::string receive(std::size_t size) const {
    std::string text;
    char buffer[4096];
    while (text.size() < size) {
      const auto got = ::recv(socket_, buffer, std::min(sizeof(buffer), size - text.size()), 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }
  std::string receive_all() const { return receive(static_cast<std::size_t>(-1)); }
  // One answer: its status, and its body.
  std::string answer() const {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = receive(1);
      if (byte.empty()) return "ended";
      head += byte;
    }
    const std::size_t at = head.find("Content-Length: ");
    if (at == head.npos) return head;
    return head.substr(9, 3) + " " + receive(std::stoul(head.substr(at + 16)));
  }

 private:
  int socket_;
  bool connected_ = false;
};

std::string request(std::string_view operation, std::string_view body,
                    std::string_view headers = "") {
  return "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Kinesis_20131202." + std::string(operation) +
         "\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Date: 20250615T150640Z\r\n"
         "Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c\r\n" +
         std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

constexpr std::string_view kOne =
    R"({"StreamName":"s","Records":[{"Data":"eA==","PartitionKey":"a"}]})";

std::unique_ptr<LocalServer> serve(LocalServerOptions options = {}) {
  options.service.streams = {{"s", 1}};
  auto server = LocalServer::start(std::move(options));
  EXPECT_TRUE(server) << server.error().to_string();
  return std::move(*server);
}

TEST(LocalServer, answers_one_request_after_the_other) {
  const auto server = serve();
  EXPECT_EQ(server->endpoint_url(), "http://127.0.0.1:" + std::to_string(server->port()));
  const Peer peer(server->port());
  for (int count = 0; count < 3; ++count) {
    peer.send(request("PutRecords", kOne));
    EXPECT_THAT(peer.answer(), testing::StartsWith(R"(200 {"FailedRecordCount":0)"));
  }
  peer.send(request("DeleteStream", R"({"StreamName":"s"})"));
  EXPECT_EQ(peer.answer(), "200 ");
  const auto counters = server->counters();
  EXPECT_EQ(counters.service.requests, 4u);
  EXPECT_EQ(counters.service.records, 3u);
  EXPECT_EQ(counters.connections, 1u);
  EXPECT_GT(counters.received_bytes, 500u);
  EXPECT_GT(counters.cpu_seconds, 0);
  server->stop();
  EXPECT_GE(server->counters().cpu_seconds, counters.cpu_seconds);
}

TEST(LocalServer, answers_pipelined_requests_in_order) {
  const auto server = serve();
  const Peer peer(server->port());
  peer.send(request("PutRecords", kOne) + request("ListStreams", "{}") + request("Nope", "{}"));
  EXPECT_THAT(peer.answer(), testing::HasSubstr("FailedRecordCount"));
  EXPECT_THAT(peer.answer(), testing::HasSubstr("StreamNames"));
  EXPECT_THAT(peer.answer(), testing::HasSubstr("UnknownOperationException"));
}

TEST(LocalServer, says_continue_to_who_waits_for_it) {
  const auto server = serve();
  const Peer peer(server->port());
  const std::string whole = request("PutRecords", kOne, "Expect: 100-continue\r\n");
  peer.send(whole.substr(0, whole.size() - kOne.size()));
  EXPECT_EQ(peer.receive(25), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send(kOne);
  EXPECT_THAT(peer.answer(), testing::StartsWith("200 "));
}

TEST(LocalServer, refuses_bodies_over_its_limit_and_says_so) {
  const auto server = serve({.max_body = 100});
  const auto send = [&](std::size_t size) {
    const Peer peer(server->port());
    peer.send(request("Nope", std::string(size, 'x')));
    return peer.answer().substr(0, 3);
  };
  EXPECT_EQ(send(99), "400");
  EXPECT_EQ(send(100), "400");
  EXPECT_EQ(send(101), "413");
}

TEST(LocalServer, closes_after_what_is_no_request) {
  const auto server = serve();
  const Peer peer(server->port());
  peer.send("nonsense\r\n\r\n");
  const std::string answer = peer.receive_all();
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(answer, testing::HasSubstr("\r\nConnection: close\r\n"));
}

TEST(LocalServer, bounds_its_connections) {
  const auto server = serve({.max_connections = 2});
  const Peer first(server->port());
  const Peer second(server->port());
  for (const Peer* peer : {&first, &second}) {
    peer->send(request("ListStreams", "{}"));
    EXPECT_THAT(peer->answer(), testing::StartsWith("200"));
  }
  const Peer third(server->port());
  EXPECT_EQ(third.answer(), "ended");
}

TEST(LocalServer, drops_clients_that_do_not_move) {
  const auto server = serve({.idle_timeout = std::chrono::milliseconds(1)});
  const Peer peer(server->port());
  peer.send("POST / HTTP/1.1\r\n");
  EXPECT_EQ(peer.answer(), "ended");
}

TEST(LocalServer, drops_clients_that_trickle) {
  const auto server = serve({.request_timeout = std::chrono::milliseconds(500)});
  const Peer peer(server->port());
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  std::size_t sent = 0;
  // Each byte is progress, all of them together are not.
  pollfd closed{peer.socket(), POLLIN, 0};
  while (sent < head.size() && ::poll(&closed, 1, 200) == 0) peer.send(head.substr(sent++, 1));
  EXPECT_LT(sent, head.size());
}

TEST(LocalServer, latency_holds_up_nobody_else) {
  const auto server = serve({.latency = std::chrono::milliseconds(300)});
  const Instant start = SystemClock().now();
  std::vector<std::unique_ptr<Peer>> peers;
  for (int count = 0; count < 8; ++count) {
    peers.push_back(std::make_unique<Peer>(server->port()));
    peers.back()->send(request("PutRecords", kOne));
  }
  for (const auto& peer : peers) EXPECT_THAT(peer->answer(), testing::StartsWith("200"));
  const Duration took = SystemClock().now() - start;
  EXPECT_GE(took, std::chrono::milliseconds(300));
  EXPECT_LT(took, std::chrono::milliseconds(8 * 300));
}

TEST(LocalServer, faults_reach_the_connection) {
  const auto answer_with = [](std::string_view faults) {
    const auto server = serve({.faults = *parse_faults(faults)});
    const Peer peer(server->port());
    peer.send(request("PutRecords", kOne));
    std::string answer = peer.receive_all();
    return std::pair(std::move(answer), server->counters().service.records);
  };
  EXPECT_EQ(answer_with("lost_request=1"), std::pair(std::string(), std::uint64_t{0}));
  EXPECT_EQ(answer_with("lost_answer=1"), std::pair(std::string(), std::uint64_t{1}));
  const auto [cut, stored] = answer_with("cut=1");
  EXPECT_EQ(stored, 1u);
  EXPECT_THAT(cut, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(cut, testing::Not(testing::EndsWith("]}")));
}

TEST(LocalServer, serves_several_threads) {
  const auto server = serve({.threads = 3});
  std::vector<std::unique_ptr<Peer>> peers;
  for (int count = 0; count < 8; ++count) peers.push_back(std::make_unique<Peer>(server->port()));
  for (int round = 0; round < 20; ++round) {
    for (const auto& peer : peers) peer->send(request("PutRecords", kOne));
    for (const auto& peer : peers) EXPECT_THAT(peer->answer(), testing::StartsWith("200"));
  }
  EXPECT_EQ(server->counters().service.records, 160u);
}

TEST(LocalServer, stops_with_clients_connected) {
  auto server = serve({.latency = std::chrono::hours(1)});
  const Peer peer(server->port());
  peer.send(request("PutRecords", kOne));
  server->stop();
  server->stop();
  EXPECT_EQ(peer.answer(), "ended");
  EXPECT_FALSE(Peer(server->port()).connected());
}

TEST(LocalServer, tells_why_it_can_not_start) {
  const auto message = [](LocalServerOptions options) {
    const auto server = LocalServer::start(std::move(options));
    return server ? std::string("started") : server.error().message;
  };
  EXPECT_EQ(message({.bind = "nowhere"}), "bind 'nowhere' is not an IP address");
  EXPECT_EQ(message({.threads = 0}), "threads must be 1 to 64");
  const auto first = serve();
  EXPECT_EQ(
      message({.port = first->port()}),
      "can not listen on 127.0.0.1:" + std::to_string(first->port()) + ": Address already in use");
  EXPECT_THAT(message({.tls = ServerTls{.certificate_file = "/nonexistent"}}),
              testing::StartsWith("TLS certificate file '/nonexistent' can not be used"));
}

TEST(LocalServer, speaks_tls_with_a_certificate_made_on_the_fly) {
  auto server = serve({.tls = ServerTls{}});
  EXPECT_THAT(server->endpoint_url(), testing::StartsWith("https://127.0.0.1:"));
  const std::string ca_file = server->ca_file();
  {
    // OpenSSL as a client that verifies chain and address.
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                               SSL_CTX_free);
    ASSERT_EQ(SSL_CTX_load_verify_file(context.get(), ca_file.c_str()), 1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const Peer peer(server->port());
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
    ASSERT_EQ(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), "127.0.0.1"), 1);
    SSL_set_fd(ssl.get(), peer.socket());
    ASSERT_EQ(SSL_connect(ssl.get()), 1);
    for (int count = 0; count < 2; ++count) {
      // Larger than a TLS record, in and out.
      const std::string body =
          R"({"StreamName":"s","Data":")" + std::string(80'000, 'e') + R"(","PartitionKey":"a"})";
      const std::string put = request("PutRecord", body);
      ASSERT_EQ(SSL_write(ssl.get(), put.data(), static_cast<int>(put.size())),
                static_cast<int>(put.size()));
      std::string answer;
      char buffer[4096];
      while (!answer.ends_with("}")) {
        const int got = SSL_read(ssl.get(), buffer, sizeof(buffer));
        ASSERT_GT(got, 0);
        answer.append(buffer, static_cast<std::size_t>(got));
      }
      EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200 OK"));
    }
  }
  EXPECT_TRUE(std::filesystem::exists(ca_file));
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(ca_file));
}

}  // namespace
}  // namespace kinesink::local
