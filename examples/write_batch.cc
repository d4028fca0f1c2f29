// Writes one Arrow record batch to a stream: `write_batch flights http://127.0.0.1:4567`.
#include <arrow/api.h>

#include <cstdio>

#include "kinesink/arrow.h"
#include "kinesink/sink.h"

int main(int argc, char** argv) {
  arrow::StringBuilder names;
  if (!names.AppendValues({"Ada", "Grace", "Edsger"}).ok()) return 1;
  auto schema = arrow::schema({arrow::field("name", arrow::utf8())});
  auto batch = arrow::RecordBatch::Make(schema, 3, {names.Finish().ValueOrDie()});

  kinesink::SinkOptions options;
  options.stream_name = argc > 1 ? argv[1] : "flights";
  options.client.endpoint_url = argc > 2 ? argv[2] : "";
  kinesink::KinesisSink sink(options);
  kinesink::Result<void> result = sink.on_start();
  if (result) result = kinesink::process_batch(sink, *batch);
  if (result) result = sink.on_close();  // success: every row is stored
  if (!result) std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
  std::printf("%llu rows stored\n", static_cast<unsigned long long>(sink.stats().acknowledged));
  return result ? 0 : 1;
}
