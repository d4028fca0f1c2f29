#include "format/json_escape.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace kinesink::format {
namespace {

// As Python's json.dumps(text, ensure_ascii=False) writes it, byte by byte.
std::string expected(const std::string& text) {
  std::string out;
  for (const char c : text) {
    char code[8];
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          std::snprintf(code, sizeof(code), "\\u%04x", static_cast<unsigned>(c));
          out += code;
        }
    }
  }
  return out;
}

// Buffers of exactly the promised sizes, so that a sanitizer sees every byte beyond them.
template <typename Write>
std::string escaped(const std::string& text, std::size_t read_ahead, Write write) {
  const auto in = std::make_unique<char[]>(text.size() + read_ahead);
  std::memcpy(in.get(), text.data(), text.size());
  std::memset(in.get() + text.size(), '"', read_ahead);
  const auto out = std::make_unique<char[]>(kMaxEscapedByte * text.size() + kEscapeSlack);
  return {out.get(), write(in.get(), text.size(), out.get())};
}

void expect_escaped(const std::string& text) {
  const std::string want = expected(text);
  EXPECT_EQ(escaped(text, kEscapeReadAhead, escape_padded), want);
  EXPECT_EQ(escaped(text, kEscapeReadAhead, escape_long), want);
  EXPECT_EQ(escaped(text, kEscapeReadAhead, escape_blocks<Block>), want);
  EXPECT_EQ(escaped(text, kEscapeReadAhead, escape_blocks<PortableBlock>), want);
  EXPECT_EQ(escaped(text, 0, escape_exact), want);
}

TEST(JsonEscape, escapes_what_rfc_8259_asks_for_and_nothing_else) {
  std::string all;
  for (int c = 0; c < 0x20; ++c) all += static_cast<char>(c);
  all += "\"\\/\x7f é€𝄞";
  EXPECT_EQ(escaped(all, kEscapeReadAhead, escape_padded),
            "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e"
            "\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a"
            "\\u001b\\u001c\\u001d\\u001e\\u001f\\\"\\\\/\x7f é€𝄞");
  expect_escaped(all);
}

TEST(JsonEscape, finds_an_escape_at_every_place_of_every_length) {
  for (std::size_t size = 0; size <= 100; ++size) {
    expect_escaped(std::string(size, 'x'));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '~');
      text[at] = static_cast<char>("\"\\\n\x1f"[(at + size) % 4]);
      expect_escaped(text);
    }
  }
}

TEST(JsonEscape, copies_characters_of_several_bytes_across_every_boundary) {
  for (std::size_t before = 0; before <= 70; ++before) {
    expect_escaped(std::string(before, 'x') + "é€𝄞\"é€𝄞");
  }
}

TEST(JsonEscape, escapes_runs_of_nothing_but_escapes) {
  for (std::size_t size = 0; size <= 100; ++size) {
    expect_escaped(std::string(size, '"'));
    expect_escaped(std::string(size, '\x01'));
  }
}

TEST(JsonEscape, escapes_long_texts) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += static_cast<char>(i * 7919 % 251);
  expect_escaped(text);
}

}  // namespace
}  // namespace kinesink::format
