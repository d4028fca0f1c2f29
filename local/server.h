// The service behind a socket, on its own thread: `kinesink local`, and a server for tests.
//
//   auto server = local::LocalServer::start({.service = {.streams = {{"events", 4}}}});
//   use((*server)->endpoint_url());   // http://127.0.0.1:43210
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "kinesink/result.h"
#include "local/faults.h"
#include "local/service.h"

namespace kinesink::local {

// Certificate and key in PEM files; both empty: a self-signed one is made, valid for localhost,
// 127.0.0.1 and ::1.
struct ServerTls {
  std::string certificate_file = {};
  std::string key_file = {};
  // Where the made certificate is written for clients to trust (their CA bundle); empty: a file in
  // the temporary folder, removed when the server stops.
  std::string ca_file = {};
};

struct LocalServerOptions {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;                       // 0: any free one
  std::optional<ServerTls> tls = std::nullopt;  // nothing: plain HTTP
  Duration latency{};  // every answer waits that long, without holding up others
  FaultRates faults = {};
  std::uint64_t seed = 1;  // of the faults
  int threads = 1;         // that carry bytes; the service itself answers one request at a time
  std::size_t max_connections = 1024;
  std::size_t max_body = 16 * kMiB;                      // more is 413
  Duration idle_timeout = std::chrono::seconds(60);      // without progress in either direction
  Duration request_timeout = std::chrono::seconds(120);  // from a request's first byte to its last
  ServiceOptions service = {};
  std::optional<DataFolder> data = std::nullopt;  // nothing: in memory only
  Log log = {};
};

struct LocalServerCounters {
  ServiceCounters service;
  std::uint64_t connections = 0;  // accepted so far
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  double cpu_seconds = 0;  // of the server's threads
};

class LocalServer {
 public:
  static Result<std::unique_ptr<LocalServer>> start(LocalServerOptions options);
  ~LocalServer();  // stops
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  std::uint16_t port() const;
  const std::string& endpoint_url() const;
  // What a client must trust to talk TLS to it; empty without TLS.
  const std::string& ca_file() const;
  // Closes all connections and joins the threads; again is harmless.
  void stop();
  // Any thread, any time.
  LocalServerCounters counters() const;

 private:
  class Listener;
  explicit LocalServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace kinesink::local
