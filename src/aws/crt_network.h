// What aws-c-auth's sources run on: one thread, names, TLS. For those that kinesink does not ask
// itself.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>

#include "aws/crt.h"
#include "base/clock.h"
#include "http/client.h"

struct aws_client_bootstrap;
struct aws_event_loop_group;
struct aws_host_resolver;
struct aws_tls_ctx;

namespace kinesink::aws {

// A CRT object with an owner in several places. In a forked child it is left alone: the CRT's
// threads exist in the parent only.
template <auto Release, typename T>
std::shared_ptr<T> share_crt(T* object) {
  if (object == nullptr) return nullptr;
  return std::shared_ptr<T>(object, [process = ::getpid()](T* ended) {
    if (::getpid() == process) Release(ended);
  });
}

struct CrtNetwork {
  std::shared_ptr<aws_event_loop_group> loops;
  std::shared_ptr<aws_host_resolver> resolver;
  std::shared_ptr<aws_client_bootstrap> bootstrap;
  std::shared_ptr<aws_tls_ctx> tls;
};
Result<CrtNetwork> make_crt_network(const http::TlsOptions& tls);

// Runs `callback` on the thread, `delay` from now; never if the network ends before.
void run_on_crt(const CrtNetwork& network, Duration delay, std::function<void()> callback);

}  // namespace kinesink::aws
