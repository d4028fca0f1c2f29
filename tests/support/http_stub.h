// An HTTP server on loopback that answers what a test says, one connection at a time. It is as
// simple as can be and shares no code with kinesink.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kinesink::tests {

class HttpStub {
 public:
  struct Answer {
    int status = 200;  // 0: the connection stays open and silent
    std::string body;
  };
  // Given "GET /path" and the head of the request in lower case.
  using Handler = std::function<Answer(const std::string& line, const std::string& head)>;

  explicit HttpStub(Handler handler)
      : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ::bind(listener_, generic, size);
    ::listen(listener_, 16);
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;
  ~HttpStub() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int socket : silent_) ::close(socket);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The first lines of all requests so far.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stopping_) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      answer(socket);
    }
  }

  void answer(int socket) {
    timeval limit{5, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n") && ::recv(socket, &byte, 1, 0) == 1) head += byte;
    const std::string line = head.substr(0, head.find(" HTTP/"));
    for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    {
      const std::lock_guard lock(mutex_);
      if (!line.empty()) requests_.push_back(line);
    }
    const Answer said = handler_(line, head);
    if (said.status == 0) {
      silent_.push_back(socket);
      return;
    }
    const std::string text =
        "HTTP/1.1 " + std::to_string(said.status) +
        " X\r\nConnection: close\r\nContent-Length: " + std::to_string(said.body.size()) +
        "\r\n\r\n" + said.body;
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    ::shutdown(socket, SHUT_WR);
    ::close(socket);
  }

  const Handler handler_;
  const int listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // guards requests_
  std::vector<std::string> requests_;
  std::vector<int> silent_;  // of the thread
  std::thread thread_;
};

}  // namespace kinesink::tests
