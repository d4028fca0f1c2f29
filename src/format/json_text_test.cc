#include "format/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace kinesink::format {
namespace {

// The compact text, or `invalid`; both functions must agree.
std::string compact(const std::string& text) {
  const auto size = compact_json_size(text);
  std::string out(text.size(), '\0');
  const char* end = compact_json(text, out.data());
  if (end == nullptr) return size ? "the two disagree" : "invalid";
  out.resize(static_cast<std::size_t>(end - out.data()));
  return size == out.size() ? out : "the two disagree";
}

TEST(JsonText, keeps_everything_but_insignificant_space) {
  EXPECT_EQ(compact(" { \"a b\" : [ 1 , -0.5e+10 , true , false , null , { } , [ ] ] }\r\n\t"),
            R"({"a b":[1,-0.5e+10,true,false,null,{},[]]})");
  EXPECT_EQ(compact(R"("\"\\\/\b\f\n\r\t\u12aF é")"), R"("\"\\\/\b\f\n\r\t\u12aF é")");
  EXPECT_EQ(compact(R"({"b":1,"a":2,"b":3})"), R"({"b":1,"a":2,"b":3})");
  EXPECT_EQ(compact("123456789012345678901234567890.10"), "123456789012345678901234567890.10");
  for (const char* whole : {"0", "-0", "1E5", "1e-5", "\"\"", "[]", "{}", "[[[]]]", "null"}) {
    EXPECT_EQ(compact(whole), whole);
  }
}

// The refusals of Python's json.loads, with those it is lax about (NaN, control characters).
TEST(JsonText, refuses_what_is_not_json) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:1}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "[1 2]",
                           "1 2",
                           "01",
                           "-",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "1e+",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "tru",
                           "truee",
                           "nul",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\u123",
                           "'a'",
                           "[}",
                           "{]",
                           "[1}}",
                           "1,",
                           "\xef\xbb\xbf{}"}) {
    EXPECT_EQ(compact(text), "invalid") << text;
  }
  EXPECT_EQ(compact("\"a\nb\""), "invalid") << "a control character";
  EXPECT_EQ(compact(std::string("1\0", 2)), "invalid");
  EXPECT_EQ(compact(std::string("\"\\\0\"", 4)), "invalid");
  EXPECT_EQ(compact(std::string("[\0]", 3)), "invalid");
}

TEST(JsonText, limits_its_depth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(compact(nested(kMaxJsonTextDepth - 1)), nested(kMaxJsonTextDepth - 1));
  EXPECT_EQ(compact(nested(kMaxJsonTextDepth)), nested(kMaxJsonTextDepth));
  EXPECT_EQ(compact(nested(kMaxJsonTextDepth + 1)), "invalid");
}

}  // namespace
}  // namespace kinesink::format
