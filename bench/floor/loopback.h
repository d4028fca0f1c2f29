// Requests and answers over loopback by the plainest of means: blocking sockets, one call to send a
// request, as few as it takes to receive an answer. The other end is a thread of its own.
#pragma once

#include <cstddef>
#include <string_view>
#include <thread>
#include <vector>

namespace kinesink::bench {

class Loopback {
 public:
  // `request` and `answer`: sizes in bytes.
  Loopback(std::size_t connections, std::size_t request, std::size_t answer);
  ~Loopback();
  Loopback(const Loopback&) = delete;
  Loopback& operator=(const Loopback&) = delete;

  // One request on each connection, then the answers.
  void exchange(const std::vector<std::string_view>& requests);

 private:
  std::size_t answer_;
  std::vector<int> here_;
  std::vector<char> buffer_;
  std::thread there_;
};

}  // namespace kinesink::bench
