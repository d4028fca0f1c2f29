#include "bench/floor/tls_pair.h"

#include <algorithm>
#include <cstring>

namespace kinesink::bench {
namespace {

int write_pipe(BIO* bio, const char* bytes, int size) {
  static_cast<Pipe*>(BIO_get_data(bio))->bytes.append(bytes, static_cast<std::size_t>(size));
  return size;
}

int read_pipe(BIO* bio, char* into, int size) {
  auto& pipe = *static_cast<Pipe*>(BIO_get_data(bio));
  const std::size_t there = std::min(static_cast<std::size_t>(size), pipe.bytes.size() - pipe.read);
  BIO_clear_retry_flags(bio);
  if (there == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(into, pipe.bytes.data() + pipe.read, there);
  pipe.read += there;
  return static_cast<int>(there);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* open_pipe(Pipe& pipe) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipe");
    BIO_meth_set_write(method, write_pipe);
    BIO_meth_set_read(method, read_pipe);
    BIO_meth_set_ctrl(method, control);
    return method;
  }();
  BIO* bio = BIO_new(kMethod);
  BIO_set_data(bio, &pipe);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

TlsEnd::TlsEnd(SSL_CTX* context, bool server, Pipe& in, Pipe& out) : ssl_(SSL_new(context)) {
  SSL_set_bio(ssl_.get(), open_pipe(in), open_pipe(out));
  server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
}

bool TlsEnd::shake() { return SSL_do_handshake(ssl_.get()) == 1; }

void TlsEnd::write(std::string_view bytes) {
  std::size_t written = 0;
  SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
}

std::size_t TlsEnd::read(std::span<char> into) {
  std::size_t all = 0;
  std::size_t got = 0;
  while (SSL_read_ex(ssl_.get(), into.data(), into.size(), &got) == 1) all += got;
  return all;
}

}  // namespace kinesink::bench
