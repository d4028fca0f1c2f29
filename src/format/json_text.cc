#include "format/json_text.h"

#include <bitset>
#include <cstdint>

namespace kinesink::format {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Every take_...() consumes a token and copies it, or returns false.
template <bool kWrite>
class Compactor {
 public:
  Compactor(std::string_view text, char* out)
      : at_(text.data()), end_(text.data() + text.size()), out_(out) {}

  bool run();
  std::size_t written() const { return written_; }

 private:
  void put(char c) {
    if constexpr (kWrite) out_[written_] = c;
    ++written_;
  }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  bool take(char c) {
    if (peek() != c) return false;
    put(c);
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool take_digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) put(*at_++);
    return true;
  }
  bool take_word(std::string_view word) {
    for (const char c : word) {
      if (!take(c)) return false;
    }
    return true;
  }
  bool take_string();
  bool take_escape();
  bool take_number();
  bool take_scalar();
  bool take_key();
  // Takes a value, or the opening of an array or object; false for what is neither.
  bool open();
  // Behind a value: takes what closes or continues the arrays and objects around it.
  bool go_on();

  const char* at_;
  const char* end_;
  char* out_;
  std::size_t written_ = 0;
  std::size_t depth_ = 0;
  std::bitset<kMaxJsonTextDepth> is_object_;
  bool done_ = false;
};

template <bool kWrite>
bool Compactor<kWrite>::take_escape() {
  if (take('u')) {
    for (int i = 0; i < 4; ++i) {
      if (!is_hex_digit(peek())) return false;
      put(*at_++);
    }
    return true;
  }
  const char c = peek();
  return c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos && take(c);
}

template <bool kWrite>
bool Compactor<kWrite>::take_string() {
  if (!take('"')) return false;
  while (at_ != end_) {
    const char c = *at_++;
    if (static_cast<std::uint8_t>(c) < 0x20) return false;
    put(c);
    if (c == '"') return true;
    if (c == '\\' && !take_escape()) return false;
  }
  return false;
}

template <bool kWrite>
bool Compactor<kWrite>::take_number() {
  take('-');
  if (!take('0') && !take_digits()) return false;
  if (take('.') && !take_digits()) return false;
  if (!take('e') && !take('E')) return true;
  if (!take('+')) take('-');
  return take_digits();
}

template <bool kWrite>
bool Compactor<kWrite>::take_scalar() {
  switch (peek()) {
    case '"':
      return take_string();
    case 't':
      return take_word("true");
    case 'f':
      return take_word("false");
    case 'n':
      return take_word("null");
    default:
      return take_number();
  }
}

template <bool kWrite>
bool Compactor<kWrite>::take_key() {
  skip_space();
  if (!take_string()) return false;
  skip_space();
  return take(':');
}

template <bool kWrite>
bool Compactor<kWrite>::open() {
  skip_space();
  const bool is_object = peek() == '{';
  if (!is_object && peek() != '[') return take_scalar() && go_on();
  if (depth_ == kMaxJsonTextDepth) return false;
  put(*at_++);
  is_object_[depth_++] = is_object;
  skip_space();
  if (take(is_object ? '}' : ']')) {
    --depth_;
    return go_on();
  }
  return !is_object || take_key();
}

template <bool kWrite>
bool Compactor<kWrite>::go_on() {
  for (;;) {
    skip_space();
    if (depth_ == 0) {
      done_ = true;
      return at_ == end_;
    }
    const bool is_object = is_object_[depth_ - 1];
    if (take(',')) return !is_object || take_key();
    if (!take(is_object ? '}' : ']')) return false;
    --depth_;
  }
}

template <bool kWrite>
bool Compactor<kWrite>::run() {
  while (!done_) {
    if (!open()) return false;
  }
  return true;
}

}  // namespace

std::optional<std::size_t> compact_json_size(std::string_view text) {
  Compactor<false> compactor(text, nullptr);
  if (!compactor.run()) return std::nullopt;
  return compactor.written();
}

char* compact_json(std::string_view text, char* out) {
  Compactor<true> compactor(text, out);
  return compactor.run() ? out + compactor.written() : nullptr;
}

}  // namespace kinesink::format
