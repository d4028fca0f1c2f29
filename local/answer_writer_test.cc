#include "local/answer_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"

namespace kinesink::local {
namespace {

using kinesis::Wire;

std::string write(Wire wire) {
  std::string text;
  AnswerWriter out(wire, text);
  out.map(7);
  out.key("text").text("a\"\\\n\x01ü");
  out.key("blob").blob(std::string("\0\xff!", 3));
  out.key("numbers").list(8);
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{23}, std::int64_t{24}, std::int64_t{256},
        std::int64_t{65'536}, std::numeric_limits<std::int64_t>::max(), std::int64_t{-1},
        std::numeric_limits<std::int64_t>::min()}) {
    out.integer(number);
  }
  out.end_list();
  out.key("yes").boolean(true);
  out.key("no").boolean(false);
  out.key("time").timestamp(1'750'000'000'012);
  out.key("empty").list(2);
  out.map(0);
  out.end_map();
  out.list(0);
  out.end_list();
  out.end_list();
  out.end_map();
  return text;
}

TEST(AnswerWriter, writes_json) {
  EXPECT_EQ(write(Wire::json),
            R"({"text":"a\"\\\u000a\u0001ü","blob":"AP8h","numbers":[0,23,24,256,65536,)"
            R"(9223372036854775807,-1,-9223372036854775808],"yes":true,"no":false,)"
            R"("time":1750000000.012,"empty":[{},[]]})");
}

// Expected bytes from Python's cbor2.
TEST(AnswerWriter, writes_cbor_of_definite_length) {
  EXPECT_EQ(to_hex(write(Wire::cbor)),
            "a764746578746761225c0a01c3bc64626c6f624300ff21676e756d6265727388001718181901001a0001"
            "00001b7fffffffffffffff203b7fffffffffffffff63796573f5626e6ff46474696d65c11b0000019774"
            "20dc0c65656d70747982a080");
}

// Sizes around the width of a head (RFC 8949, section 3).
TEST(AnswerWriter, writes_heads_of_every_width) {
  for (const auto& [size, head] : {std::pair<std::size_t, std::string>{23, "77"},
                                   {24, "7818"},
                                   {255, "78ff"},
                                   {256, "790100"},
                                   {65'535, "79ffff"},
                                   {65'536, "7a00010000"}}) {
    std::string text;
    AnswerWriter(Wire::cbor, text).text(std::string(size, 'x'));
    EXPECT_EQ(to_hex(text).substr(0, head.size()), head);
    EXPECT_EQ(text.size(), size + head.size() / 2);
  }
}

}  // namespace
}  // namespace kinesink::local
