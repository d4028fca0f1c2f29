// The HTTP/1.1 client behind Transport: Asio sockets, our own use of OpenSSL's SSL*, a pool of
// connections to one endpoint.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "http/event_loop.h"
#include "http/transport.h"

namespace kinesink::http {

struct TlsOptions {
  bool verify = true;
  std::string ca_bundle;  // PEM file; empty: AWS_CA_BUNDLE was resolved by the caller, else
                          // OpenSSL's default, else the known bundles
};

struct Proxy {
  Endpoint endpoint;          // of the proxy; https targets are reached by CONNECT, http targets by
                              // absolute-form
  std::string authorization;  // value of Proxy-Authorization; empty: none
};

struct HttpClientOptions {
  Endpoint endpoint;
  TlsOptions tls;
  std::optional<Proxy> proxy;
  std::size_t max_connections = 128;
  std::size_t max_response_body = 64 * 1024 * 1024;
  Duration connect_timeout = std::chrono::seconds(10);  // name, TCP, proxy and TLS together
  Duration request_timeout =
      std::chrono::seconds(30);  // longest time without progress in either direction
  Duration max_idle =
      std::chrono::seconds(18);  // < 20 s: servers close idle connections; resolved again after
  Duration max_connection_life = std::chrono::minutes(10);
  Log log;
};

// Real time, real sockets: an EventLoop over Asio with its own I/O threads (default one).
class IoLoop;
std::unique_ptr<EventLoop> make_io_loop(int threads = 1);

// `loop` must come from make_io_loop and outlive the client. Destruction cancels what is in flight
// without waiting for the network; completions still run (kind cancelled).
Result<std::unique_ptr<Transport>> open_http_client(EventLoop& loop, HttpClientOptions options);

// https_proxy / http_proxy / all_proxy (lower case first) minus NO_PROXY for `endpoint`; malformed
// values are errors. `get_environment(name)` returns nullptr if unset.
Result<std::optional<Proxy>> proxy_from_environment(
    const Endpoint& endpoint, const std::function<const char*(const char*)>& get_environment);

}  // namespace kinesink::http
