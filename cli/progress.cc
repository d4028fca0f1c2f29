#include "cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/summary.h"

namespace kinesink::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenDraws{200};
constexpr int kBarWidth = 24;

}  // namespace

void Progress::update(const Stats& stats) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - drawn_ < kBetweenDraws) return;
  drawn_ = now;
  on_screen_ = true;
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - start_).count());
  const double rate = static_cast<double>(stats.acknowledged) / seconds;
  std::string line;
  if (total_ && *total_ > 0) {
    const double part =
        std::min(1.0, static_cast<double>(stats.acknowledged) / static_cast<double>(*total_));
    const int filled = static_cast<int>(part * kBarWidth);
    line += '[' + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] " +
            std::to_string(static_cast<int>(part * 100)) + "% ";
  }
  line += with_commas(stats.acknowledged) + " rows, " +
          with_commas(static_cast<std::uint64_t>(rate)) + " rows/s, " +
          megabytes(stats.payload_bytes) + ", " + std::to_string(stats.in_flight) + " in flight";
  if (stats.retries > 0) line += ", " + with_commas(stats.retries) + " retries";
  if (total_ && rate > 0 &&
      static_cast<double>(*total_) > static_cast<double>(stats.acknowledged)) {
    const double left =
        (static_cast<double>(*total_) - static_cast<double>(stats.acknowledged)) / rate;
    line += ", " + std::to_string(static_cast<int>(left) + 1) + " s left";
  }
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (on_screen_) std::fputs("\r\033[K", stderr);
  on_screen_ = false;
}

}  // namespace kinesink::cli
