// Memory that is not needed for now, without freeing it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kinesink {

// Gives the whole pages within [begin, end) back to the system; what they held is lost, and they
// cost nothing until they are written again. Returns how many bytes that were.
std::size_t discard_pages(std::uint8_t* begin, std::uint8_t* end);

}  // namespace kinesink
