#include "local/server.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "local/connection.h"
#include "local/tls_context.h"

namespace kinesink::local {
namespace {

using boost::asio::ip::tcp;
constexpr std::string_view kComponent = "local";
constexpr Duration kSweepEvery = std::chrono::seconds(1);
constexpr Duration kAcceptRetry = std::chrono::milliseconds(100);
constexpr int kMostThreads = 64;

Error refused(ErrorKind kind, std::string what) { return make_error(kind, std::move(what)); }

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.flush();
  if (file) return {};
  return refused(ErrorKind::resource, "the file '" + path + "' can not be written");
}

Result<std::string> temporary_file() {
  std::error_code error;
  std::string path = (std::filesystem::temp_directory_path(error) / "kinesink-ca-XXXXXX").string();
  const int file = error ? -1 : mkstemp(path.data());
  if (file < 0) {
    return refused(ErrorKind::resource,
                   "no file for the certificate can be made in '" + path + "'");
  }
  ::close(file);
  return path;
}

double cpu_seconds_of(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

class LocalServer::Listener {
 public:
  explicit Listener(LocalServerOptions options)
      : state_(options), acceptor_(io_), retry_(io_), sweep_(io_) {}

  Result<void> start() {
    if (state_.options.tls) KINESINK_TRY(prepare_tls(*state_.options.tls));
    if (state_.options.data) KINESINK_TRY(keep_data(*state_.options.data));
    KINESINK_TRY(listen());
    accept();
    sweep();
    state_.options.log.write(LogLevel::info, kComponent, "listening",
                             {{"endpoint_url", endpoint_url_}});
    try {
      for (int index = 0; index < state_.options.threads; ++index) {
        threads_.emplace_back([this] { run(); });
      }
    } catch (const std::system_error& error) {
      stop();
      return refused(ErrorKind::resource, std::string("server thread: ") + error.what());
    }
    return {};
  }

  void stop() {
    final_cpu_seconds_ += running_cpu_seconds();  // a thread that has ended cannot be asked
    io_.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& weak : connections_) {
      if (const auto connection = weak.lock()) connection->close();
    }
    connections_.clear();
    if (made_ca_file_) std::filesystem::remove(ca_file_, ignored_);
  }

  LocalServerCounters counters() {
    LocalServerCounters counters;
    {
      const std::lock_guard lock(state_.mutex);
      counters.service = state_.service.counters();
    }
    counters.connections = state_.connections;
    counters.received_bytes = state_.received_bytes;
    counters.sent_bytes = state_.sent_bytes;
    counters.cpu_seconds = final_cpu_seconds_ + running_cpu_seconds();
    return counters;
  }

  std::uint16_t port() const { return port_; }
  const std::string& endpoint_url() const { return endpoint_url_; }
  const std::string& ca_file() const { return ca_file_; }

 private:
  Result<void> prepare_tls(const ServerTls& tls) {
    if (!tls.certificate_file.empty() || !tls.key_file.empty()) {
      KINESINK_ASSIGN(tls_, load_tls_context(tls.certificate_file, tls.key_file));
      ca_file_ = tls.ca_file.empty() ? tls.certificate_file : tls.ca_file;
      return {};
    }
    std::string pem;
    KINESINK_ASSIGN(tls_, make_tls_context(SystemClock().wall_now(), pem));
    ca_file_ = tls.ca_file;
    if (ca_file_.empty()) {
      KINESINK_ASSIGN(ca_file_, temporary_file());
      made_ca_file_ = true;
    }
    return write_file(ca_file_, pem);
  }

  Result<void> keep_data(const DataFolder& folder) {
    if (state_.options.service.discard) {
      return refused(ErrorKind::invalid_argument,
                     "--data-dir keeps what --discard forgets: choose one");
    }
    std::string note;
    KINESINK_TRY(state_.service.keep_in(folder, note));
    if (!note.empty()) state_.options.log.write(LogLevel::warning, kComponent, note);
    return {};
  }

  Result<void> listen() {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(state_.options.bind, error);
    if (error) {
      return refused(ErrorKind::invalid_argument,
                     "bind '" + state_.options.bind + "' is not an IP address");
    }
    const tcp::endpoint endpoint(address, state_.options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    const std::string host =
        address.is_v6() ? "[" + state_.options.bind + "]" : state_.options.bind;
    if (error) {
      return refused(ErrorKind::resource, "can not listen on " + host + ":" +
                                              std::to_string(state_.options.port) + ": " +
                                              error.message());
    }
    endpoint_url_ = (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
    return {};
  }

  // Memory that ran out in one handler costs that handler's connection, not the process.
  void run() {
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        state_.options.log.write(LogLevel::error, kComponent, "a connection was given up",
                                 {{"reason", error.what()}});
      }
    }
  }

  void accept() {
    auto strand = boost::asio::make_strand(boost::asio::any_io_executor(io_.get_executor()));
    acceptor_.async_accept(
        [this, strand](const boost::system::error_code& error, tcp::socket socket) {
          if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) return;
          if (error) return accept_later();
          admit(std::move(socket), strand);
          accept();
        });
  }

