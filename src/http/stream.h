// A non-blocking socket, plain or TLS, of either side.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kinesink::http {

// closed as a need: the other side ended the stream, or it broke.
struct Progress {
  enum class Need : std::uint8_t { nothing, read, write, closed };
  std::size_t bytes = 0;
  Need need = Need::nothing;  // what must happen before it goes on
};

// Where the TLS records of one call to write() are gathered, so that they are one system call.
// Shared by many streams: each borrows one for that call only, which so lies in the cache, and a
// stream at rest has none. Thread-safe.
class RecordBuffers {
 public:
  using Buffer = std::unique_ptr<std::string>;
  Buffer take();
  void give_back(Buffer buffer);

 private:
  std::mutex mutex_;
  std::vector<Buffer> idle_;
};

class Stream {
 public:
  // `tls`: nullptr for a plain stream; must outlive this, and so must `buffers`. `server`: this is
  // the accepting side of TLS.
  Stream(boost::asio::ip::tcp::socket socket, SSL_CTX* tls, RecordBuffers& buffers, bool server);
  Stream(const Stream&) = delete;  // OpenSSL holds the address of this
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
  Progress encrypt(std::string_view first, std::string_view second, std::string& records);
  static int gather(BIO* bio, const char* bytes, int size);
  static const BIO_METHOD* gathering_method();

  boost::asio::ip::tcp::socket socket_;
  RecordBuffers& buffers_;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string outgoing_;                 // TLS records that the kernel did not take at once
  std::string* gathering_ = &outgoing_;  // what OpenSSL writes to
  std::size_t flushed_ = 0;
  bool ended_cleanly_ = false;
};

struct TlsContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextFree>;

}  // namespace kinesink::http
