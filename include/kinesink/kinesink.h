/* kinesink's C ABI: what Python and the adapters stand on. Pure C11.
 *
 *   kinesink_options* options = kinesink_options_new();
 *   kinesink_error* error = NULL;
 *   kinesink_sink* sink = NULL;
 *   if (kinesink_options_set(options, "stream_name", "flights", &error) == 0 &&
 *       kinesink_sink_new(options, NULL, &sink, &error) == 0 &&
 *       kinesink_sink_on_start(sink, &error) == 0 &&
 *       kinesink_sink_process_batch(sink, &array, &schema, &error) == 0 &&
 *       kinesink_sink_on_close(sink, &error) == 0) puts("stored");
 *   if (error != NULL) fprintf(stderr, "%s\n", kinesink_error_message(error));
 *   kinesink_error_release(error);
 *   kinesink_sink_release(sink);
 *   kinesink_options_release(options);
 *
 * Every function that can fail returns 0 or one of the kinesink_error_kind numbers and, if `error`
 * is not NULL, stores there an error that the caller releases. Handles are released by their own
 * function, which accepts NULL. Texts are UTF-8, end in NUL, and live as long as their handle
 * unless said otherwise. Threads: as for the C++ classes (kinesink/sink.h). Structs start with
 * their size, set by the caller: a newer library fills only what the caller knows. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kinesink/arrow_c_data.h"
#include "kinesink/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "0.1.0" */
KINESINK_EXPORT const char* kinesink_version(void);

/* --- errors */
enum kinesink_error_kind {
  KINESINK_OK = 0,
  KINESINK_INVALID_ARGUMENT = 1,
  KINESINK_INVALID_DATA = 2,
  KINESINK_NOT_FOUND = 3,
  KINESINK_AUTH = 4,
  KINESINK_THROTTLED = 5,
  KINESINK_TRANSIENT = 6,
  KINESINK_PERMANENT = 7,
  KINESINK_EXHAUSTED = 8,
  KINESINK_TIMEOUT = 9,
  KINESINK_WOULD_BLOCK = 10,
  KINESINK_CANCELLED = 11,
  KINESINK_CLOSED = 12,
  KINESINK_RESOURCE = 13,
  KINESINK_INTERNAL = 14
};

typedef struct kinesink_error kinesink_error;
KINESINK_EXPORT int32_t kinesink_error_get_kind(const kinesink_error* error);
/* "invalid_data", "throttled", ... */
KINESINK_EXPORT const char* kinesink_error_kind_name(int32_t kind);
KINESINK_EXPORT const char* kinesink_error_message(const kinesink_error* error);
KINESINK_EXPORT const char* kinesink_error_aws_code(const kinesink_error* error);   /* "" if none */
KINESINK_EXPORT const char* kinesink_error_request_id(const kinesink_error* error); /* "" if none */
KINESINK_EXPORT const char* kinesink_error_column(const kinesink_error* error);     /* "" if none */
KINESINK_EXPORT int64_t kinesink_error_row(const kinesink_error* error);            /* -1 if none */
KINESINK_EXPORT void kinesink_error_release(kinesink_error* error);

/* --- options: names and values of docs/options.md, as text */
typedef struct kinesink_options kinesink_options;
KINESINK_EXPORT kinesink_options* kinesink_options_new(void); /* NULL: out of memory */
KINESINK_EXPORT int32_t kinesink_options_set(kinesink_options* options, const char* name,
                                             const char* value, kinesink_error** error);
/* Checks every rule, also between options. */
KINESINK_EXPORT int32_t kinesink_options_validate(const kinesink_options* options,
                                                  kinesink_error** error);
KINESINK_EXPORT void kinesink_options_release(kinesink_options* options);

/* Called from any thread, also concurrently; `level` 1 error to 5 trace. The texts are valid during
 * the call only. */
typedef void (*kinesink_log_callback)(void* context, int32_t level, const char* component,
                                      const char* message);
KINESINK_EXPORT void kinesink_options_set_log(kinesink_options* options,
                                              kinesink_log_callback callback, void* context,
                                              int32_t level);

typedef struct kinesink_dead_letter_record {
  size_t struct_size;
  int64_t row;
  const uint8_t* payload;
  size_t payload_size;
  const char* partition_key; /* not NUL-terminated */
  size_t partition_key_size;
  const char* explicit_hash_key;
  size_t explicit_hash_key_size;
  const char* code;
  size_t code_size;
  const char* message;
  size_t message_size;
  int32_t attempts;
  const char* columns; /* the row as a JSON object, if there is no payload; not NUL-terminated */
  size_t columns_size;
} kinesink_dead_letter_record;
/* On an I/O thread, one call at a time; must not call into the sink. 0: the record is kept durably;
 * else the sink fails. */