  // Out of descriptors: at once it would only fail again.
  void accept_later() {
    retry_.expires_after(kAcceptRetry);
    retry_.async_wait([this](const boost::system::error_code& error) {
      if (!error) accept();
    });
  }

  // More than the bound are closed at once: their clients see the connection end.
  void admit(tcp::socket socket, const Connection::Executor& strand) {
    const std::lock_guard lock(connections_mutex_);
    std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
    if (connections_.size() >= state_.options.max_connections) {
      state_.options.log.write(LogLevel::warning, kComponent,
                               "a connection over max_connections was closed");
      return;
    }
    state_.connections.fetch_add(1, std::memory_order_relaxed);
    const auto connection =
        std::make_shared<Connection>(state_, std::move(socket), strand, tls_.get());
    connections_.push_back(connection);
    connection->start();
  }

  // One timer for all connections instead of one each.
  void sweep() {
    sweep_.expires_after(kSweepEvery);
    sweep_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      tell_of_trimming();
      const Instant now = SystemClock().now();
      const std::lock_guard lock(connections_mutex_);
      if (std::erase_if(connections_, [](const auto& weak) { return weak.expired(); }) > 0)
        give_memory_back();
      for (const auto& weak : connections_) {
        if (const auto connection = weak.lock()) {
          boost::asio::dispatch(connection->executor(),
                                [connection, now] { connection->close_if_slow(now); });
        }
      }
      sweep();
    });
  }

  // glibc keeps the buffers of connections that are gone, and many may have come at once.
  static void give_memory_back() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
  }

  void tell_of_trimming() {
    if (told_of_trimming_) return;
    const std::lock_guard lock(state_.mutex);
    if (state_.service.store().trimmed_records() == 0) return;
    told_of_trimming_ = true;
    state_.options.log.write(LogLevel::warning, kComponent,
                             "the oldest records are dropped: max_stored_bytes is reached");
  }

  double running_cpu_seconds() {
    double seconds = 0;
    for (auto& thread : threads_) {
      clockid_t clock{};
      if (pthread_getcpuclockid(thread.native_handle(), &clock) == 0) {
        seconds += cpu_seconds_of(clock);
      }
    }
    return seconds;
  }

  // Outlives what runs in io_.
  ServerState state_;
  http::TlsContext tls_;
  std::mutex connections_mutex_;
  std::vector<std::weak_ptr<Connection>> connections_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  boost::asio::steady_timer sweep_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
  std::string endpoint_url_;
  std::string ca_file_;
  bool made_ca_file_ = false;
  bool told_of_trimming_ = false;
  std::error_code ignored_;
  double final_cpu_seconds_ = 0;
};

LocalServer::LocalServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
LocalServer::~LocalServer() { stop(); }

Result<std::unique_ptr<LocalServer>> LocalServer::start(LocalServerOptions options) {
  if (options.threads < 1 || options.threads > kMostThreads) {
    return refused(ErrorKind::invalid_argument, "threads must be 1 to 64");
  }
  try {
    auto listener = std::make_unique<Listener>(std::move(options));
    KINESINK_TRY(listener->start());
    return std::unique_ptr<LocalServer>(new LocalServer(std::move(listener)));
  } catch (const std::exception& error) {
    return refused(ErrorKind::resource, std::string("local server: ") + error.what());
  }
}

std::uint16_t LocalServer::port() const { return listener_->port(); }
const std::string& LocalServer::endpoint_url() const { return listener_->endpoint_url(); }
const std::string& LocalServer::ca_file() const { return listener_->ca_file(); }
void LocalServer::stop() { listener_->stop(); }
LocalServerCounters LocalServer::counters() const { return listener_->counters(); }

}  // namespace kinesink::local
