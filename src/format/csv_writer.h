// The text of CSV rows (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180). Template on kChecked, as
// RowWriter, which writes what stands inside a cell.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "format/json_step.h"
#include "format/json_writer.h"

namespace kinesink::format {

struct CsvRules {
  char delimiter = ',';
  bool quote_all = false;
  bool omits_nulls = false;  // of the objects inside cells
  std::string null;
};

// Every function that takes `out` returns the end of what it wrote, or nullptr: the row has no
// room, or failure() says what it cannot express.
template <bool kChecked>
class CsvWriter {
 public:
  // `write_members`: of unchecked rows. `rules` are borrowed.
  CsvWriter(const CsvRules& rules, char* limit, WriteMembers write_members)
      : rules_(&rules),
        wraps_plain_(rules.quote_all || !rules.null.empty()),
        limit_(limit),
        json_(limit, write_members, rules.omits_nulls) {}

  char* row(std::span<JsonStep> steps, std::int64_t row, char* out);
  const RowFailure& failure() const { return failure_; }

 private:
  // The most that a piece given to small() may write, what is scribbled behind it included.
  static constexpr std::size_t kSmall = 512;
  static_assert(columnar::kMaxDecimalText + 2 <= kSmall);

  char* cell(JsonStep& step, std::int64_t row, char* out);
  char* indirect(JsonStep& step, std::int64_t row, char* out);
  char* plain(JsonStep& step, std::int64_t row, char* out);
  char* text(const JsonStep& step, std::string_view text, char* out);
  char* quoted(std::string_view text, char* out);
  char* encoded(JsonStep& step, std::int64_t row, char* out);
  char* json(JsonStep& step, std::int64_t row, char* out);
  char* unquoted_json(JsonStep& step, std::int64_t row, char* out);
  char* wrapped(char* begin, char* end);

  std::size_t room(const char* out) const { return static_cast<std::size_t>(limit_ - out); }
  char* copy(std::string_view text, char* out) {
    if (kChecked && room(out) < text.size()) return nullptr;
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
  }
  char* put(char c, char* out) {
    if (kChecked && room(out) < 1) return nullptr;
    *out = c;
    return out + 1;
  }
  // `write(at)` writes a piece of at most kSmall bytes and returns its end.
  template <typename Write>
  char* small(char* out, Write write) {
    if constexpr (!kChecked) {
      return write(out);
    } else {
      char piece[kSmall];
      const char* const end = write(piece);
      return end == nullptr ? nullptr : copy({piece, end}, out);
    }
  }
  template <typename Number, char* (*kWrite)(Number, char*)>
  char* floating(Number number, char* out) {
    if (number != number) return copy("NaN", out);
    if (number - number != 0) return copy(number < 0 ? "-Infinity" : "Infinity", out);
    return small(out, [&](char* at) { return kWrite(number, at); });
  }
  char* fail(const RowFailure& failure) {
    failure_ = failure;
    return nullptr;
  }

  const CsvRules* rules_;
  bool wraps_plain_;  // what needs no quotes may still get them
  char* limit_;
  RowWriter<kChecked> json_;
  RowFailure failure_;
};

}  // namespace kinesink::format
