// One line of a dead-letter file (docs/dead-letters.md).
#pragma once

#include <string>
#include <string_view>

#include "kinesink/result.h"

namespace kinesink::cli {

// What is needed to send it again.
struct Letter {
  bool has_payload = false;  // false: the row could not be expressed, there is nothing to send
  std::string payload;
  std::string partition_key;      // drawn at random if the letter has none
  std::string explicit_hash_key;  // that of the partition key if the letter has none
};
Result<Letter> parse_letter(std::string_view line);

}  // namespace kinesink::cli
