#include "kinesis/cbor_reader.h"

namespace kinesink::kinesis {
namespace {

constexpr std::uint8_t kBreak = 0xff;
constexpr std::uint8_t kIndefinite = 31;

}  // namespace

bool CborReader::read_head(CborHead& head) {
  if (at_ >= bytes_.size()) return false;
  const auto first = static_cast<std::uint8_t>(bytes_[at_++]);
  head.major = static_cast<CborMajor>(first >> 5);
  head.info = first & 31;
  head.indefinite = false;
  head.argument = head.info;
  if (head.info < 24) return true;
  if (head.info == kIndefinite) {
    head.indefinite = true;
    head.argument = 0;
    return head.major >= CborMajor::bytes && head.major <= CborMajor::map;
  }
  if (head.info > 27) return false;
  const std::size_t size = std::size_t{1} << (head.info - 24);
  if (bytes_.size() - at_ < size) return false;
  head.argument = 0;
  for (std::size_t i = 0; i < size; ++i) {
    head.argument = head.argument << 8 | static_cast<std::uint8_t>(bytes_[at_++]);
  }
  return true;
}

std::optional<std::string_view> CborReader::read_string(const CborHead& head,
                                                        std::string& scratch) {
  if (!head.indefinite) {
    if (head.argument > bytes_.size() - at_) return std::nullopt;
    const std::string_view content = bytes_.substr(at_, head.argument);
    at_ += content.size();
    return content;
  }
  scratch.clear();
  while (at_ < bytes_.size() && static_cast<std::uint8_t>(bytes_[at_]) != kBreak) {
    CborHead piece;
    if (!read_head(piece) || piece.major != head.major || piece.indefinite) return std::nullopt;
    if (piece.argument > bytes_.size() - at_) return std::nullopt;
    scratch.append(bytes_.substr(at_, piece.argument));
    at_ += piece.argument;
  }
  if (at_ >= bytes_.size()) return std::nullopt;
  ++at_;
  return scratch;
}

bool CborReader::next_item(std::uint64_t& remaining, bool& malformed) {
  malformed = false;
  if (remaining != kUntilBreak) return remaining-- > 0;
  if (at_ >= bytes_.size()) {
    malformed = true;
    return false;
  }
  if (static_cast<std::uint8_t>(bytes_[at_]) != kBreak) return true;
  ++at_;
  return false;
}

bool CborReader::skip(int depth) {
  CborHead head;
  return read_head(head) && skip_content(head, depth);
}

bool CborReader::skip_content(const CborHead& head, int depth) {
  if (depth <= 0) return false;
  switch (head.major) {
    case CborMajor::unsigned_integer:
    case CborMajor::negative_integer:
    case CborMajor::simple:
      return true;
    case CborMajor::tag:
      return skip(depth - 1);
    case CborMajor::bytes:
    case CborMajor::text: {
      std::string scratch;
      return read_string(head, scratch).has_value();
    }
    case CborMajor::array:
    case CborMajor::map:
      break;
  }
  std::uint64_t remaining = begin_items(head);
  bool malformed = false;
  while (next_item(remaining, malformed)) {
    if (!skip(depth - 1)) return false;
    if (head.major == CborMajor::map && !skip(depth - 1)) return false;
  }
  return !malformed;
}

}  // namespace kinesink::kinesis
