// The text of rows. Template on kChecked: unchecked code needs room for the bound of the row;
// checked code writes small pieces aside first, and stops where the room ends.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/units.h"
#include "columnar/text.h"
#include "format/json_escape.h"
#include "format/json_kernel.h"
#include "format/json_step.h"
#include "format/json_text.h"

namespace kinesink::format {

// Bytes that unchecked code may write behind the text.
inline constexpr std::int64_t kRowSlack = 64;
static_assert(kKeyStore <= kRowSlack && kEscapeSlack <= kRowSlack);

// Every function that takes `out` returns the end of what it wrote, or nullptr: the row has no
// room, or failure() says what it cannot express.
template <bool kChecked>
class RowWriter {
 public:
  // `write_members`: of unchecked rows.
  // `omits_nulls`: of checked rows; the members that a plan leaves out.
  RowWriter(char* limit, WriteMembers write_members, bool omits_nulls = false)
      : limit_(limit), write_members_(write_members), omits_nulls_(omits_nulls) {}

  // Each member begins with a comma, the first one with the brace.
  char* object(std::span<JsonStep> steps, std::int64_t row, char* out) {
    char* const begin = out;
    out = members(steps, row, out);
    if (out == nullptr) [[unlikely]]
      return nullptr;
    if (out == begin) return copy("{}", 2, out);
    *begin = '{';
    return put('}', out);
  }
  const RowFailure& failure() const { return failure_; }

  // A value of any type, null or not.
  char* other(JsonStep& step, std::int64_t row, char* out);
  char* fail(const JsonStep& step, RowFailure::Reason reason) {
    failure_ = {&step, reason};
    return nullptr;
  }

 private:
  // The most that a piece given to small() may write, what is scribbled behind it included.
  static constexpr std::size_t kSmall = 512;
  static_assert(columnar::kMaxDecimalText + 2 <= kSmall);
  static_assert(columnar::kMaxIntervalText + 2 <= kSmall);

  char* members(std::span<JsonStep> steps, std::int64_t row, char* out) {
    if constexpr (kChecked) {
      return checked_members(steps, row, out);
    } else {
      return write_members_(*this, steps, row, out);
    }
  }
  char* checked_members(std::span<JsonStep> steps, std::int64_t row, char* out);
  char* value(JsonStep& step, std::int64_t row, char* out);
  char* simple(JsonStep& step, std::int64_t row, char* out);
  char* rare(JsonStep& step, std::int64_t row, char* out);
  char* list(JsonStep& step, std::int64_t row, char* out);
  char* map(JsonStep& step, std::int64_t row, char* out);
  char* map_key(JsonStep& step, std::int64_t row, char* out);
  char* dictionary(JsonStep& step, std::int64_t row, char* out);
  char* decimal(JsonStep& step, std::int64_t row, char* out);
  char* zoned(JsonStep& step, std::int64_t row, char* out);
  char* boolean(bool value, char* out);
  char* string(std::string_view text, const char* readable_end, char* out);
  char* base64(std::string_view bytes, char* out);
  char* hex(std::string_view bytes, char* out);
  char* json(JsonStep& step, std::string_view text, char* out);
  char* invalid_json(const JsonStep& step, std::string_view text, char* out);
  char* key(const JsonStep& step, char* out);
  // What only options ask for: json_chosen.cc.
  char* chosen(JsonStep& step, std::int64_t row, char* out);
  char* epoch(const JsonStep& step, std::int64_t value, char* out);
  char* fixed_digits(JsonStep& step, std::int64_t row, char* out);
  char* float_by_policy(const JsonStep& step, std::int64_t row, char* out);
  char* decimal_bytes(const JsonStep& step, std::string_view big_endian, char* out);
  char* base64url(std::string_view bytes, char* out);
  char* map_pairs(JsonStep& step, std::int64_t row, char* out);
  bool is_written_as_null(JsonStep& step, std::int64_t row);

  bool has_room(std::size_t size, const char* out) const {
    return !kChecked || static_cast<std::size_t>(limit_ - out) >= size;
  }
  char* copy(const char* text, std::size_t size, char* out) {
    if (!has_room(size, out)) return nullptr;
    std::memcpy(out, text, size);
    return out + size;
  }
  char* put(char c, char* out) {
    if (!has_room(1, out)) return nullptr;
    *out = c;
    return out + 1;
  }
  // `write(at)` writes a piece of at most kSmall bytes and returns its end, or nullptr.
  template <typename Write>
  char* small(char* out, Write write) {
    if constexpr (!kChecked) {
      return write(out);
    } else {
      char text[kSmall];
      const char* end = write(text);
      return end == nullptr ? nullptr : copy(text, static_cast<std::size_t>(end - text), out);
    }
  }
  template <typename T>
  char* signed_integer(const JsonStep& step, std::int64_t row, char* out) {
    return small(out, [&](char* at) { return columnar::write_integer(step.value<T>(row), at); });
  }
  template <typename T>
  char* unsigned_integer(const JsonStep& step, std::int64_t row, char* out) {
    return small(out, [&](char* at) { return columnar::write_unsigned(step.value<T>(row), at); });
  }
  template <typename T, char* (*kWrite)(T, char*)>
  char* floating(T number, char* out) {
    if (!(number - number == 0)) return copy("null", 4, out);  // NaN and infinities
    return small(out, [&](char* at) { return kWrite(number, at); });
  }
  // `write(at)` returns the end of its text, nullptr: out of range.
  template <typename Write>
  char* temporal(const JsonStep& step, char* out, Write write) {
    return small(out, [&](char* at) -> char* {
      *at = '"';
      char* const end = write(at + 1);
      if (end == nullptr) return fail(step, RowFailure::Reason::temporal_range);
      *end = '"';
      return end + 1;
    });
  }

  char* limit_;
  WriteMembers write_members_;
  bool omits_nulls_;
  RowFailure failure_;
};

// A WriteMembers for json.nulls = omit: members whose value would be `null` are left out, those of
// nested objects too.
char* write_members_without_nulls(RowWriter<false>& writer, std::span<JsonStep> members,
                                  std::int64_t row, char* out);

}  // namespace kinesink::format
