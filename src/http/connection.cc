#include "http/connection.h"

#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/tls_context.h"

namespace kinesink::http {

namespace asio = boost::asio;
using Need = Progress::Need;
using Tcp = asio::ip::tcp;

namespace {

constexpr std::size_t kReadBuffer = 64 * kKiB;

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         " ms";
}

Error connect_error(const Endpoint& endpoint, const boost::system::error_code& error) {
  return make_error(ErrorKind::transient, "cannot connect to " + endpoint.host + " port " +
                                              std::to_string(endpoint.port) + ": " +
                                              error.message());
}

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionOwner> owner, IoLoop& loop,
                       std::shared_ptr<const HttpClientOptions> options, SSL_CTX* tls)
    : owner_(std::move(owner)),
      loop_(loop),
      options_(std::move(options)),
      tls_(tls),
      strand_(asio::make_strand(loop.context())),
      resolver_(strand_),
      socket_(strand_),
      timer_(strand_) {}

void Connection::carry(Pending pending) {
  asio::post(strand_, [self = shared_from_this(), pending = std::move(pending)]() mutable {
    self->begin(std::move(pending));
  });
}

void Connection::cancel(Transport::RequestId id) {
  asio::post(strand_, [self = shared_from_this(), id] {
    if (self->phase_ == Phase::closed || (id != 0 && (!self->pending_ || self->pending_->id != id)))
      return;
    self->fail(make_error(ErrorKind::cancelled, "the request was cancelled"));
  });
}

void Connection::begin(Pending pending) {
  pending_ = std::move(pending);
  moved_ = now();
  if (phase_ == Phase::fresh) return connect();
  if (phase_ == Phase::idle) return start_exchange();
  // It was closed between being chosen and being told: nothing was written.
  fail(make_error(ErrorKind::transient,
                  "the connection to " + options_->endpoint.host + " was closed"));
}

// --- getting connected

void Connection::connect() {
  phase_ = Phase::connecting;
  born_ = now();
  watch(born_ + options_->connect_timeout);
  const Endpoint& peer = options_->proxy ? options_->proxy->endpoint : options_->endpoint;
  const auto self = shared_from_this();
  resolver_.async_resolve(
      peer.host, std::to_string(peer.port), Tcp::resolver::numeric_service,
      asio::bind_executor(
          strand_, [self, &peer](const auto& error, const Tcp::resolver::results_type& found) {
            if (self->phase_ != Phase::connecting) return;
            if (error) {
              Error failed = connect_error(peer, error);
              if (error == asio::error::host_not_found) failed.kind = ErrorKind::not_found;
              return self->fail(std::move(failed));
            }
            asio::async_connect(
                self->socket_, found,
                asio::bind_executor(self->strand_, [self, &peer](const auto& failure, const auto&) {
                  if (self->phase_ != Phase::connecting) return;
                  if (failure) return self->fail(connect_error(peer, failure));
                  self->connected();
                }));
          }));
}

void Connection::connected() {
  moved_ = now();
  if (options_->proxy && options_->endpoint.tls) return ask_proxy();
  secure();
}

void Connection::ask_proxy() {
  phase_ = Phase::proxying;
  stream_.emplace(std::move(socket_), nullptr, false);
  const std::string target =
      options_->endpoint.host + ':' + std::to_string(options_->endpoint.port);
  head_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!options_->proxy->authorization.empty()) {
    head_ += "Proxy-Authorization: " + options_->proxy->authorization + "\r\n";
  }
  head_ += "\r\n";
  body_ = {};
  sent_ = 0;
  flushed_ = false;
  reader_.emplace(kReadBuffer, true);
  run();
}

void Connection::secure() {
  if (stream_) {
    Tcp::socket tunnel = std::move(stream_->socket());
    stream_.emplace(std::move(tunnel), tls_, false);
  } else {
    stream_.emplace(std::move(socket_), tls_, false);
  }
  phase_ = Phase::shaking;
  if (tls_ != nullptr &&
      (stream_->ssl() == nullptr ||
       !name_host(stream_->ssl(), options_->endpoint.host, options_->tls.verify))) {
    return fail(make_error(ErrorKind::resource, "no memory for a TLS connection"));
  }
  run();
}

