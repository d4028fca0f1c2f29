#include "kinesis/hash_key.h"

#include <openssl/evp.h>

#include <algorithm>

#include "kinesis/limits.h"

namespace kinesink::kinesis {

HashKey hash_of(std::string_view partition_key) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(partition_key.data(), partition_key.size(), digest, &size, EVP_md5(), nullptr);
  HashKey key = 0;
  for (unsigned int i = 0; i < size; ++i) key = key << 8 | digest[i];
  return key;
}

std::optional<HashKey> parse_hash_key(std::string_view digits) {
  if (digits.empty() || digits.size() > kMaxExplicitHashKeyDigits) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  constexpr HashKey kLargest = ~HashKey{0};
  HashKey key = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto value = static_cast<HashKey>(digit - '0');
    if (key > (kLargest - value) / 10) return std::nullopt;
    key = key * 10 + value;
  }
  return key;
}

char* write_decimal(HashKey key, char* out) {
  char* end = out;
  do {
    *end++ = static_cast<char>('0' + static_cast<int>(key % 10));
    key /= 10;
  } while (key != 0);
  std::reverse(out, end);
  return end;
}

std::string to_decimal(HashKey key) {
  char digits[kMaxExplicitHashKeyDigits];
  return {digits, write_decimal(key, digits)};
}

HashKeyRange even_range(std::uint32_t shard, std::uint32_t shards) {
  // floor(2^128 / shards), although 2^128 itself does not fit.
  const HashKey largest = ~HashKey{0};
  const HashKey step = largest / shards + (largest % shards == shards - 1 ? 1 : 0);
  const HashKey first = shards == 1 ? 0 : step * shard;
  return {first, shard + 1 == shards ? largest : step * (shard + 1) - 1};
}

}  // namespace kinesink::kinesis
