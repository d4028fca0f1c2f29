#include "cli/row_map.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace kinesink::cli {
namespace {

TEST(RowRanges, grow_together) {
  RowRanges ranges;
  add_range(ranges, {10, 20});
  add_range(ranges, {30, 40});
  add_range(ranges, {5, 5});
  EXPECT_EQ(ranges, (RowRanges{{10, 20}, {30, 40}}));
  add_range(ranges, {20, 25});
  EXPECT_EQ(ranges, (RowRanges{{10, 25}, {30, 40}}));
  add_range(ranges, {0, 3});
  add_range(ranges, {24, 30});
  EXPECT_EQ(ranges, (RowRanges{{0, 3}, {10, 40}}));
  add_range(ranges, {1, 100});
  EXPECT_EQ(ranges, (RowRanges{{0, 100}}));
}

TEST(RowRanges, leave_what_is_between_them) {
  const RowRanges ranges = {{0, 10}, {20, 30}};
  EXPECT_EQ(without({0, 40}, ranges), (RowRanges{{10, 20}, {30, 40}}));
  EXPECT_EQ(without({5, 25}, ranges), (RowRanges{{10, 20}}));
  EXPECT_EQ(without({12, 15}, ranges), (RowRanges{{12, 15}}));
  EXPECT_EQ(without({22, 28}, ranges), RowRanges());
  EXPECT_EQ(without({0, 5}, {}), (RowRanges{{0, 5}}));
}

// Against the slow and simple way: one flag a row.
TEST(RowRanges, agree_with_one_flag_a_row) {
  Random random(7);
  for (int life = 0; life < 200; ++life) {
    RowRanges ranges;
    std::vector<bool> flags(64);
    for (int i = 0; i < 8; ++i) {
      const auto begin = static_cast<std::int64_t>(random.below(60));
      const auto end = begin + static_cast<std::int64_t>(random.below(5));
      add_range(ranges, {begin, end});
      for (std::int64_t row = begin; row < end; ++row) flags[static_cast<std::size_t>(row)] = true;
    }
    std::vector<bool> left(64, true);
    for (const RowRange& range : without({0, 64}, ranges)) {
      for (std::int64_t row = range.begin; row < range.end; ++row)
        left[static_cast<std::size_t>(row)] = false;
    }
    EXPECT_EQ(left, flags);
    for (std::size_t i = 1; i < ranges.size(); ++i) EXPECT_LT(ranges[i - 1].end, ranges[i].begin);
  }
}

TEST(RowMap, finds_the_input_and_its_row) {
  RowMap rows;
  rows.add(0, 100, 10);
  rows.add(0, 110, 10);
  rows.add(0, 200, 5);
  rows.add(1, 0, 3);
  EXPECT_EQ(rows.find(0)->row, 100);
  EXPECT_EQ(rows.find(19)->row, 119);
  EXPECT_EQ(rows.find(20)->row, 200);
  EXPECT_EQ(rows.find(25)->input, 1U);
  EXPECT_EQ(rows.find(27)->row, 2);
  EXPECT_FALSE(rows.find(28));
}

TEST(RowMap, settles_rows_of_each_input) {
  RowMap rows;
  rows.add(0, 100, 10);  // 0 to 9
  rows.add(0, 200, 5);   // 10 to 14
  rows.add(1, 0, 3);     // 15 to 17
  std::vector<RowRanges> settled = {{{0, 100}}, {}};
  rows.settle(std::vector<RowRange>{{0, 2}, {5, 12}, {16, 18}}, settled);
  EXPECT_EQ(settled[0], (RowRanges{{0, 102}, {105, 110}, {200, 202}}));
  EXPECT_EQ(settled[1], (RowRanges{{1, 3}}));
}

}  // namespace
}  // namespace kinesink::cli