typedef int32_t (*kinesink_dead_letter_callback)(void* context,
                                                 const kinesink_dead_letter_record* record);
KINESINK_EXPORT void kinesink_options_set_dead_letter(kinesink_options* options,
                                                      kinesink_dead_letter_callback callback,
                                                      void* context);

/* --- client: connections, credentials and I/O threads, shared by many sinks */
typedef struct kinesink_client kinesink_client;
KINESINK_EXPORT int32_t kinesink_client_open(const kinesink_options* options,
                                             kinesink_client** client, kinesink_error** error);
KINESINK_EXPORT void kinesink_client_release(kinesink_client* client);

/* --- sink */
typedef struct kinesink_sink kinesink_sink;
/* `client` may be NULL: the sink then opens its own on start. Both arguments may be released right
 * after. */
KINESINK_EXPORT int32_t kinesink_sink_new(const kinesink_options* options,
                                          const kinesink_client* client, kinesink_sink** sink,
                                          kinesink_error** error);
KINESINK_EXPORT int32_t kinesink_sink_on_start(kinesink_sink* sink, kinesink_error** error);
/* Both structs are borrowed for the call; nothing of them is kept or released, also on error. */
KINESINK_EXPORT int32_t kinesink_sink_process_batch(kinesink_sink* sink,
                                                    const struct ArrowArray* array,
                                                    const struct ArrowSchema* schema,
                                                    kinesink_error** error);
KINESINK_EXPORT int32_t kinesink_sink_try_process_batch(kinesink_sink* sink,
                                                        const struct ArrowArray* array,
                                                        const struct ArrowSchema* schema,
                                                        int64_t first_row, int64_t* taken,
                                                        kinesink_error** error);
KINESINK_EXPORT int32_t kinesink_sink_handle_checkpoint(kinesink_sink* sink, uint64_t epoch,
                                                        int32_t then_stop, kinesink_error** error);
/* `done` runs exactly once if 0 was returned; `error` (or NULL) is valid during the call only. */
typedef void (*kinesink_checkpoint_callback)(void* context, const kinesink_error* error);
KINESINK_EXPORT int32_t kinesink_sink_handle_checkpoint_async(kinesink_sink* sink, uint64_t epoch,
                                                              int32_t then_stop,
                                                              kinesink_checkpoint_callback done,
                                                              void* context,
                                                              kinesink_error** error);
KINESINK_EXPORT int32_t kinesink_sink_handle_tick(kinesink_sink* sink, uint64_t tick,
                                                  kinesink_error** error);
KINESINK_EXPORT int32_t kinesink_sink_on_close(kinesink_sink* sink, kinesink_error** error);
KINESINK_EXPORT void kinesink_sink_release(kinesink_sink* sink);

/* Rows unless said otherwise. received = acknowledged + rejected + skipped + abandoned + pending,
 * always. */
typedef struct kinesink_stats {
  size_t struct_size;
  uint64_t received;
  uint64_t acknowledged;
  uint64_t rejected;
  uint64_t skipped;
  uint64_t abandoned;
  uint64_t pending;
  uint64_t possible_duplicates;
  uint64_t records;  /* stored records */
  uint64_t requests; /* PutRecords sent */
  uint64_t retries;  /* records sent again */
  uint64_t throttled;
  uint64_t payload_bytes;
  uint64_t wire_bytes;
  /* Nanoseconds from the acceptance of the oldest row of a request until it was stored: half, 99 %
   * and 99.9 % of the acknowledged rows did not take longer. 0 before the first. */
  uint64_t stored_after_p50;
  uint64_t stored_after_p99;
  uint64_t stored_after_p999;
} kinesink_stats;
/* Any thread, any time. */
KINESINK_EXPORT void kinesink_sink_get_stats(const kinesink_sink* sink, kinesink_stats* stats);

/* --- local server: a Kinesis-compatible service in this process, for tests and demos */
typedef struct kinesink_local kinesink_local;
/* `streams`: "name:shards[,name:shards...]"; `port` 0: any free one. Listens on 127.0.0.1. */
KINESINK_EXPORT int32_t kinesink_local_start(const char* streams, uint16_t port,
                                             kinesink_local** server, kinesink_error** error);
KINESINK_EXPORT const char* kinesink_local_endpoint_url(const kinesink_local* server);
KINESINK_EXPORT void kinesink_local_release(kinesink_local* server);

#ifdef __cplusplus
} /* extern "C" */
#endif
