#include "capi/handles.h"

using kinesink::capi::give;
using kinesink::capi::guarded;
using kinesink::capi::refuse_null;

struct kinesink_local {
  std::unique_ptr<kinesink::local::LocalServer> server;
};

extern "C" {

int32_t kinesink_local_start(const char* streams, uint16_t port, kinesink_local** server,
                             kinesink_error** error) {
  return guarded(error, [&] {
    if (streams == nullptr || server == nullptr) return refuse_null("streams and server", error);
    auto wanted = kinesink::local::parse_streams(streams);
    if (!wanted) return give(std::move(wanted).error(), error);
    kinesink::local::LocalServerOptions options;
    options.port = port;
    options.service.streams = *std::move(wanted);
    auto started = kinesink::local::LocalServer::start(std::move(options));
    if (!started) return give(std::move(started).error(), error);
    *server = new kinesink_local{*std::move(started)};
    return 0;
  });
}

const char* kinesink_local_endpoint_url(const kinesink_local* server) {
  return server == nullptr ? "" : server->server->endpoint_url().c_str();
}

void kinesink_local_release(kinesink_local* server) { delete server; }

}  // extern "C"
