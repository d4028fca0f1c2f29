#include "local/sequence.h"

#include <gtest/gtest.h>

#include <array>

namespace kinesink::local {
namespace {

// The two sequence numbers of the example answer in AWS's API_PutRecords, taken apart.
TEST(SequenceNumber, reads_and_writes_the_numbers_of_the_service) {
  const SequenceParts first = {1'411'403'981, 0, 0x157d, 1'411'431'220};
  EXPECT_EQ(to_sequence_number(first), "49543463076548007577105092703039560359975228518395019266");
  EXPECT_EQ(parse_sequence_number("49543463076548007577105092703039560359975228518395019266"),
            first);
  const SequenceParts second = {1'411'403'981, 1, 0x157c, 1'411'431'220};
  EXPECT_EQ(parse_sequence_number("49543463076570308322303623326179887152428262250726293522"),
            second);
}

// Expected values computed with Python's integers.
TEST(SequenceNumber, holds_every_field_to_its_end) {
  EXPECT_EQ(to_sequence_number({1'750'000'000, 0, 0, 1'750'000'000}),
            "49664278173267300915430104980444048118226187845875269634");
  EXPECT_EQ(to_sequence_number({1'750'000'000, 3, 1, 1'750'000'000}),
            "49664278173334203151025696849869864198863747559567917106");
  EXPECT_EQ(to_sequence_number({1'750'000'000, 17, 99'999, 1'750'000'123}),
            "49664278173289601660628635724476956872142147501319782674");
  EXPECT_EQ(to_sequence_number({1'750'000'000, 0, kLastSequenceIndex, 1'750'000'009}),
            "49664278173278451288029370292013607051542898015928844290");
}

TEST(SequenceNumber, refuses_what_is_not_of_its_layout) {
  const std::string good = to_sequence_number({1'750'000'000, 17, 99'999, 1'750'000'123});
  EXPECT_TRUE(parse_sequence_number(good));
  EXPECT_FALSE(parse_sequence_number(good.substr(1)));
  EXPECT_FALSE(parse_sequence_number(good + "0"));
  EXPECT_FALSE(parse_sequence_number(""));
  EXPECT_FALSE(parse_sequence_number(std::string(56, '9')));
  EXPECT_FALSE(parse_sequence_number(std::string(56, '0')));
  std::string letter = good;
  letter[10] = 'x';
  EXPECT_FALSE(parse_sequence_number(letter));
  std::string version = good;
  version.back() = version.back() == '9' ? '8' : static_cast<char>(version.back() + 1);
  EXPECT_FALSE(parse_sequence_number(version));
}

TEST(SequenceWriter, writes_what_the_conversion_writes) {
  SequenceWriter writer({1'750'000'000, 5, 0, 1'750'000'000});
  std::array<char, kSequenceDigits> text;
  std::string last;
  for (std::uint64_t index = 1; index < 5000; ++index) {
    // Several records a second, then a jump of the clock back and forth.
    const std::int64_t time =
        1'750'000'000 + static_cast<std::int64_t>(index / 700) - (index % 1000 == 0 ? 50 : 0);
    writer.write(index, time, text.data());
    const std::string written(text.data(), text.size());
    ASSERT_EQ(written, to_sequence_number({1'750'000'000, 5, index, time}));
    ASSERT_LT(last, written);
    last = written;
  }
}

TEST(SequenceWriter, follows_jumps_of_the_index) {
  SequenceWriter writer({1'750'000'000, 1, 0, 1'750'000'000});
  std::array<char, kSequenceDigits> text;
  for (const std::uint64_t index :
       {std::uint64_t{7}, std::uint64_t{7}, std::uint64_t{3}, kLastSequenceIndex}) {
    writer.write(index, 1'750'000'001, text.data());
    EXPECT_EQ(std::string(text.data(), text.size()),
              to_sequence_number({1'750'000'000, 1, index, 1'750'000'001}));
  }
}

}  // namespace
}  // namespace kinesink::local
