// How a connection comes to be: name, TCP, the proxy's tunnel, TLS.
#include <boost/asio/connect.hpp>
#include <utility>

#include "http/connection.h"
#include "http/tls_context.h"

namespace kinesink::http {

namespace asio = boost::asio;
using Need = Progress::Need;
using Tcp = asio::ip::tcp;

namespace {

// Of the head of the proxy's answer; a body is not read.
constexpr std::size_t kMaxProxyBody = 64 * kKiB;

Error connect_error(const Endpoint& endpoint, const boost::system::error_code& error) {
  return make_error(ErrorKind::transient, "cannot connect to " + endpoint.host + " port " +
                                              std::to_string(endpoint.port) + ": " +
                                              error.message());
}

}  // namespace

void Connection::connect() {
  phase_ = Phase::connecting;
  born_ = now();
  watch(born_ + options_->connect_timeout);
  const Endpoint& peer = options_->proxy ? options_->proxy->endpoint : options_->endpoint;
  const auto self = shared_from_this();
  resolver_.async_resolve(
      peer.host, std::to_string(peer.port), Tcp::resolver::numeric_service,
      [self, &peer](const auto& error, const Tcp::resolver::results_type& found) {
        self->enter([&] { self->resolved(peer, error, found); });
      });
}

void Connection::resolved(const Endpoint& peer, const boost::system::error_code& error,
                          const Tcp::resolver::results_type& found) {
  if (phase_ != Phase::connecting) return;
  if (error) {
    Error failed = connect_error(peer, error);
    if (error == asio::error::host_not_found) failed.kind = ErrorKind::not_found;
    return fail(std::move(failed));
  }
  asio::async_connect(socket_, found,
                      [self = shared_from_this(), &peer](const auto& failure, const auto&) {
                        self->enter([&] {
                          if (self->phase_ != Phase::connecting) return;
                          if (failure) return self->fail(connect_error(peer, failure));
                          self->connected();
                        });
                      });
}

void Connection::connected() {
  moved_ = now();
  options_->proxy && options_->endpoint.tls ? ask_proxy() : secure();
  run();
}

void Connection::ask_proxy() {
  phase_ = Phase::proxying;
  stream_.emplace(std::move(socket_), nullptr, owner_->record_buffers(), false);
  const std::string& host = options_->endpoint.host;
  const std::string target = (host.find(':') == host.npos ? host : '[' + host + ']') + ':' +
                             std::to_string(options_->endpoint.port);
  head_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!options_->proxy->authorization.empty()) {
    head_ += "Proxy-Authorization: " + options_->proxy->authorization + "\r\n";
  }
  head_ += "\r\n";
  body_ = {};
  sent_ = 0;
  flushed_ = false;
  reader_.emplace(kMaxProxyBody, true);
}

void Connection::secure() {
  if (stream_) {
    Tcp::socket tunnel = std::move(stream_->socket());
    stream_.emplace(std::move(tunnel), tls_, owner_->record_buffers(), false);
  } else {
    stream_.emplace(std::move(socket_), tls_, owner_->record_buffers(), false);
  }
  phase_ = Phase::shaking;
  if (tls_ != nullptr &&
      (stream_->ssl() == nullptr ||
       !name_host(stream_->ssl(), options_->endpoint.host, options_->tls.verify))) {
    return fail(make_error(ErrorKind::resource, "no memory for a TLS connection"));
  }
}

// True once the connection is ready, or has failed; run() goes on.
bool Connection::shake() {
  const Progress done = stream_->handshake();
  if (done.need == Need::nothing) {
    reader_.reset();
    start_exchange();
    return true;
  }
  if (done.need == Need::closed) {
    fail(handshake_error(stream_->ssl(), options_->endpoint.host));
    return true;
  }
  if (done.need == Need::read) {
    wait_read();
  } else {
    wait_write();
  }
  return false;
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

}  // namespace kinesink::http
