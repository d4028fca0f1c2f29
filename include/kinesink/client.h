// Client: connections, credentials, limits and I/O threads. Made by the user and shared by many
// sinks, or opened by a sink.
//
//   auto client = kinesink::Client::open({.aws_region = "eu-west-1"});
//   if (!client) return client.error();
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "kinesink/credentials.h"
#include "kinesink/export.h"
#include "kinesink/log.h"
#include "kinesink/result.h"

namespace kinesink {

namespace client {
class ClientCore;
}

enum class WireChoice : std::int32_t { automatic, cbor, json };

// Everything has a default; docs/options.md lists them with ranges.
struct ClientOptions {
  std::string aws_region = {};  // empty: stream ARN, environment, profile, instance metadata
  std::string endpoint_url =
      {};  // empty: AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL, else the Region's own
  std::string profile = {};  // empty: AWS_PROFILE, else `default`
  std::shared_ptr<CredentialsProvider> credentials =
      {};  // shared with the caller; empty: the default chain
  bool verify_ssl = true;
  std::string ca_bundle = {};  // PEM file; empty: AWS_CA_BUNDLE, else the system's
  WireChoice wire = WireChoice::automatic;
  std::string application_id = {};  // goes into User-Agent as app/<id>
  std::size_t max_connections = 128;
  int io_threads = 1;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{30'000};  // without progress
  bool use_fips_endpoint = false;
  bool use_dualstack_endpoint = false;
  LogCallback log = {};
  LogLevel log_level = LogLevel::info;
};

// Copies share one client (the last one closes it). Thread-safe.
class KINESINK_EXPORT Client {
 public:
  // Reads configuration and starts I/O threads. Sends nothing, unless instance metadata has to be
  // asked for the Region (at most one second).
  static Result<Client> open(ClientOptions options);
  explicit Client(std::shared_ptr<client::ClientCore> core);
  Client(const Client&);
  Client& operator=(const Client&);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  const std::string& region() const;
  const std::shared_ptr<client::ClientCore>& core() const {
    return core_;
  }  // for kinesink's own use

 private:
  std::shared_ptr<client::ClientCore> core_;  // shared by the sinks that use this client
};

}  // namespace kinesink
