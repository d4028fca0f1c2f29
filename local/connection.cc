#include "local/connection.h"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>

#include "local/response_head.h"

namespace kinesink::local {
namespace {

using Progress = http::Progress;
using Need = Progress::Need;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Instant steady_now() { return SystemClock().now(); }

}  // namespace

FaultedAnswer ServerState::obey(const http::Request& request, http::Response& response) {
  const std::lock_guard lock(mutex);
  const WallTime now = SystemClock().wall_now();
  if (options.faults.any()) return faulty.handle(request, now);
  service.handle(request, now, response);
  return {};
}

Connection::Connection(ServerState& state, boost::asio::ip::tcp::socket socket, Executor executor,
                       SSL_CTX* tls)
    : state_(state),
      executor_(std::move(executor)),
      stream_(std::move(socket), tls, state.record_buffers, true),
      timer_(executor_),
      reader_(state.options.max_body),
      moved_(steady_now()) {}

void Connection::start() {
  boost::asio::post(executor_, [self = shared_from_this()] { self->run(); });
}

void Connection::close() {
  phase_ = Phase::closed;
  timer_.cancel();
  stream_.close();
}

void Connection::close_if_slow(Instant now) {
  const bool idle = phase_ != Phase::delaying && now - moved_ > state_.options.idle_timeout;
  const bool slow = phase_ == Phase::reading && reader_.in_request() &&
                    now - begun_ > state_.options.request_timeout;
  if (idle || slow) close();
}

// Goes on until it must wait.
void Connection::run() {
  try {
    while (step()) {
    }
  } catch (const std::exception&) {
    close();  // out of memory: this client's request was too much
  }
}

bool Connection::step() {
  switch (phase_) {
    case Phase::reading: {
      switch (reader_.advance()) {
        case RequestReader::State::complete:
          return obey();
        case RequestReader::State::refused:
          refuse(reader_.refusal_status());
          return true;
        case RequestReader::State::wants_continue:
          head_ = kContinue;
          body_ = {};
          sent_ = 0;
          phase_ = Phase::sending;
          after_sending_ = Phase::reading;
          return true;
        case RequestReader::State::incomplete:
          return read();
      }
      return false;
    }
    case Phase::draining:
      return read();
    case Phase::sending:
      return send();
    case Phase::delaying:
    case Phase::closed:
      return false;
  }
  return false;
}

bool Connection::read() {
  const Progress got = stream_.read(reader_.room());
  if (got.bytes > 0) {
    moved_ = steady_now();
    if (!reader_.in_request()) begun_ = moved_;
    state_.received_bytes.fetch_add(got.bytes, std::memory_order_relaxed);
    // What comes after a refusal is read and forgotten, so that the client gets to the answer.
    if (phase_ == Phase::reading) reader_.received(got.bytes);
    return true;
  }
  wait_for(got.need);
  return false;
}

bool Connection::obey() {
  FaultedAnswer answer = state_.obey(reader_.request(), response_);
  const bool keep_alive = reader_.keep_alive() && !answer.drop_connection;
  reader_.next();
  if (answer.drop_connection && !answer.response) {
    close();
    return false;
  }
  if (answer.response) response_ = std::move(*answer.response);
  head_.clear();
  append_response_head(head_, response_, reader_.keep_alive());
  body_ = std::string_view(response_.body).substr(0, answer.cut_at.value_or(std::string::npos));
  sent_ = 0;
  after_sending_ = keep_alive ? Phase::reading : Phase::closed;
  const Duration wait = state_.options.latency + answer.delay;
  if (wait > Duration::zero()) {
    delay(wait);
    return false;
  }
  phase_ = Phase::sending;
  return true;
}

void Connection::delay(Duration by) {
  phase_ = Phase::delaying;
  timer_.expires_after(by);
  timer_.async_wait(boost::asio::bind_executor(
      executor_, [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->phase_ != Phase::delaying) return;
        self->phase_ = Phase::sending;
        self->moved_ = steady_now();
        self->run();
      }));
}

void Connection::refuse(int status) {
  response_ = {};
  response_.status = status;
  response_.headers = {{"Content-Type", "text/html"}};
  response_.body = "<html><body><h1>" + std::to_string(status) + " " +
                   std::string(reason_of(status)) + "</h1></body></html>\n";
  head_.clear();
  append_response_head(head_, response_, false);
  body_ = response_.body;
  sent_ = 0;
  phase_ = Phase::sending;
  after_sending_ = Phase::draining;
}

bool Connection::send() {
  const std::size_t size = head_.size() + body_.size();
  const Progress done = sent_ < size ? stream_.write(head_, body_, sent_) : stream_.flush();
  sent_ += done.bytes;
  if (done.bytes > 0) {
    moved_ = steady_now();
    state_.sent_bytes.fetch_add(done.bytes, std::memory_order_relaxed);
  }
  if (done.need != Need::nothing) {
    wait_for(done.need);
    return false;
  }
  if (sent_ < size) return true;
  phase_ = after_sending_;
  if (phase_ == Phase::closed) {
    stream_.shut_sending();
    close();
  } else if (phase_ == Phase::draining) {
    stream_.shut_sending();
  }
  return true;
}

void Connection::wait_for(Need need) {
  if (need == Need::closed || need == Need::nothing) {
    close();
    return;
  }
  const auto way = need == Need::read ? boost::asio::ip::tcp::socket::wait_read
                                      : boost::asio::ip::tcp::socket::wait_write;
  stream_.socket().async_wait(
      way, boost::asio::bind_executor(
               executor_, [self = shared_from_this()](const boost::system::error_code& error) {
                 if (!error) self->run();
               }));
}

}  // namespace kinesink::local
