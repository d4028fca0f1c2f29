// A program of somebody else: it starts a sink that cannot start, and looks at the error.
#include <cstdio>

#include "kinesink/operator.h"
#include "kinesink/sink.h"

int main() {
  kinesink::SinkOptions options;  // names no stream
  kinesink::KinesisSink sink(options);
  const kinesink::Result<void> started = sink.on_start();
  if (started) return 1;
  std::printf("refused as expected: %s\n", started.error().message.c_str());
  return started.error().kind == kinesink::ErrorKind::invalid_argument ? 0 : 1;
}
