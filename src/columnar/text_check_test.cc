#include "columnar/text_check.h"

#include <gtest/gtest.h>

#include <string>

namespace kinesink::columnar {
namespace {

TEST(IsAscii, sees_a_high_byte_at_every_place_of_every_length) {
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, '\x7f');
    ASSERT_TRUE(is_ascii(text)) << size;
    for (std::size_t place = 0; place < size; ++place) {
      text[place] = '\x80';
      ASSERT_FALSE(is_ascii(text)) << size << " " << place;
      text[place] = '\x7f';
    }
  }
}

// https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf, table 3-7.
TEST(IsUtf8, follows_the_table_of_well_formed_sequences) {
  for (const char* good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xef\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad));
    EXPECT_FALSE(is_utf8(std::string(70, 'a') + bad));
  }
}

}  // namespace
}  // namespace kinesink::columnar