// --- one exchange

void Connection::start_exchange() {
  phase_ = Phase::exchanging;
  moved_ = now();
  write_head(pending_->request);
  body_ = pending_->request.body;
  sent_ = 0;
  flushed_ = false;
  if (!reader_) reader_.emplace(options_->max_response_body);
  watch(moved_ + options_->request_timeout);
  run();
}

void Connection::write_head(const Request& request) {
  const bool through_proxy = options_->proxy && !options_->endpoint.tls;
  const std::string authority = options_->endpoint.authority();
  head_.assign(request.method).append(" ");
  if (through_proxy) head_.append("http://").append(authority);
  head_.append(request.target).append(" HTTP/1.1\r\n");
  bool has_host = false;
  bool has_length = false;
  for (const Header& header : request.headers) {
    has_host = has_host || header.name == "Host";
    has_length = has_length || header.name == "Content-Length";
    head_.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!has_host) head_.append("Host: ").append(authority).append("\r\n");
  if (!has_length)
    head_.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  if (through_proxy && !options_->proxy->authorization.empty()) {
    head_.append("Proxy-Authorization: ").append(options_->proxy->authorization).append("\r\n");
  }
  head_.append("\r\n");
}

// Goes on until it must wait. An answer that comes while the body is still being written is read
// first.
void Connection::run() {
  try {
    if (phase_ == Phase::shaking && !shake()) return;
    while (phase_ == Phase::exchanging || phase_ == Phase::proxying) {
      if (!flushed_ && !send()) return wait_read();
      if (!receive()) return;
    }
  } catch (const std::bad_alloc&) {
    fail(make_error(ErrorKind::resource,
                    "out of memory while talking to " + options_->endpoint.host));
  }
}

bool Connection::shake() {
  const Progress done = stream_->handshake();
  if (done.need == Need::nothing) {
    reader_.reset();
    start_exchange();
    return false;
  }
  if (done.need == Need::closed) {
    fail(handshake_error(stream_->ssl(), options_->endpoint.host));
  } else if (done.need == Need::read) {
    wait_read();
  } else {
    wait_write();
  }
  return false;
}

// True once all of the request is in the kernel's hands.
bool Connection::send() {
  while (true) {
    const Progress done =
        whole_request_sent() ? stream_->flush() : stream_->write(head_, body_, sent_);
    sent_ += done.bytes;
    if (done.bytes > 0) moved_ = now();
    if (done.need == Need::closed) {
      // The answer that explains it may be here already.
      flushed_ = true;
      return true;
    }
    if (done.need == Need::nothing && whole_request_sent()) {
      flushed_ = true;
      return true;
    }
    if (done.need == Need::write) {
      wait_write();
      return false;
    }
  }
}

// True if something came; run() goes on.
bool Connection::receive() {
  std::array<char, kReadBuffer> buffer;
  const Progress got = stream_->read(buffer);
  if (got.bytes > 0) {
    moved_ = now();
    received(reader_->received({buffer.data(), got.bytes}));
    return true;
  }
  if (got.need == Need::closed) {
    if (reader_->begun()) {
      received(reader_->ended());
    } else {
      fail(make_error(ErrorKind::transient,
                      options_->endpoint.host + " closed the connection without an answer"));
    }
    return true;
  }
  got.need == Need::write ? wait_write() : wait_read();
  return false;
}

void Connection::received(ResponseReader::State state) {
  if (state == ResponseReader::State::incomplete) return;
  if (state == ResponseReader::State::malformed) {
    return fail(
        make_error(ErrorKind::transient, "the answer of " + options_->endpoint.host +
                                             " is not well-formed HTTP: " + reader_->problem()));
  }
  phase_ == Phase::proxying ? answer_proxy() : answer();
}

