// One client of the server: reads requests, asks the service, sends answers, one at a time.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/stream.h"
#include "local/faults.h"
#include "local/request_reader.h"
#include "local/server.h"
#include "local/service.h"

namespace kinesink::local {

// What all connections of a server share.
struct ServerState {
  ServerState(const LocalServerOptions& given)
      : options(given), service(given.service), faulty(service, given.faults, given.seed) {}

  // Obeys one request: the service answers one at a time, whatever the number of threads.
  FaultedAnswer obey(const http::Request& request, http::Response& response);

  LocalServerOptions options;
  std::mutex mutex;  // guards service and faulty
  Service service;
  FaultyService faulty;
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> received_bytes{0};
  std::atomic<std::uint64_t> sent_bytes{0};
  http::RecordBuffers record_buffers;
};

// Lives as long as a handler of it is pending: the shared_ptr's sharers are the handlers and, for
// stopping and time-outs, a weak_ptr of the listener. All methods run on its strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Executor = boost::asio::strand<boost::asio::any_io_executor>;

  Connection(ServerState& state, boost::asio::ip::tcp::socket socket, Executor executor,
             SSL_CTX* tls);

  const Executor& executor() const { return executor_; }
  void start();
  void close();
  // Closes it if nothing moved for too long, or a request is not whole for too long: one that comes
  // a byte at a time holds a connection, too.
  void close_if_slow(Instant now);

 private:
  void run();
  bool step();
  bool read();
  bool obey();
  bool send();
  void wait_for(http::Progress::Need need);
  void refuse(int status);
  void delay(Duration by);

  enum class Phase : std::uint8_t { reading, delaying, sending, draining, closed };

  ServerState& state_;
  Executor executor_;
  http::Stream stream_;
  boost::asio::steady_timer timer_;
  RequestReader reader_;
  Phase phase_ = Phase::reading;
  Phase after_sending_ = Phase::reading;
  http::Response response_;
  std::string head_;
  std::string_view body_;  // what is to be sent of the answer's body
  std::size_t sent_ = 0;   // of head and body
  Instant moved_;
  Instant begun_;  // when the first byte of the request at hand came
};

}  // namespace kinesink::local
