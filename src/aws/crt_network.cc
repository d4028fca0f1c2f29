#include "aws/crt_network.h"

#include <aws/common/task_scheduler.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/tls_channel_handler.h>

#include <utility>

namespace kinesink::aws {
namespace {

struct Task {
  aws_task task{};
  std::function<void()> callback;
};

void run(aws_task*, void* user_data, aws_task_status status) {
  const std::unique_ptr<Task> task(static_cast<Task*>(user_data));
  if (status == AWS_TASK_STATUS_RUN_READY) task->callback();
}

Result<std::shared_ptr<aws_tls_ctx>> make_tls(const http::TlsOptions& options) {
  aws_tls_ctx_options tls{};
  aws_tls_ctx_options_init_default_client(&tls, crt());
  bool good = true;
  if (!options.ca_bundle.empty()) {
    good = aws_tls_ctx_options_override_default_trust_store_from_path(
               &tls, nullptr, options.ca_bundle.c_str()) == AWS_OP_SUCCESS;
  }
  if (!options.verify) aws_tls_ctx_options_set_verify_peer(&tls, false);
  auto context =
      share_crt<aws_tls_ctx_release>(good ? aws_tls_client_ctx_new(crt(), &tls) : nullptr);
  aws_tls_ctx_options_clean_up(&tls);
  if (context == nullptr) {
    return make_error(ErrorKind::invalid_argument,
                      "the CA bundle '" + options.ca_bundle +
                          "' cannot be used to fetch credentials: " + last_crt_error());
  }
  return context;
}

}  // namespace

Result<CrtNetwork> make_crt_network(const http::TlsOptions& tls) {
  CrtNetwork network;
  aws_event_loop_group_options loops{};
  loops.loop_count = 1;
  network.loops = share_crt<aws_event_loop_group_release>(aws_event_loop_group_new(crt(), &loops));
  aws_host_resolver_default_options resolver{};
  resolver.max_entries = 8;
  resolver.el_group = network.loops.get();
  network.resolver =
      share_crt<aws_host_resolver_release>(aws_host_resolver_new_default(crt(), &resolver));
  aws_client_bootstrap_options bootstrap{};
  bootstrap.event_loop_group = network.loops.get();
  bootstrap.host_resolver = network.resolver.get();
  network.bootstrap =
      share_crt<aws_client_bootstrap_release>(aws_client_bootstrap_new(crt(), &bootstrap));
  if (network.bootstrap == nullptr) {
    return make_error(ErrorKind::resource, "credentials cannot be fetched: " + last_crt_error());
  }
  KINESINK_ASSIGN(network.tls, make_tls(tls));
  return network;
}

void run_on_crt(const CrtNetwork& network, Duration delay, std::function<void()> callback) {
  auto task = std::make_unique<Task>();
  task->callback = std::move(callback);
  aws_task_init(&task->task, run, task.get(), "kinesink_credentials");
  aws_event_loop* const loop = aws_event_loop_group_get_next_loop(network.loops.get());
  aws_task* const scheduled = &task.release()->task;  // run() owns it from here
  if (delay == Duration{}) return aws_event_loop_schedule_task_now(loop, scheduled);
  std::uint64_t now = 0;
  aws_event_loop_current_clock_time(loop, &now);
  aws_event_loop_schedule_task_future(loop, scheduled,
                                      now + static_cast<std::uint64_t>(delay.count()));
}

}  // namespace kinesink::aws
