#include "cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "cli/summary.h"

namespace kinesink::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenDraws{200};
constexpr int kBarWidth = 24;

}  // namespace

Progress::Progress(bool shown, Look look, TotalRows total_rows)
    : look_(std::move(look)), total_rows_(std::move(total_rows)) {
  if (shown) thread_ = std::thread([this] { run(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Progress::run() {
  bool on_screen = false;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBetweenDraws, [this] { return ending_; })) {
    draw(look_(), total_rows_());
    on_screen = true;
  }
  if (on_screen) std::fputs("\r\033[K", stderr);
}

void Progress::draw(const Stats& stats, std::optional<std::int64_t> total) const {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - start_).count());
  const double rate = static_cast<double>(stats.acknowledged) / seconds;
  std::string line;
  if (total && *total > 0) {
    const double part =
        std::min(1.0, static_cast<double>(stats.acknowledged) / static_cast<double>(*total));
    const int filled = static_cast<int>(part * kBarWidth);
    line += '[' + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] " +
            std::to_string(static_cast<int>(part * 100)) + "% ";
  }
  line += with_commas(stats.acknowledged) + " rows, " +
          with_commas(static_cast<std::uint64_t>(rate)) + " rows/s, " +
          megabytes(stats.payload_bytes) + ", " + std::to_string(stats.in_flight) + " in flight";
  if (stats.retries > 0) line += ", " + with_commas(stats.retries) + " retries";
  if (total && rate > 0 && static_cast<double>(*total) > static_cast<double>(stats.acknowledged)) {
    const double left =
        (static_cast<double>(*total) - static_cast<double>(stats.acknowledged)) / rate;
    line += ", " + std::to_string(static_cast<int>(left) + 1) + " s left";
  }
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  std::fflush(stderr);
}

}  // namespace kinesink::cli
