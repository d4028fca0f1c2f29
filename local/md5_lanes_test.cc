#include "local/md5_lanes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace kinesink::local {
namespace {

// The test suite of RFC 1321, section A.5, as far as it fits one block.
TEST(Md5Lanes, gives_the_digests_of_the_rfc) {
  const std::array<std::string_view, kMd5Lanes> texts = {
      "", "a", "abc", "message digest", "abcdefghijklmnopqrstuvwxyz", "", "a", "abc"};
  std::array<kinesis::HashKey, kMd5Lanes> digests;
  md5_lanes(texts, digests);
  const auto number = [](std::uint64_t high, std::uint64_t low) {
    return static_cast<kinesis::HashKey>(high) << 64 | low;
  };
  EXPECT_TRUE(digests[0] == number(0xd41d8cd98f00b204, 0xe9800998ecf8427e));
  EXPECT_TRUE(digests[1] == number(0x0cc175b9c0f1b6a8, 0x31c399e269772661));
  EXPECT_TRUE(digests[2] == number(0x900150983cd24fb0, 0xd6963f7d28e17f72));
  EXPECT_TRUE(digests[3] == number(0xf96b697d7cb7938d, 0x525a2f31aaf161d0));
  EXPECT_TRUE(digests[4] == number(0xc3fcd3d76192e400, 0x7dfb496cca67e13b));
  EXPECT_TRUE(digests[7] == digests[2]);
}

// kinesis::hash_of is OpenSSL's MD5.
TEST(Md5Lanes, agrees_with_openssl_for_every_length) {
  std::array<std::string, kMd5Lanes> texts;
  std::array<std::string_view, kMd5Lanes> views;
  std::array<kinesis::HashKey, kMd5Lanes> digests;
  for (std::size_t size = 0; size <= kLongestLaneText; ++size) {
    for (std::size_t lane = 0; lane < kMd5Lanes; ++lane) {
      const std::size_t length = (size + lane * 7) % (kLongestLaneText + 1);
      texts[lane].assign(length, static_cast<char>('!' + size + lane));
      views[lane] = texts[lane];
    }
    md5_lanes(views, digests);
    for (std::size_t lane = 0; lane < kMd5Lanes; ++lane) {
      EXPECT_TRUE(digests[lane] == kinesis::hash_of(texts[lane])) << texts[lane];
    }
  }
}

}  // namespace
}  // namespace kinesink::local
