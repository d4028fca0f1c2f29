// The dead-letter output the user asked for: a file of JSON lines (docs/dead-letters.md), or a
// callback.
#pragma once

#include <memory>
#include <string>

#include "kinesink/dead_letter.h"
#include "kinesink/options.h"

namespace kinesink::sink {

// One thread at a time.
class DeadLetterOutput {
 public:
  // Nothing if the options name no output.
  static Result<std::unique_ptr<DeadLetterOutput>> open(const SinkOptions& options);
  virtual ~DeadLetterOutput() = default;

  virtual Result<void> write(const DeadLetterRecord& record) = 0;
  // After success all that was written is durable.
  virtual Result<void> sync() = 0;
};

}  // namespace kinesink::sink
