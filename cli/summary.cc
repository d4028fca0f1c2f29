#include "cli/summary.h"

#include <cstdio>

namespace kinesink::cli {
namespace {

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

// How long this share of the rows took at most to be stored, in milliseconds.
std::string stored_after(const Stats& stats, double share) {
  const std::chrono::duration<double, std::milli> after = stats.stored_after.quantile(share);
  return fixed(after.count(), 3);
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string megabytes(std::uint64_t bytes) {
  constexpr std::uint64_t kShownAsBytes = 100'000;  // less would be 0.0 MB
  if (bytes < kShownAsBytes) return with_commas(bytes) + " bytes";
  return fixed(static_cast<double>(bytes) / 1e6, 1) + " MB";
}

std::string summary_json(const Run& run) {
  const Stats& stats = run.stats;
  std::string text = "{";
  const auto add = [&text](const char* name, const std::string& value) {
    text += (text.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":" + value;
  };
  add("received", std::to_string(stats.received));
  add("acknowledged", std::to_string(stats.acknowledged));
  add("rejected", std::to_string(stats.rejected));
  add("skipped", std::to_string(stats.skipped));
  add("abandoned", std::to_string(stats.abandoned));
  add("pending", std::to_string(stats.pending));
  add("possible_duplicates", std::to_string(stats.possible_duplicates));
  add("records", std::to_string(stats.records));
  add("requests", std::to_string(stats.requests));
  add("retries", std::to_string(stats.retries));
  add("throttled", std::to_string(stats.throttled));
  add("payload_bytes", std::to_string(stats.payload_bytes));
  add("wire_bytes", std::to_string(stats.wire_bytes));
  add("stored_after_ms", "{\"p50\":" + stored_after(stats, 0.5) +
                             ",\"p99\":" + stored_after(stats, 0.99) +
                             ",\"p999\":" + stored_after(stats, 0.999) + "}");
  add("settled_before", std::to_string(run.settled_before));
  add("seconds", fixed(run.seconds, 3));
  add("cpu_seconds", fixed(run.cpu_seconds, 3));
  return text + "}";
}

std::string summary_text(const Run& run, const std::string& stream, bool dry_run) {
  const Stats& stats = run.stats;
  const double rows_per_second =
      run.seconds > 0 ? static_cast<double>(stats.acknowledged) / run.seconds : 0;
  std::string text = (dry_run ? "would be stored in " : "stored in ") + stream + ": " +
                     with_commas(stats.acknowledged) + " of " + with_commas(stats.received) +
                     " rows\n";
  text += "  " + with_commas(stats.records) + " records, " + megabytes(stats.payload_bytes) +
          " of payload, " + with_commas(stats.requests) + " requests, " +
          megabytes(stats.wire_bytes) + (dry_run ? " to send\n" : " sent\n");
  text += "  " + fixed(run.seconds, 2) + " s, " +
          with_commas(static_cast<std::uint64_t>(rows_per_second)) + " rows/s, " +
          fixed(run.cpu_seconds, 2) + " s of CPU\n";
  const auto note = [&text](std::uint64_t rows, const char* what) {
    if (rows > 0) text += "  " + with_commas(rows) + what;
  };
  note(stats.retries, " records were sent again\n");
  note(stats.throttled, " times a record was throttled\n");
  note(stats.possible_duplicates,
       " rows may be in the stream twice: their first answer was lost\n");
  note(stats.rejected, " rows were rejected: see the dead-letter file\n");
  note(stats.skipped, " rows were skipped: their value is null\n");
  note(stats.abandoned, " rows were NOT stored\n");
  note(run.settled_before, " rows were left out: --state says that they are settled\n");
  return text;
}

}  // namespace kinesink::cli
