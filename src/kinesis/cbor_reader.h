// Reads CBOR (RFC 8949) item by item out of bytes that are not trusted. No allocation but for
// strings in pieces.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinesink::kinesis {

enum class CborMajor : std::uint8_t {
  unsigned_integer,
  negative_integer,
  bytes,
  text,
  array,
  map,
  tag,
  simple
};

struct CborHead {
  CborMajor major = CborMajor::simple;
  std::uint8_t info = 0;       // low five bits of the first byte
  std::uint64_t argument = 0;  // number, size, count or tag
  bool indefinite = false;     // ends with a break
};

// Every method returns false (or nothing) at the first byte that is cut off or malformed; the
// reader is then of no further use.
class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  // What is not read yet.
  std::string_view rest() const { return bytes_.substr(at_); }
  bool read_head(CborHead& head);
  // The content of a string whose head was read: a view, or, in pieces, put together in `scratch`.
  std::optional<std::string_view> read_string(const CborHead& head, std::string& scratch);
  // The items of an array or map, definite or not: `remaining` starts as begin_items(head); true
  // while there is one more.
  static std::uint64_t begin_items(const CborHead& head) {
    return head.indefinite ? kUntilBreak : std::min(head.argument, kUntilBreak - 1);
  }
  bool next_item(std::uint64_t& remaining, bool& malformed);
  // Items that have been understood by other means, in rest(): so many, of so many bytes each.
  void pass_over(std::uint64_t items, std::size_t size, std::uint64_t& remaining) {
    at_ += items * size;
    if (remaining != kUntilBreak) remaining -= items;
  }
  // One whole item.
  bool skip(int depth = kMaxDepth);
  bool skip_content(const CborHead& head, int depth);

  static constexpr int kMaxDepth = 32;

 private:
  static constexpr std::uint64_t kUntilBreak = ~std::uint64_t{0};

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace kinesink::kinesis
