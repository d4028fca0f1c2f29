// What a run came to: for people, or as one JSON object.
#pragma once

#include <string>

#include "kinesink/stats.h"

namespace kinesink::cli {

struct Run {
  Stats stats;
  std::uint64_t settled_before = 0;  // rows that --state knew to be settled
  double seconds = 0;
  double cpu_seconds = 0;
};

// received, acknowledged, rejected, skipped, abandoned, pending, possible_duplicates, records,
// requests, retries, throttled, payload_bytes, wire_bytes, settled_before, seconds, cpu_seconds.
std::string summary_json(const Run& run);
std::string summary_text(const Run& run, const std::string& stream, bool dry_run);

// "1,234,567"; "58.9 MB".
std::string with_commas(std::uint64_t number);
std::string megabytes(std::uint64_t bytes);

}  // namespace kinesink::cli
