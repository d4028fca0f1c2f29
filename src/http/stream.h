// A non-blocking socket, plain or TLS, of either side.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kinesink::http {

// closed as a need: the other side ended the stream, or it broke.
struct Progress {
  enum class Need : std::uint8_t { nothing, read, write, closed };
  std::size_t bytes = 0;
  Need need = Need::nothing;  // what must happen before it goes on
};

class Stream {
 public:
  // `tls`: nullptr for a plain stream; must outlive this. `server`: this is the accepting side of
  // TLS.
  Stream(boost::asio::ip::tcp::socket socket, SSL_CTX* tls, bool server);
  Stream(const Stream&) = delete;  // OpenSSL holds the address of outgoing_
  Stream& operator=(const Stream&) = delete;

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  // For what a handshake needs to be told, and to ask why it failed; nullptr for a plain stream.
  SSL* ssl() { return ssl_.get(); }
  // nothing: the handshake is complete. Reading and writing do it too, if it has not been done.
  Progress handshake();

  Progress read(std::span<char> into);
  // After reading said closed: the other side ended the stream by FIN or close_notify. False: it
  // was reset or cut, so an answer that only the end delimits may be incomplete (RFC 9112,
  // section 9.8).
  bool ended_cleanly() const { return ended_cleanly_; }
  // Sends the two parts, one after the other, without the first `skip` bytes of both. What is
  // counted may still wait in this stream: flush() until nothing is needed.
  Progress write(std::string_view first, std::string_view second, std::size_t skip);
  Progress flush();
  // No more will be sent (the other side sees the end); reading goes on.
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
  bool ended_cleanly_ = false;
};

struct TlsContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;

}  // namespace kinesink::http
