#include "kinesink/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "base/secret.h"

namespace kinesink {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorKind::invalid_argument, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  KINESINK_ASSIGN(const int halved, half(number));
  return half(halved);
}

Result<void> check(int number) {
  KINESINK_TRY(half(number));
  return {};
}

TEST(Result, carries_a_value_or_an_error) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_TRUE(check(2));
  EXPECT_FALSE(check(3));
}

TEST(Result, holds_values_that_can_only_be_moved) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(5);
  std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 5);
}

TEST(Error, says_where_it_happened) {
  Error error{ErrorKind::invalid_data, "not a number", "Code", "id-1", "a.b", 7};
  EXPECT_EQ(error.to_string(),
            "invalid_data: not a number (column a.b, row 7, AWS code Code, request id id-1)");
  EXPECT_EQ(make_error(ErrorKind::closed, "done").to_string(), "closed: done");
}

TEST(Secret, prints_its_length_only) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "<secret of 7 characters>");
}

}  // namespace
}  // namespace kinesink
