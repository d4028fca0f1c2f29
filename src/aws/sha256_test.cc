#include "aws/sha256.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace kinesink::aws {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, gives_the_published_digests) {
  const std::string_view bodies[] = {"", "abc",
                                     "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"};
  Digest digests[3];
  hash_bodies(bodies, digests);
  EXPECT_EQ(hex(digests[0]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(digests[1]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(digests[2]), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// sha256() is OpenSSL's.
TEST(Sha256, agrees_with_openssl_for_every_length_and_any_company) {
  Random random(7);
  std::string bytes(5000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  for (std::size_t count = 0; count <= 9; ++count) {
    for (std::size_t length = 0; length < 200; ++length) {
      std::vector<std::string_view> bodies;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = i == 0 ? length : random.below(4000);
        bodies.push_back(std::string_view(bytes).substr(random.below(1000), size));
      }
      std::vector<Digest> digests(count);
      hash_bodies(bodies, digests);
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(digests[i], sha256(bodies[i])) << count << ' ' << length;
    }
  }
}

}  // namespace
}  // namespace kinesink::aws
