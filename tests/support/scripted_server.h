// A server on a loopback port of the kernel's choice that obeys a script: what a peer does well,
// and badly. One thread per connection; blocking sockets; no sleeps.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kinesink::tests {

// One accepted connection, as a script sees it. TLS, if secure() was called.
class Peer {
 public:
  Peer(int socket, int number) : socket_(socket), number_(number) {}
  ~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (socket_ >= 0) ::close(socket_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // The how-manieth connection of its server, from 0.
  int number() const { return number_; }
  int socket() const { return socket_; }

  bool secure(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    return SSL_accept(ssl_) == 1;
  }

  // Head and body (by Content-Length) of the next request; empty if the client closed.
  std::string read_request() {
    std::string head = read_head();
    if (head.empty()) return head;
    const std::size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    std::size_t missing = std::stoul(head.substr(at + 16));
    while (missing > 0) {
      const std::string got = read_some(missing);
      if (got.empty()) return {};
      head += got;
      missing -= got.size();
    }
    return head;
  }

  // After secure().
  std::string cipher() const { return SSL_get_cipher(ssl_); }
  // Up to and with the empty line.
  std::string read_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string got = read_some(1);
      if (got.empty()) return {};
      head += got;
    }
    return head;
  }

  std::string read_some(std::size_t size) {
    std::string bytes(size, '\0');
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, bytes.data(), static_cast<int>(size))
                                     : ::recv(socket_, bytes.data(), size, 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ssl_ != nullptr
                            ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void answer(int status, std::string_view body, std::string_view headers = "") {
    write("HTTP/1.1 " + std::to_string(status) + " x\r\n" + std::string(headers) +
          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }

  // Until the client has closed; what it still sends is thrown away.
  void wait_for_close() {
    std::string ignored(65536, '\0');
    while (::recv(socket_, ignored.data(), ignored.size(), 0) > 0) {
    }
  }

  // TLS's close_notify; without it, the end of this is a cut.
  void say_goodbye() { SSL_shutdown(ssl_); }
  // Closes by RST.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  const int number_;
  SSL* ssl_ = nullptr;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  // `receive_buffer`: bytes the kernel takes before the script reads; 0: its default.
  explicit ScriptedServer(Script script, int receive_buffer = 0) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  // The scripts must end by themselves once their clients have closed.
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& peer : peers_) peer.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (true) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const int number = connections_++;
      const int at_once = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
      peers_.emplace_back([this, socket, number] {
        Peer peer(socket, number);
        script_(peer);
      });
    }
  }

  const Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> peers_;  // of the acceptor, until it has ended
  std::thread acceptor_;
};

}  // namespace kinesink::tests
