#include "local/answer_writer.h"

#include <charconv>
#include <cstdio>

#include "base/bytes.h"

namespace kinesink::local {
namespace {

// Major types of RFC 8949, section 3.1.
constexpr unsigned kUnsigned = 0;
constexpr unsigned kNegative = 1;
constexpr unsigned kBytes = 2;
constexpr unsigned kText = 3;
constexpr unsigned kArray = 4;
constexpr unsigned kMap = 5;
constexpr unsigned kTag = 6;

}  // namespace

void AnswerWriter::head(unsigned major, std::uint64_t number) {
  const auto first = static_cast<char>(major << 5);
  if (number < 24) {
    out_.push_back(static_cast<char>(first | static_cast<char>(number)));
    return;
  }
  unsigned width = 0;  // the number takes 2^width bytes
  while (width < 3 && number >> (8u << width) != 0) ++width;
  out_.push_back(static_cast<char>(first | static_cast<char>(24 + width)));
  for (unsigned shift = 8u << width; shift > 0;) {
    shift -= 8;
    out_.push_back(static_cast<char>(number >> shift));
  }
}

void AnswerWriter::separate() {
  if (comma_ && !is_cbor()) out_.push_back(',');
}

void AnswerWriter::open(char bracket) {
  out_.push_back(bracket);
  comma_ = false;
}

void AnswerWriter::close(char bracket) {
  if (!is_cbor()) out_.push_back(bracket);
  comma_ = true;
}

void AnswerWriter::map(std::size_t members) {
  separate();
  is_cbor() ? head(kMap, members) : open('{');
}

void AnswerWriter::list(std::size_t items) {
  separate();
  is_cbor() ? head(kArray, items) : open('[');
}

AnswerWriter& AnswerWriter::key(std::string_view name) {
  text(name);
  if (!is_cbor()) out_.push_back(':');
  comma_ = false;
  return *this;
}

void AnswerWriter::text(std::string_view value) {
  separate();
  if (is_cbor()) {
    head(kText, value.size());
    out_.append(value);
  } else {
    json_text(value);
  }
  comma_ = true;
}

void AnswerWriter::json_text(std::string_view value) {
  out_.push_back('"');
  for (const char character : value) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out_.push_back('\\');
      out_.push_back(character);
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      out_.append(escape);
    } else {
      out_.push_back(character);
    }
  }
  out_.push_back('"');
}

void AnswerWriter::blob(std::string_view value) {
  separate();
  if (is_cbor()) {
    head(kBytes, value.size());
    out_.append(value);
  } else {
    const std::size_t begin = out_.size();
    out_.resize(begin + base64_size(value.size()) + 2);
    out_[begin] = '"';
    *write_base64(value.data(), value.size(), out_.data() + begin + 1) = '"';
  }
  comma_ = true;
}

void AnswerWriter::integer(std::int64_t value) {
  separate();
  if (!is_cbor()) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_.append(digits, end);
  } else if (value >= 0) {
    head(kUnsigned, static_cast<std::uint64_t>(value));
  } else {
    head(kNegative, ~static_cast<std::uint64_t>(value));
  }
  comma_ = true;
}

void AnswerWriter::boolean(bool value) {
  separate();
  if (is_cbor()) {
    out_.push_back(value ? '\xf5' : '\xf4');
  } else {
    out_.append(value ? "true" : "false");
  }
  comma_ = true;
}

void AnswerWriter::timestamp(std::int64_t milliseconds) {
  if (is_cbor()) {
    head(kTag, 1);
    integer(milliseconds);
    return;
  }
  separate();
  char text[32];
  const int size =
      std::snprintf(text, sizeof(text), "%lld.%03lld", static_cast<long long>(milliseconds / 1000),
                    static_cast<long long>(milliseconds % 1000));
  out_.append(text, static_cast<std::size_t>(size));
  comma_ = true;
}

}  // namespace kinesink::local
