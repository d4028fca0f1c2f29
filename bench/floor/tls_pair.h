// Two ends of a TLS connection that talk through memory: what encrypting and decrypting costs
// without a socket.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kinesink::bench {

// One direction: bytes written and not yet read.
struct Pipe {
  std::string bytes;
  std::size_t read = 0;

  void clear() {
    bytes.clear();
    read = 0;
  }
};

class TlsEnd {
 public:
  TlsEnd(SSL_CTX* context, bool server, Pipe& in, Pipe& out);
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  // True once the handshake is complete.
  bool shake();
  void write(std::string_view bytes);
  // All that is there.
  std::size_t read(std::span<char> into);
  std::string cipher() const { return SSL_get_cipher(ssl_.get()); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace kinesink::bench
