#include "base/bytes.h"

#include <gtest/gtest.h>

namespace kinesink {
namespace {

// RFC 4648, section 10.
TEST(Base64, writes_and_reads_the_vectors_of_rfc_4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, refuses_what_is_not_base64) {
  for (const char* text : {"Z", "Zg=", "Zg", "Z===", "====", "Zm9v!A==", "Zm=v", "Zg==Zg=="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

TEST(Base64, leaves_the_output_as_it_was_when_it_refuses) {
  std::string out = "kept";
  EXPECT_FALSE(append_from_base64("Zm9vZ!==", out));
  EXPECT_EQ(out, "kept");
}

TEST(Base64, round_trips_every_byte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from_base64(to_base64(all)), all);
}

TEST(Hex, round_trips_and_refuses_odd_or_foreign_digits) {
  EXPECT_EQ(to_hex(std::string("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(from_hex("00FF1a"), std::string("\x00\xff\x1a", 3));
  EXPECT_EQ(from_hex("0"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
}

}  // namespace
}  // namespace kinesink
