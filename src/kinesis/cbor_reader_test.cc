#include "kinesis/cbor_reader.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace kinesink::kinesis {
namespace {

// True if one item, and nothing else, can be skipped.
bool skips(std::string_view bytes) {
  CborReader reader(bytes);
  return reader.skip() && reader.at_end();
}
bool skips_hex(std::string_view hex) { return skips(*from_hex(hex)); }

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// RFC 8949, appendix A.
TEST(CborReader, skips_whatever_is_well_formed) {
  for (const char* item :
       {"00", "1b000000e8d4a51000", "3903e7", "f97e00", "fb3ff199999999999a", "f4", "f7", "f8ff",
        "c11a514b67b0", "d74401020304", "4401020304", "6449455446", "83010203", "a201020304",
        "a26161016162820203", "5f42010243030405ff", "7f657374726561646d696e67ff",
        "9f018202039f0405ffff", "bf61610161629f0203ffff"}) {
    EXPECT_TRUE(skips_hex(item)) << item;
    EXPECT_FALSE(skips_hex(std::string(item) + "00")) << item;
    EXPECT_FALSE(skips_hex(std::string_view(item).substr(0, std::string_view(item).size() - 2)))
        << item;
  }
}

// RFC 8949, section 3: 28 to 30 are reserved, and pieces of a string are definite strings of its
// kind.
TEST(CborReader, refuses_what_is_not_well_formed) {
  const std::string rest(32, '0');
  for (const char* head : {"1c", "3d", "5e", "7c", "9d", "be", "dc", "fd"}) {
    EXPECT_FALSE(skips_hex(head + rest)) << head;
  }
  for (const char* item : {"7f7fff", "5f5fff", "7f4161ff", "5f6161ff", "ff", "1f", "3f", "df00ff",
                           "bf6161ff", "9bffffffffffffffff01ff"}) {
    EXPECT_FALSE(skips_hex(item)) << item;
  }
}

TEST(CborReader, goes_no_deeper_than_its_limit) {
  for (const std::string_view level : {"\x81", "\xa1\x01", "\x9f", "\xc1"}) {
    const bool open = level == "\x9f";
    for (const int levels :
         {CborReader::kMaxDepth - 2, CborReader::kMaxDepth - 1, CborReader::kMaxDepth}) {
      const std::string item =
          repeated(level, levels) + '\x01' + repeated("\xff", open ? levels : 0);
      EXPECT_EQ(skips(item), levels < CborReader::kMaxDepth) << levels;
    }
  }
}

}  // namespace
}  // namespace kinesink::kinesis