void Connection::answer_proxy() {
  const Response response = reader_->take();
  if (response.status / 100 == 2) return secure();
  Error error =
      make_error(response.status == 407 ? ErrorKind::invalid_argument : ErrorKind::transient,
                 "the proxy " + options_->proxy->endpoint.host + " refuses to connect to " +
                     options_->endpoint.host + ": HTTP status " + std::to_string(response.status));
  if (response.status == 407) error.message += " (it wants a user and a password in the proxy URL)";
  fail(std::move(error));
}

void Connection::answer() {
  const bool whole = flushed_ && whole_request_sent();
  const bool young = now() - born_ < options_->max_connection_life;
  const bool reuse = whole && young && reader_->keep_alive();
  Exchange exchange;
  exchange.response = reader_->take();
  finish(std::move(exchange), reuse);
}

// --- waiting

void Connection::wait_read() {
  if (waits_read_) return;
  waits_read_ = true;
  stream_->socket().async_wait(
      Tcp::socket::wait_read,
      asio::bind_executor(strand_, [self = shared_from_this()](const auto& error) {
        self->waits_read_ = false;
        if (error || self->phase_ == Phase::closed) return;
        // An idle server that speaks has closed, or is not to be trusted.
        if (self->phase_ == Phase::idle) return self->close();
        if (!self->flushed_ && self->phase_ == Phase::exchanging) {
          if (!self->receive()) return;
        }
        self->run();
      }));
}

void Connection::wait_write() {
  if (waits_write_) return;
  waits_write_ = true;
  stream_->socket().async_wait(
      Tcp::socket::wait_write,
      asio::bind_executor(strand_, [self = shared_from_this()](const auto& error) {
        self->waits_write_ = false;
        if (!error && self->phase_ != Phase::closed) self->run();
      }));
}

// One timer, only ever moved forward; it looks again when it fires too early.
void Connection::watch(Instant when) {
  if (when >= timer_at_) return;
  timer_at_ = when;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const auto& error) {
    if (error) return;
    self->timer_at_ = kNever;
    self->on_time();
  });
}

void Connection::on_time() {
  const Endpoint& endpoint = options_->endpoint;
  Instant due = kNever;
  switch (phase_) {
    case Phase::fresh:
    case Phase::closed:
      return;
    case Phase::connecting:
    case Phase::proxying:
    case Phase::shaking:
      due = born_ + options_->connect_timeout;
      if (now() < due) break;
      return fail(make_error(ErrorKind::timeout,
                             "no connection to " + endpoint.host + " within connect_timeout (" +
                                 milliseconds(options_->connect_timeout) + ")"));
    case Phase::exchanging:
      due = moved_ + options_->request_timeout;
      if (now() < due) break;
      return fail(make_error(ErrorKind::timeout, "no progress of a request to " + endpoint.host +
                                                     " within request_timeout (" +
                                                     milliseconds(options_->request_timeout) +
                                                     ")"));
    case Phase::idle:
      due = moved_ + options_->max_idle;
      if (now() < due) break;
      return close();
  }
  watch(due);
}

// --- the end of a request, or of the connection

void Connection::finish(Exchange exchange, bool reuse) {
  Pending done = *std::move(pending_);
  pending_.reset();
  body_ = {};
  moved_ = now();
  if (!reuse) {
    close();
    owner_->closed(shared_from_this(), done.id);
    return done.complete(std::move(exchange));
  }
  phase_ = Phase::idle;
  done.complete(std::move(exchange));
  if (std::optional<Pending> next = owner_->next_request(shared_from_this(), done.id))
    return begin(*std::move(next));
  watch(moved_ + options_->max_idle);
  wait_read();
}

void Connection::fail(Error error) {
  if (!pending_) return close();
  Exchange exchange;
  // With an incomplete body nothing can have been obeyed; once all was handed over, it may have
  // been.
  exchange.may_have_been_received = phase_ == Phase::exchanging && whole_request_sent();
  exchange.error = std::move(error);
  finish(std::move(exchange), false);
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  const bool was_idle = phase_ == Phase::idle;
  phase_ = Phase::closed;
  resolver_.cancel();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (stream_) stream_->close();
  if (was_idle) owner_->closed(shared_from_this(), 0);
}

}  // namespace kinesink::http
