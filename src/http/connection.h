// One connection of the client: resolves, connects, shakes hands, then carries one request at a
// time.
//
// A request is written on the thread that hands it over, as far as the kernel takes it: what was
// just written is still in that core's cache. All else happens on the loop's threads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/client.h"
#include "http/response_reader.h"
#include "http/stream.h"

namespace kinesink::http {

// A request with the one to tell.
struct Pending {
  Transport::RequestId id = 0;
  Request request;
  Transport::Completion complete;
};

class Connection;

// What connections tell their pool. Any thread; the connection holds no lock meanwhile.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // The exchange is over and another request may follow: what to carry next, or nothing to stay
  // idle.
  virtual std::optional<Pending> next_request(const std::shared_ptr<Connection>& connection,
                                              Transport::RequestId done) = 0;
  // The connection was closed before it could begin this one: nothing was written.
  virtual void give_back(Pending pending) = 0;
  // Lives as long as the owner.
  virtual RecordBuffers& record_buffers() = 0;
  // The connection is gone. `done`: the request it carried, or 0.
  virtual void closed(const std::shared_ptr<Connection>& connection, Transport::RequestId done) = 0;
};

// Lives as long as a handler of it is pending, and as long as its pool holds it: those are the
// shared_ptr's sharers. Thread-safe: one mutex guards all of it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ConnectionOwner> owner, boost::asio::io_context& context,
             std::shared_ptr<const HttpClientOptions> options, SSL_CTX* tls);

  // The connection must be new or idle. Never waits, never calls back: completions run on the loop.
  void carry(Pending pending);
  // Fails the request `id` if it is being carried, or will be, and closes; 0: whatever it is doing.
  void cancel(Transport::RequestId id);

 private:
  enum class Phase : std::uint8_t {
    fresh,
    connecting,
    proxying,
    shaking,
    exchanging,
    idle,
    closed
  };

  // Whoever enters holds the lock, does its part, and leaves: settle() then tells what has ended,
  // on a thread of the loop.
  template <typename Part>
  void enter(Part part) {
    {
      const std::lock_guard lock(mutex_);
      part();
    }
    settle();
  }
  void settle();
  void settle_later();
  void recycle(Response&& response);

  // With the lock:
  void connect();
  void resolved(const Endpoint& peer, const boost::system::error_code& error,
                const boost::asio::ip::tcp::resolver::results_type& found);
  void connected();
  void ask_proxy();
  void secure();
  void begin();
  void start_exchange();

  void run();
  void step_until_waiting();
  bool shake();
  void send();
  bool receive();
  bool still_open();
  void received(ResponseReader::State state);
  void answer_proxy();
  void answer();
  void wait_read();
  void wait_write();
  void watch(Instant when);
  void on_time();

  void finish(Exchange exchange, bool reuse);
  void fail(Error error);
  void fail_without_memory();
  void close();
  bool whole_request_sent() const { return sent_ == head_.size() + body_.size(); }
  Instant now() const { return SystemClock().now(); }

  const std::shared_ptr<ConnectionOwner>
      owner_;  // shared with the client and the other connections
  const std::shared_ptr<const HttpClientOptions> options_;  // shared likewise
  SSL_CTX* const tls_;                                      // nullptr: plain
  boost::asio::io_context& context_;

  std::mutex mutex_;  // guards what follows
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;  // until connected
  std::optional<Stream> stream_;
  boost::asio::steady_timer timer_;
  Instant timer_at_ = kNever;

  Phase phase_ = Phase::fresh;
  Instant born_{};
  Instant moved_{};  // last progress
  bool waits_read_ = false;
  bool waits_write_ = false;

  std::optional<Pending> pending_;
  Transport::RequestId cancelled_ = 0;  // before it came
  std::string head_;
  std::string_view body_;
  std::size_t sent_ = 0;  // of head and body, taken by the stream
  bool flushed_ = true;   // and handed to the kernel
  std::optional<ResponseReader> reader_;

  // What settle() has to tell.
  struct Ended {
    Pending request;
    Exchange exchange;
    bool reuse = false;
  };
  std::optional<Ended> ended_;
  bool gone_ = false;  // closed while idle
};

}  // namespace kinesink::http
