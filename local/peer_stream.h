// A non-blocking socket, plain or TLS, seen from the server's side.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kinesink::local {

struct Progress {
  enum class Need : std::uint8_t { nothing, read, write, closed };
  std::size_t bytes = 0;
  Need need = Need::nothing;  // what must happen before it goes on
};

class PeerStream {
 public:
  // `tls`: nullptr for a plain stream; must outlive this.
  PeerStream(boost::asio::ip::tcp::socket socket, SSL_CTX* tls);

  boost::asio::ip::tcp::socket& socket() { return socket_; }

  // closed: the client ended the stream, or it broke.
  Progress read(std::span<char> into);
  // Sends the two parts, one after the other, without the first `skip` bytes of both. What is
  // counted may still wait in this stream: flush() until nothing is needed.
  Progress write(std::string_view first, std::string_view second, std::size_t skip);
  Progress flush();
  // No more will be sent (the client sees the end); reading goes on.
  void shut_sending();
  void close();

 private:
  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Progress send_parts(std::string_view first, std::string_view second);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string outgoing_;  // TLS records, gathered so that an answer is one system call
  std::size_t flushed_ = 0;
};

struct TlsContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;

}  // namespace kinesink::local
