#include "http/stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/units.h"

namespace kinesink::http {
namespace {

using Need = Progress::Need;

// So much is encrypted before it is sent.
constexpr std::size_t kGatheredBytes = 256 * kKiB;
// Room for what a handshake says.
constexpr std::size_t kReadyBytes = 16 * kKiB;

long control_gathering(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

Need need_of_errno() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Need::write : Need::closed;
}

}  // namespace

RecordBuffers::Buffer RecordBuffers::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<std::string>();
  Buffer buffer = std::move(idle_.back());
  idle_.pop_back();
  return buffer;
}

void RecordBuffers::give_back(Buffer buffer) {
  buffer->clear();
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(buffer));
}

// A BIO that only gathers: OpenSSL's own socket BIO would make one system call per record, and can
// raise SIGPIPE in the host process.
int Stream::gather(BIO* bio, const char* bytes, int size) {
  auto* stream = static_cast<Stream*>(BIO_get_data(bio));
  try {
    stream->gathering_->append(bytes, static_cast<std::size_t>(size));
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return size;
}

const BIO_METHOD* Stream::gathering_method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gathering");
    if (method != nullptr) {
      BIO_meth_set_write(method, gather);
      BIO_meth_set_ctrl(method, control_gathering);
    }
    return method;
  }();
  return kMethod;
}

Stream::Stream(boost::asio::ip::tcp::socket socket, SSL_CTX* tls, RecordBuffers& buffers,
               bool server)
    : socket_(std::move(socket)), buffers_(buffers) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  BIO* reading = BIO_new_socket(socket_.native_handle(), BIO_NOCLOSE);
  BIO* writing = BIO_new(gathering_method());
  if (!ssl_ || reading == nullptr || writing == nullptr) {
    BIO_free(reading);
    BIO_free(writing);
    ssl_.reset();
    close();
    return;
  }
  BIO_set_data(writing, this);
  BIO_set_init(writing, 1);
  SSL_set_bio(ssl_.get(), reading, writing);
  server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
}

Progress Stream::handshake() {
  if (!socket_.is_open()) return {0, Need::closed};
  if (!ssl_) return {};
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const bool later = result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
  // Also an alert that says why it failed must leave.
  const Progress flushed = flush();
  if (result <= 0 && !later) return {0, Need::closed};
  if (flushed.need != Need::nothing) return flushed;
  return {0, later ? Need::read : Need::nothing};
}

Progress Stream::read(std::span<char> into) {
  if (!socket_.is_open()) return {0, Need::closed};
  if (!ssl_) {
    const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (got > 0) return {static_cast<std::size_t>(got), Need::nothing};
    ended_cleanly_ = got == 0;
    const bool later = got < 0 && need_of_errno() == Need::write;
    return {0, later ? Need::read : Need::closed};
  }
  std::size_t got = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
  // The handshake, and answers to key updates, happen inside reading.
  if (const Progress flushed = flush(); flushed.need != Need::nothing && result <= 0) {
    return flushed;
  }
  if (result > 0) return {got, Need::nothing};
  const int reason = SSL_get_error(ssl_.get(), result);
  ended_cleanly_ = reason == SSL_ERROR_ZERO_RETURN;
  return {0, reason == SSL_ERROR_WANT_READ ? Need::read : Need::closed};
}

Progress Stream::send_parts(std::string_view first, std::string_view second) {
  std::array<iovec, 2> parts = {{{const_cast<char*>(first.data()), first.size()},
                                 {const_cast<char*>(second.data()), second.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent < 0) return {0, need_of_errno()};
  const auto bytes = static_cast<std::size_t>(sent);
  return {bytes, bytes < first.size() + second.size() ? Need::write : Need::nothing};
}

Progress Stream::write(std::string_view first, std::string_view second, std::size_t skip) {
  if (!socket_.is_open()) return {0, Need::closed};
  const std::size_t of_first = std::min(skip, first.size());
  first.remove_prefix(of_first);
  second.remove_prefix(std::min(skip - of_first, second.size()));
  if (!ssl_) return send_parts(first, second);
  // What was encrypted before leaves first: a slow peer must not make all of a body wait here.
  if (const Progress flushed = flush(); flushed.need != Need::nothing) return flushed;
  RecordBuffers::Buffer records = buffers_.take();
  const Progress done = encrypt(first, second, *records);
  buffers_.give_back(std::move(records));
  return done;
}

// Encrypts as much as is sent at a time, and sends it. What the kernel does not take waits.
Progress Stream::encrypt(std::string_view first, std::string_view second, std::string& records) {
  std::size_t taken = 0;
  gathering_ = &records;
  for (const std::string_view part : {first, second}) {
    const std::size_t room = kGatheredBytes - std::min(kGatheredBytes, taken);
    const std::string_view now = part.substr(0, room);
    std::size_t written = 0;
    ERR_clear_error();
    if (!now.empty() && SSL_write_ex(ssl_.get(), now.data(), now.size(), &written) <= 0) {
      gathering_ = &outgoing_;
      return {taken, Need::closed};
    }
    taken += written;
  }
  gathering_ = &outgoing_;
  const Progress sent = send_parts(records, {});
  if (sent.need == Need::closed) return {taken, Need::closed};
  outgoing_.append(records, sent.bytes);
  return {taken, sent.need};
}

Progress Stream::flush() {
  while (flushed_ < outgoing_.size()) {
    const Progress sent = send_parts(std::string_view(outgoing_).substr(flushed_), {});
    flushed_ += sent.bytes;
    if (sent.need == Need::closed || (sent.need == Need::write && sent.bytes == 0)) return sent;
  }
  flushed_ = 0;
  // A stream at rest keeps no large buffer.
  if (outgoing_.capacity() > kReadyBytes) outgoing_ = std::string();
  outgoing_.clear();
  return {};
}

void Stream::shut_sending() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flush();
  }
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace kinesink::http
