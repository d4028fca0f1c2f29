// What this process has used so far, by the operating system's account.
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

namespace kinesink::bench {

struct CpuTime {
  double user = 0;  // seconds
  double system = 0;

  double all() const { return user + system; }
  friend CpuTime operator-(const CpuTime& a, const CpuTime& b) {
    return {a.user - b.user, a.system - b.system};
  }
};

// `who`: RUSAGE_SELF, RUSAGE_THREAD.
inline CpuTime cpu_time(int who) {
  rusage used{};
  ::getrusage(who, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {seconds(used.ru_utime), seconds(used.ru_stime)};
}

// A field of /proc/self/status in bytes: VmRSS, VmHWM (its highest).
inline std::size_t memory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string name;
  std::size_t kibibytes = 0;
  while (status >> name) {
    if (name == field + ":" && status >> kibibytes) return kibibytes * 1024;
    std::getline(status, name);
  }
  return 0;
}

// Calls of malloc, calloc, realloc and their kin by any code of this process (allocations.cc).
std::uint64_t allocations();

}  // namespace kinesink::bench
