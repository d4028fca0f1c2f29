#include "http/connection.h"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/request_head.h"

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

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionOwner> owner, asio::io_context& context,
                       std::shared_ptr<const HttpClientOptions> options, SSL_CTX* tls)
    : owner_(std::move(owner)),
      options_(std::move(options)),
      tls_(tls),
      context_(context),
      resolver_(context),
      socket_(context),
      timer_(context) {}

// The pool is told first, so that a request sent by the completion finds this connection.
void Connection::settle() {
  while (true) {
    std::optional<Ended> ended;
    bool gone = false;
    {
      const std::lock_guard lock(mutex_);
      ended.swap(ended_);
      gone = std::exchange(gone_, false);
    }
    if (gone) owner_->closed(shared_from_this(), 0);
    if (!ended) return;
    std::optional<Pending> next;
    if (ended->reuse) {
      next = owner_->next_request(shared_from_this(), ended->request.id);
    } else {
      owner_->closed(shared_from_this(), ended->request.id);
    }
    ended->request.complete(std::move(ended->exchange));
    if (ended->reuse && ended->exchange.response) recycle(*std::move(ended->exchange.response));
    if (next) carry(*std::move(next));
  }
}

// If the connection carries no answer by now.
void Connection::recycle(Response&& response) {
  const std::lock_guard lock(mutex_);
  if (reader_) reader_->recycle(std::move(response));
}

void Connection::settle_later() {
  asio::post(context_, [self = shared_from_this()] { self->settle(); });
}

void Connection::carry(Pending pending) {
  std::unique_lock lock(mutex_);
  // The server may have closed it, or a limit been reached, since it was chosen: nothing was
  // written, so another connection can carry the request.
  if (phase_ == Phase::idle && !still_open()) close();
  if (phase_ == Phase::closed) {
    const bool gone = gone_;
    lock.unlock();
    if (gone) settle_later();
    return owner_->give_back(std::move(pending));
  }
  if (pending.id == cancelled_) {
    Exchange exchange;
    exchange.error =
        make_error(ErrorKind::cancelled, "the request was cancelled before it was sent");
    ended_.emplace(std::move(pending), std::move(exchange), true);
  } else {
    pending_ = std::move(pending);
    moved_ = now();
    begin();
  }
  if (ended_) settle_later();
}

void Connection::begin() {
  try {
    if (phase_ == Phase::fresh) return connect();
    start_exchange();
    send();
    // What comes is read on the loop; an answer that is here already is found there at once.
    if (phase_ == Phase::exchanging) wait_read();
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  }
}

void Connection::cancel(Transport::RequestId id) {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::closed) return;
  if (id != 0 && (!pending_ || pending_->id != id)) {
    cancelled_ = id;
    return;
  }
  fail(make_error(ErrorKind::cancelled, "the request was cancelled"));
  settle_later();
}

// --- one exchange

void Connection::start_exchange() {
  phase_ = Phase::exchanging;
  moved_ = now();
  head_.clear();
  append_request_head(head_, pending_->request, options_->endpoint.authority(),
                      options_->endpoint.tls || !options_->proxy ? nullptr : &*options_->proxy);
  body_ = pending_->request.body;
  sent_ = 0;
  flushed_ = false;
  if (!reader_) reader_.emplace(options_->max_response_body);
  watch(moved_ + options_->request_timeout);
}

// Goes on until it must wait. An answer that comes while the body is still being written is read
// at once.
void Connection::step_until_waiting() {
  while (true) {
    switch (phase_) {
      case Phase::shaking:
        if (!shake()) return;
        break;
      case Phase::proxying:
      case Phase::exchanging:
        if (!flushed_) send();
        if (!receive()) return;
        break;
      case Phase::fresh:
      case Phase::connecting:
      case Phase::idle:
      case Phase::closed:
        return;
    }
  }
}

void Connection::run() {
  try {
    step_until_waiting();
  } catch (const std::bad_alloc&) {
    fail_without_memory();
  }
}

void Connection::fail_without_memory() {
  fail(
      make_error(ErrorKind::resource, "out of memory while talking to " + options_->endpoint.host));
}

// Until all of the request is in the kernel's hands, or it must wait.
void Connection::send() {
  while (true) {
    const Progress done =
        whole_request_sent() ? stream_->flush() : stream_->write(head_, body_, sent_);
    sent_ += done.bytes;
    if (done.bytes > 0) moved_ = now();
    if (done.need == Need::closed) {
      // The answer that explains it may be here already.
      flushed_ = true;
      return;
    }
    if (done.need == Need::nothing && whole_request_sent()) {
      flushed_ = true;
      return;
    }
    if (done.need == Need::write) return wait_write();
  }
}

// While idle: a server that speaks, or has ended the stream, is not asked again. TLS may have news
// of its own (session tickets), which reading takes in.
bool Connection::still_open() {
  std::array<char, 1> unasked;
  const Need need = stream_->read(unasked).need;
  return need == Need::read || need == Need::write;
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
      received(reader_->ended(stream_->ended_cleanly()));
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
  stream_->socket().async_wait(Tcp::socket::wait_read,
                               [self = shared_from_this()](const auto& error) {
                                 self->enter([&] {
                                   self->waits_read_ = false;
                                   if (error || self->phase_ == Phase::closed) return;
                                   if (self->phase_ != Phase::idle) return self->run();
                                   self->still_open() ? self->wait_read() : self->close();
                                 });
                               });
}

void Connection::wait_write() {
  if (waits_write_) return;
  waits_write_ = true;
  stream_->socket().async_wait(Tcp::socket::wait_write,
                               [self = shared_from_this()](const auto& error) {
                                 self->enter([&] {
                                   self->waits_write_ = false;
                                   if (error || self->phase_ == Phase::closed) return;
                                   self->moved_ = self->now();  // the other side took something
                                   self->run();
                                 });
                               });
}

// One timer, only ever moved forward; it looks again when it fires too early.
void Connection::watch(Instant when) {
  if (when >= timer_at_) return;
  timer_at_ = when;
  timer_.expires_at(when);
  timer_.async_wait([self = shared_from_this()](const auto& error) {
    if (error) return;
    self->enter([&] {
      self->timer_at_ = kNever;
      self->on_time();
    });
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
  if (reuse) {
    phase_ = Phase::idle;
    watch(moved_ + options_->max_idle);
    wait_read();
  } else {
    close();
  }
  ended_.emplace(std::move(done), std::move(exchange), reuse);
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
  gone_ = was_idle;
}

}  // namespace kinesink::http
