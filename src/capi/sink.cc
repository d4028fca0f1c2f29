#include <algorithm>
#include <cstring>

#include "capi/handles.h"

using kinesink::capi::give;
using kinesink::capi::guarded;
using kinesink::capi::refuse_null;

extern "C" {

int32_t kinesink_client_open(const kinesink_options* options, kinesink_client** client,
                             kinesink_error** error) {
  return guarded(error, [&] {
    if (options == nullptr || client == nullptr) return refuse_null("options and client", error);
    auto opened = kinesink::Client::open(options->options.client);
    if (!opened) return give(std::move(opened).error(), error);
    *client = new kinesink_client{*std::move(opened)};
    return 0;
  });
}

void kinesink_client_release(kinesink_client* client) { delete client; }

int32_t kinesink_sink_new(const kinesink_options* options, const kinesink_client* client,
                          kinesink_sink** sink, kinesink_error** error) {
  return guarded(error, [&] {
    if (options == nullptr || sink == nullptr) return refuse_null("options and sink", error);
    *sink = client == nullptr
                ? new kinesink_sink{kinesink::KinesisSink(options->options)}
                : new kinesink_sink{kinesink::KinesisSink(options->options, client->client)};
    return 0;
  });
}

int32_t kinesink_sink_on_start(kinesink_sink* sink, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr) return refuse_null("sink", error);
    return give(sink->sink.on_start(), error);
  });
}

int32_t kinesink_sink_process_batch(kinesink_sink* sink, const struct ArrowArray* array,
                                    const struct ArrowSchema* schema, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr) return refuse_null("sink", error);
    return give(sink->sink.process_batch({array, schema}), error);
  });
}

int32_t kinesink_sink_try_process_batch(kinesink_sink* sink, const struct ArrowArray* array,
                                        const struct ArrowSchema* schema, int64_t first_row,
                                        int64_t* taken, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr || taken == nullptr) return refuse_null("sink and taken", error);
    auto result = sink->sink.try_process_batch({array, schema}, first_row);
    *taken = result ? *result : 0;
    return give(std::move(result), error);
  });
}

int32_t kinesink_sink_handle_checkpoint(kinesink_sink* sink, uint64_t epoch, int32_t then_stop,
                                        kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr) return refuse_null("sink", error);
    return give(sink->sink.handle_checkpoint({epoch, then_stop != 0}), error);
  });
}

int32_t kinesink_sink_handle_checkpoint_async(kinesink_sink* sink, uint64_t epoch,
                                              int32_t then_stop, kinesink_checkpoint_callback done,
                                              void* context, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr || done == nullptr) return refuse_null("sink and done", error);
    return give(sink->sink.handle_checkpoint_async({epoch, then_stop != 0},
                                                   [done, context](kinesink::Result<void> result) {
                                                     if (result) return done(context, nullptr);
                                                     const kinesink_error failed{result.error()};
                                                     done(context, &failed);
                                                   }),
                error);
  });
}

int32_t kinesink_sink_handle_tick(kinesink_sink* sink, uint64_t tick, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr) return refuse_null("sink", error);
    return give(sink->sink.handle_tick(tick), error);
  });
}

int32_t kinesink_sink_on_close(kinesink_sink* sink, kinesink_error** error) {
  return guarded(error, [&] {
    if (sink == nullptr) return refuse_null("sink", error);
    return give(sink->sink.on_close(), error);
  });
}

void kinesink_sink_release(kinesink_sink* sink) { delete sink; }

void kinesink_sink_get_stats(const kinesink_sink* sink, kinesink_stats* stats) {
  if (sink == nullptr || stats == nullptr) return;
  const kinesink::Stats now = sink->sink.stats();
  kinesink_stats known{};
  known.struct_size = std::min(stats->struct_size, sizeof(kinesink_stats));
  known.received = now.received;
  known.acknowledged = now.acknowledged;
  known.rejected = now.rejected;
  known.skipped = now.skipped;
  known.abandoned = now.abandoned;
  known.pending = now.pending;
  known.possible_duplicates = now.possible_duplicates;
  known.records = now.records;
  known.requests = now.requests;
  known.retries = now.retries;
  known.throttled = now.throttled;
  known.payload_bytes = now.payload_bytes;
  known.wire_bytes = now.wire_bytes;
  const auto stored_after = [&now](double share) {
    return static_cast<uint64_t>(now.stored_after.quantile(share).count());
  };
  known.stored_after_p50 = stored_after(0.5);
  known.stored_after_p99 = stored_after(0.99);
  known.stored_after_p999 = stored_after(0.999);
  std::memcpy(stats, &known, known.struct_size);
}

}  // extern "C"
