// The values of rows in MessagePack or CBOR. Template on the encoding (msgpack_encoding.h,
// cbor_encoding.h), and on kChecked: unchecked code needs room for the bound of the row; checked
// code writes small pieces aside first, and stops where the room ends.
#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "format/binary_step.h"

namespace kinesink::format {

// Every function that takes `out` returns the end of what it wrote, or nullptr: the row has no
// room, or failure() says what it cannot express.
template <typename Encoding, bool kChecked>
class BinaryWriter {
 public:
  explicit BinaryWriter(char* limit) : limit_(limit) {}

  // A map of the members.
  char* structure(std::span<BinaryStep> steps, std::int64_t row, char* out);
  const BinaryFailure& failure() const { return failure_; }

 private:
  // The most that a piece given to small() may write, what is scribbled behind it included.
  static constexpr std::size_t kSmall = 512;
  static_assert(columnar::kMaxDecimalText + 2 * kBinarySlack <= kSmall);

  char* value(BinaryStep& step, std::int64_t row, char* out);
  char* other(BinaryStep& step, std::int64_t row, char* out);
  char* number(BinaryStep& step, std::int64_t row, char* out);
  char* time(BinaryStep& step, std::int64_t row, char* out);
  char* list(BinaryStep& step, std::int64_t row, char* out);
  char* map(BinaryStep& step, std::int64_t row, char* out);
  char* text(const BinaryStep& step, std::string_view text, char* out);
  char* bytes(std::string_view bytes, char* out);
  char* uuid(std::string_view bytes, char* out);
  char* decimal(BinaryStep& step, std::int64_t row, char* out);
  char* instant(BinaryStep& step, std::int64_t row, char* out);
  char* instant_text(BinaryStep& step, std::int64_t row, char* out);
  char* epoch(BinaryStep& step, std::int64_t value, columnar::TimeUnit unit, char* out);

  char* fail(const BinaryStep& step, BinaryFailure::Reason reason) {
    failure_ = {&step, reason};
    return nullptr;
  }
  char* copy(const char* from, std::size_t size, char* out) {
    if (kChecked && static_cast<std::size_t>(limit_ - out) < size) return nullptr;
    std::memcpy(out, from, size);
    return out + size;
  }
  // `write(at)` writes a piece of at most kSmall bytes and returns its end, or nullptr.
  template <typename Write>
  char* small(char* out, Write write) {
    if constexpr (!kChecked) {
      return write(out);
    } else {
      char piece[kSmall];
      const char* end = write(piece);
      return end == nullptr ? nullptr : copy(piece, static_cast<std::size_t>(end - piece), out);
    }
  }
  // A text of any length, that `write(at)` returns the end of.
  template <typename Write>
  char* aside(char* out, Write write) {
    return small(out, [&](char* at) {
      char text[columnar::kMaxDecimalText];
      const auto size = static_cast<std::size_t>(write(text) - text);
      at = Encoding::text_head(size, at);
      std::memcpy(at, text, size);
      return at + size;
    });
  }
  // `write(at)` returns the end of its text, nullptr: out of range. kTag: of CBOR; none below 0.
  template <std::int64_t kTag = -1, typename Write>
  char* temporal(const BinaryStep& step, char* out, Write write);

  char* limit_;
  BinaryFailure failure_;
};

template <typename Encoding, bool kChecked>
template <std::int64_t kTag, typename Write>
inline char* BinaryWriter<Encoding, kChecked>::temporal(const BinaryStep& step, char* out,
                                                        Write write) {
  return small(out, [&](char* at) -> char* {
    if constexpr (Encoding::kIsCbor && kTag >= 0) at = Encoding::tag(kTag, at);
    char* const text = at + Encoding::kTemporalHead;
    const char* const text_end = write(text);
    if (text_end == nullptr) [[unlikely]]
      return fail(step, BinaryFailure::Reason::temporal_range);
    const auto size = static_cast<std::size_t>(text_end - text);
    char* const head_end = Encoding::temporal_head(size, at);
    if (head_end != text) std::memmove(head_end, text, columnar::kMaxTemporalText);
    return head_end + size;
  });
}

}  // namespace kinesink::format
