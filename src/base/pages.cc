#include "base/pages.h"

#include <sys/mman.h>
#include <unistd.h>

namespace kinesink {

std::size_t discard_pages(std::uint8_t* begin, std::uint8_t* end) {
  static const auto kPage = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first =
      (reinterpret_cast<std::uintptr_t>(begin) + kPage - 1) / kPage * kPage;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(end) / kPage * kPage;
  if (last <= first) return 0;
  const std::size_t size = last - first;
  return ::madvise(reinterpret_cast<void*>(first), size, MADV_DONTNEED) == 0 ? size : 0;
}

}  // namespace kinesink
