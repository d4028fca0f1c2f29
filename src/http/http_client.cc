// The pool of connections to one endpoint. A request takes the idle connection that was used last,
// else a new one, else waits.
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/client.h"
#include "http/connection.h"
#include "http/io_loop.h"
#include "http/tls_context.h"

namespace kinesink::http {
namespace {

bool is_well_formed(const Request& request) {
  return http::is_well_formed(request.method) && http::is_well_formed(request.target) &&
         std::ranges::all_of(request.headers,
                             [](const Header& header) { return http::is_well_formed(header); });
}

// Shared by the client and its connections, which may outlast it.
class Pool final : public ConnectionOwner, public std::enable_shared_from_this<Pool> {
 public:
  Pool(boost::asio::io_context& context, HttpClientOptions options, TlsContext tls)
      : context_(context),
        options_(std::make_shared<const HttpClientOptions>(std::move(options))),
        tls_(std::move(tls)) {}

  Transport::RequestId send(Request request, Transport::Completion complete) {
    Pending pending;
    {
      const std::lock_guard lock(mutex_);
      pending = {next_id_++, std::move(request), std::move(complete)};
    }
    const Transport::RequestId id = pending.id;
    if (!is_well_formed(pending.request)) {
      give_up(std::move(pending), malformed_request());
      return id;
    }
    place(std::move(pending));
    return id;
  }

  void cancel(Transport::RequestId id) {
    std::shared_ptr<Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      const auto queued = std::ranges::find(waiting_, id, &Pending::id);
      if (queued != waiting_.end()) {
        give_up(std::move(*queued));
        waiting_.erase(queued);
        return;
      }
      const auto found = carried_.find(id);
      if (found == carried_.end()) return;
      found->second.cancelled = true;
      connection = found->second.connection;
    }
    connection->cancel(id);
  }

  void cancel_all() {
    std::vector<std::shared_ptr<Connection>> all;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      for (Pending& pending : waiting_) give_up(std::move(pending));
      waiting_.clear();
      all = std::move(idle_);
      for (const auto& [id, carried] : carried_) all.push_back(carried.connection);
    }
    for (const auto& connection : all) connection->cancel(0);
  }

  RecordBuffers& record_buffers() override { return record_buffers_; }

  void give_back(Pending pending) override {
    {
      const std::lock_guard lock(mutex_);
      const auto found = carried_.find(pending.id);
      const bool cancelled = found != carried_.end() && found->second.cancelled;
      if (found != carried_.end()) carried_.erase(found);
      if (cancelled) return give_up(std::move(pending));
    }
    place(std::move(pending));
  }

  std::optional<Pending> next_request(const std::shared_ptr<Connection>& connection,
                                      Transport::RequestId done) override {
    const std::lock_guard lock(mutex_);
    carried_.erase(done);
    if (!waiting_.empty()) return take_waiting(connection);
    if (!closing_) idle_.push_back(connection);
    return std::nullopt;
  }

  void closed(const std::shared_ptr<Connection>& connection, Transport::RequestId done) override {
    std::unique_lock lock(mutex_);
    std::erase(idle_, connection);
    if (done != 0) carried_.erase(done);
    --open_;
    if (waiting_.empty()) return;
    const std::shared_ptr<Connection> fresh = open_connection();
    Pending next = take_waiting(fresh);
    lock.unlock();
    fresh->carry(std::move(next));
  }

 private:
  void place(Pending pending) {
    std::unique_lock lock(mutex_);
    if (closing_) return give_up(std::move(pending));
    const std::shared_ptr<Connection> connection = take_connection();
    if (connection == nullptr) return waiting_.push_back(std::move(pending));
    carried_[pending.id] = {connection, false};
    lock.unlock();  // writing a request takes its time
    connection->carry(std::move(pending));
  }

  // With the lock:
  std::shared_ptr<Connection> take_connection() {
    if (!idle_.empty()) {
      std::shared_ptr<Connection> last = std::move(idle_.back());
      idle_.pop_back();
      return last;
    }
    return open_ < options_->max_connections ? open_connection() : nullptr;
  }
  std::shared_ptr<Connection> open_connection() {
    ++open_;
    return std::make_shared<Connection>(shared_from_this(), context_, options_, tls_.get());
  }
  Pending take_waiting(const std::shared_ptr<Connection>& connection) {
    Pending next = std::move(waiting_.front());
    waiting_.pop_front();
    carried_[next.id] = {connection, false};
    return next;
  }
  void give_up(Pending pending,
               Error error = make_error(ErrorKind::cancelled,
                                        "the request was cancelled before it was sent")) {
    boost::asio::post(context_,
                      [complete = std::move(pending.complete), error = std::move(error)]() mutable {
                        Exchange exchange;
                        exchange.error = std::move(error);
                        complete(std::move(exchange));
                      });
  }

  struct Carried {
    std::shared_ptr<Connection> connection;
    bool cancelled = false;  // counts if the connection gives the request back
  };

  boost::asio::io_context& context_;
  const std::shared_ptr<const HttpClientOptions> options_;  // shared with the connections
  const TlsContext tls_;                                    // none: plain
  RecordBuffers record_buffers_;
  std::mutex mutex_;
  Transport::RequestId next_id_ = 1;
  std::deque<Pending> waiting_;
  std::vector<std::shared_ptr<Connection>> idle_;  // the one used last at the end
  std::unordered_map<Transport::RequestId, Carried> carried_;
  std::size_t open_ = 0;
  bool closing_ = false;
};

class HttpClient final : public Transport {
 public:
  explicit HttpClient(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
  ~HttpClient() override {
    if (::getpid() == process_) {
      pool_->cancel_all();
    } else {
      // A forked child: the locks may be held by threads that exist in the parent only, and closing
      // a socket here would take it out of the parent's epoll set. All is left as it is.
      new std::shared_ptr<Pool>(std::move(pool_));
    }
  }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  RequestId send(Request request, Completion complete) override {
    return pool_->send(std::move(request), std::move(complete));
  }
  void cancel(RequestId id) override { pool_->cancel(id); }

 private:
  const pid_t process_ = ::getpid();
  std::shared_ptr<Pool> pool_;  // shared with the connections
};

}  // namespace

Result<std::unique_ptr<Transport>> open_http_client(EventLoop& loop, HttpClientOptions options) {
  auto* io = dynamic_cast<IoLoop*>(&loop);
  if (io == nullptr)
    return make_error(ErrorKind::invalid_argument, "the HTTP client needs a loop of make_io_loop");
  if (options.max_connections == 0)
    return make_error(ErrorKind::invalid_argument, "max_connections is 0; it must be at least 1");
  TlsContext tls;
  if (options.endpoint.tls) {
    KINESINK_ASSIGN(tls, make_client_tls(options.tls));
  }
  return std::unique_ptr<Transport>(std::make_unique<HttpClient>(
      std::make_shared<Pool>(io->context(), std::move(options), std::move(tls))));
}

}  // namespace kinesink::http
