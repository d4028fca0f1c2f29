#include "bench/floor/loopback.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace kinesink::bench {
namespace {

void require(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    require(sent > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// False at the end of the stream.
bool receive(int socket, std::size_t bytes, std::vector<char>& buffer) {
  while (bytes > 0) {
    const auto got = ::recv(socket, buffer.data(), std::min(bytes, buffer.size()), 0);
    if (got <= 0) return false;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

void answer_all(std::vector<int> sockets, std::size_t request, std::size_t answer) {
  const std::string text(answer, 'a');
  std::vector<char> buffer(256 << 10);
  for (bool going = true; going;) {
    for (const int socket : sockets) {
      going = going && receive(socket, request, buffer);
      if (going) send_all(socket, text);
    }
  }
  for (const int socket : sockets) ::close(socket);
}

}  // namespace

Loopback::Loopback(std::size_t connections, std::size_t request, std::size_t answer)
    : answer_(answer), buffer_(64 << 10) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listener, name, size) == 0 && ::listen(listener, 64) == 0 &&
              ::getsockname(listener, name, &size) == 0,
          "listen");
  std::vector<int> accepted;
  for (std::size_t i = 0; i < connections; ++i) {
    here_.push_back(::socket(AF_INET, SOCK_STREAM, 0));
    require(::connect(here_.back(), name, size) == 0, "connect");
    accepted.push_back(::accept(listener, nullptr, nullptr));
    const int on = 1;
    for (const int socket : {here_.back(), accepted.back()})
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  ::close(listener);
  there_ = std::thread(answer_all, std::move(accepted), request, answer);
}

Loopback::~Loopback() {
  for (const int socket : here_) ::shutdown(socket, SHUT_RDWR);
  there_.join();
  for (const int socket : here_) ::close(socket);
}

void Loopback::exchange(const std::vector<std::string_view>& requests) {
  for (std::size_t i = 0; i < here_.size(); ++i) send_all(here_[i], requests[i % requests.size()]);
  for (const int socket : here_) require(receive(socket, answer_, buffer_), "receive");
}

}  // namespace kinesink::bench
