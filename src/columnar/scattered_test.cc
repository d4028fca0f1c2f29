// List views, unions and run ends: what a checked view shows of them, and what is refused.

#include <gtest/gtest.h>

#include "tests/support/arrow_data.h"
#include "tests/support/render_column.h"

namespace kinesink::columnar {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using test_support::render_column;
using Shorts = std::vector<std::int16_t>;
using Ints = std::vector<std::int32_t>;
using Longs = std::vector<std::int64_t>;
using Ids = std::vector<std::int8_t>;

// The rows of the batch's only column, or the error.
std::string show(ArrowData column, std::int64_t offset, std::int64_t length) {
  column.array().offset = offset;
  column.array().length = length;
  ArrowData batch = make_batch(length, std::move(column).named("c"));
  const Result<Schema> schema = import_schema(batch.schema());
  if (!schema) return schema.error().to_string();
  Batch view;
  if (const auto viewed = view_batch(*schema, batch.array(), view); !viewed) {
    return viewed.error().to_string();
  }
  return render_column(view.columns[0]);
}

std::string show(ArrowData column) {
  const std::int64_t length = column.array().length;
  return show(std::move(column), 0, length);
}

std::string refused(const std::string& text) { return "invalid_data: " + text; }

template <typename Offset>
ArrowData views_of(const char* format, const std::vector<int>& valid,
                   const std::vector<Offset>& offsets, const std::vector<Offset>& sizes,
                   ArrowData items) {
  return ArrowData(format, static_cast<std::int64_t>(offsets.size()))
      .bits(valid)
      .values(offsets)
      .values(sizes)
      .with(std::move(items).named("item"));
}

ArrowData five() { return make_values<std::int32_t>("i", {1, 2, 3, 4, 5}); }

TEST(ListViews, may_overlap_run_backwards_and_leave_items_out) {
  const auto views = [] {
    return views_of<std::int32_t>("+vl", {1, 1, 0, 1, 1}, {3, 0, 99, 1, 5}, {2, 3, -7, 1, 0},
                                  five());
  };
  EXPECT_EQ(show(views()), "[4,5] [1,2,3] null [2] []");
  EXPECT_EQ(show(views(), 1, 3), "[1,2,3] null [2]");
  EXPECT_EQ(show(views_of<std::int64_t>("+vL", {1, 1}, {4, 0}, {1, 2}, five())), "[5] [1,2]");
  ArrowData sliced = five();
  sliced.array().offset = 2;
  sliced.array().length = 3;
  EXPECT_EQ(show(views_of<std::int32_t>("+vl", {1, 1}, {1, 0}, {2, 1}, std::move(sliced))),
            "[4,5] [3]");
}

TEST(ListViews, have_items_that_no_list_holds_and_that_may_hold_garbage) {
  const auto items = [] { return make_strings<std::int32_t>("u", {"a", "\xff", "b", "\xfe"}); };
  EXPECT_EQ(show(views_of<std::int32_t>("+vl", {1, 1}, {2, 0}, {1, 1}, items())), "[b] [a]");
  EXPECT_EQ(show(views_of<std::int32_t>("+vl", {1, 0}, {2, 0}, {1, 2}, items())), "[b] null");
  EXPECT_EQ(show(views_of<std::int32_t>("+vl", {1, 1, 1}, {2, 0, 1}, {1, 1, 1}, items())),
            refused("A string is not valid UTF-8. Correct it, or declare the column as binary. "
                    "(column c.item, row 2)"));
}

TEST(ListViews, outside_their_items_are_refused) {
  const auto outside = [](std::int64_t row) {
    return refused("A list view lies outside its items. (column c, row " + std::to_string(row) +
                   ")");
  };
  const auto show_one = [](std::int64_t offset, std::int64_t size) {
    return show(views_of<std::int64_t>("+vL", {1, 1}, {0, offset}, {1, size}, five()));
  };
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(show_one(5, 0), "[1] []");
  EXPECT_EQ(show_one(4, 1), "[1] [5]");
  EXPECT_EQ(show_one(4, 2), outside(1));
  EXPECT_EQ(show_one(6, 0), outside(1));
  EXPECT_EQ(show_one(-1, 1), outside(1));
  EXPECT_EQ(show_one(0, -1), outside(1));
  EXPECT_EQ(show_one(kMost, kMost), outside(1));
  EXPECT_EQ(show_one(1, kMost), outside(1));
  ArrowData no_sizes = views_of<std::int32_t>("+vl", {1}, {0}, {1}, five());
  no_sizes.array().buffers[2] = nullptr;
  EXPECT_EQ(show(std::move(no_sizes)), refused("The array lacks its sizes buffer. (column c)"));
  ArrowData no_offsets = views_of<std::int32_t>("+vl", {1}, {0}, {1}, five());
  no_offsets.array().buffers[1] = nullptr;
  EXPECT_EQ(show(std::move(no_offsets)), refused("The array lacks its offsets buffer. (column c)"));
}

TEST(ListViews, under_a_null_parent_may_lie_anywhere) {
  EXPECT_EQ(show(ArrowData("+s", 2).bits({0, 1}).with(
                views_of<std::int32_t>("+vl", {1, 1}, {-4, 1}, {99, 1}, five()).named("a"))),
            "null ([2])");
}

TEST(ListViews, know_a_safe_range_of_any_row) {
  ArrowData batch = make_batch(
      3, ArrowData("+s", 3)
             .bits({0, 1, 0})
             .with(views_of<std::int64_t>("+vL", {1, 1, 1}, {-4, 1, 0}, {99, 2, 2}, five()))
             .named("c"));
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  const Column& views = view.columns[0].children[0];
  EXPECT_EQ(views.safe_range(0).begin, views.safe_range(0).end);
  EXPECT_EQ(views.safe_range(1).begin, 1);
  EXPECT_EQ(views.safe_range(1).end, 3);
  EXPECT_EQ(views.children[0].first, 0) << "rows that are not null may make it wider";
}

ArrowData sparse(Ids ids, ArrowData first, ArrowData second) {
  return ArrowData("+us:5,2", static_cast<std::int64_t>(ids.size()))
      .values(ids)
      .with(std::move(first).named("a"))
      .with(std::move(second).named("b"));
}

ArrowData dense(Ids ids, Ints offsets, ArrowData first, ArrowData second) {
  return ArrowData("+ud:5,2", static_cast<std::int64_t>(ids.size()))
      .values(ids)
      .values(offsets)
      .with(std::move(first).named("a"))
      .with(std::move(second).named("b"));
}

ArrowData two_texts() { return make_strings<std::int32_t>("u", {"x", std::nullopt}); }

TEST(Unions, show_the_chosen_member) {
  const auto sparse_union = [] {
    return sparse({5, 2, 2, 5}, make_values<std::int32_t>("i", {1, 2, 3, 4}),
                  make_strings<std::int32_t>("u", {"\xff", "y", std::nullopt, "\xfe"}));
  };
  EXPECT_EQ(show(sparse_union()), "0:1 1:y 1:null 0:4") << "what is not chosen may hold garbage";
  EXPECT_EQ(show(sparse_union(), 1, 2), "1:y 1:null");
  const auto dense_union = [] {
    return dense({5, 2, 5, 2, 5}, {0, 0, 2, 1, 0}, make_values<std::int32_t>("i", {1, 2, 3}),
                 two_texts());
  };
  EXPECT_EQ(show(dense_union()), "0:1 1:x 0:3 1:null 0:1");
  EXPECT_EQ(show(dense_union(), 2, 2), "0:3 1:null");
}

TEST(Unions, stand_in_structs_and_lists_that_are_sliced) {
  const auto structure = [](ArrowData member) {
    return ArrowData("+s", 0).bits({1, 1, 0, 1}).with(std::move(member).named("u"));
  };
  EXPECT_EQ(show(structure(sparse({5, 2, 2, 5}, make_values<std::int32_t>("i", {1, 2, 3, 4}),
                                  make_values<std::int8_t>("c", {5, 6, 7, 8}))),
                 1, 3),
            "(1:6) null (0:4)");
  EXPECT_EQ(show(structure(dense({5, 2, 9, 5}, {0, 1, -9, 1},
                                 make_values<std::int32_t>("i", {1, 2}), two_texts())),
                 1, 3),
            "(1:null) null (0:2)")
      << "a type id under a null parent may be anything";
  EXPECT_EQ(show(ArrowData("+l", 2).none().values<std::int32_t>({0, 2, 4}).with(
                     dense({5, 2, 2, 5}, {0, 1, 0, 1}, make_values<std::int32_t>("i", {1, 2}),
                           two_texts())
                         .named("item")),
                 1, 1),
            "[1:x,0:2]");
}

TEST(Unions, leave_out_rows_of_members_that_may_hold_garbage) {
  const auto texts = [] { return make_strings<std::int32_t>("u", {"x", "\xff", "y"}); };
  EXPECT_EQ(show(dense({2, 2}, {2, 0}, five(), texts())), "1:y 1:x");
  EXPECT_EQ(show(dense({2, 5, 2}, {2, 0, 1}, five(), texts())),
            refused("A string is not valid UTF-8. Correct it, or declare the column as binary. "
                    "(column c.b, row 2)"));
  EXPECT_EQ(show(sparse({5, 2, 5}, five(), texts())),
            refused("A string is not valid UTF-8. Correct it, or declare the column as binary. "
                    "(column c.b, row 1)"));
}

TEST(Unions, that_contradict_themselves_are_refused) {
  const std::string bad_id =
      refused("A type id of the union is none of its members'. (column c, row 1)");
  EXPECT_EQ(show(sparse({5, 0, 5}, five(), five())), bad_id);
  EXPECT_EQ(show(sparse({5, -1, 5}, five(), five())), bad_id);
  EXPECT_EQ(show(dense({2, 127}, {0, 0}, five(), five())), bad_id);
  const std::string bad_offset =
      refused("An offset of the union lies outside its member. (column c, row 1)");
  EXPECT_EQ(show(dense({2, 5}, {0, 4}, five(), five())), "1:1 0:5");
  EXPECT_EQ(show(dense({2, 5}, {0, 5}, five(), five())), bad_offset);
  EXPECT_EQ(show(dense({2, 5}, {0, -1}, five(), five())), bad_offset);
  ArrowData no_ids = sparse({5}, five(), five());
  no_ids.array().buffers[0] = nullptr;
  EXPECT_EQ(show(std::move(no_ids)), refused("The union lacks its type ids. (column c)"));
  ArrowData no_offsets = dense({5}, {0}, five(), five());
  no_offsets.array().buffers[1] = nullptr;
  EXPECT_EQ(show(std::move(no_offsets)), refused("The array lacks its offsets buffer. (column c)"));
  ArrowData nulls = sparse({5}, five(), five());
  nulls.array().null_count = 1;
  EXPECT_EQ(show(std::move(nulls)),
            refused("The array counts nulls, which its type has only in its children. (column c)"));
  EXPECT_EQ(show(sparse({5, 5, 5}, make_values<std::int32_t>("i", {1, 2}), five())),
            refused("The array has 2 elements where 3 are needed. (column c.a)"));
  EXPECT_EQ(show(ArrowData("+us:0", 1).none().values(Ids{0}).with(five().named("a"))),
            refused("The array has 2 buffers instead of 1. (column c)"));
}

ArrowData runs(std::int64_t length, ArrowData ends, ArrowData values) {
  return ArrowData("+r", length)
      .with(std::move(ends).named("run_ends").required())
      .with(std::move(values).named("values"));
}

ArrowData three_texts() { return make_strings<std::int32_t>("u", {"a", std::nullopt, "b"}); }

TEST(RunEnds, show_the_value_of_each_run) {
  EXPECT_EQ(show(runs(6, make_values<std::int16_t>("s", {1, 4, 6}), three_texts())),
            "~a ~null ~null ~null ~b ~b");
  EXPECT_EQ(show(runs(3, make_values<std::int32_t>("i", {1, 2, 3}), three_texts())), "~a ~null ~b");
  EXPECT_EQ(show(runs(2, make_values<std::int64_t>("l", {1, 1'000'000, 2'000'000}), three_texts())),
            "~a ~null")
      << "run ends may reach further than the array";
  EXPECT_EQ(show(runs(0, ArrowData("s", 0).none().none(), ArrowData("n", 0))), "");
}

TEST(RunEnds, are_counted_from_the_start_of_the_whole_array) {
  const auto make = [] {
    return runs(6, make_values<std::int16_t>("s", {1, 4, 6}), three_texts());
  };
  EXPECT_EQ(show(make(), 3, 2), "~null ~b");
  EXPECT_EQ(show(make(), 4, 2), "~b ~b");
  EXPECT_EQ(show(make(), 1, 3), "~null ~null ~null");
  EXPECT_EQ(show(make(), 6, 0), "");
  ArrowData ends = make_values<std::int16_t>("s", {99, 1, 4, 6}).sliced(1);
  ends.array().length = 3;
  ArrowData values = make_strings<std::int32_t>("u", {"\xff", "z", "a", "b"}).sliced(1);
  values.array().length = 3;
  EXPECT_EQ(show(runs(6, std::move(ends), std::move(values)), 2, 3), "~a ~a ~b");
}

TEST(RunEnds, stand_in_structs_lists_and_other_runs) {
  const auto make = [] {
    return runs(6, make_values<std::int16_t>("s", {1, 4, 6}), three_texts());
  };
  EXPECT_EQ(show(ArrowData("+s", 0).bits({1, 0, 1, 1, 1}).with(make().named("r")), 0, 5),
            "(~a) null (~null) (~null) (~b)");
  EXPECT_EQ(show(ArrowData("+s", 0).bits({1, 0, 1, 1, 1}).with(make().named("r")), 3, 2),
            "(~null) (~b)");
  EXPECT_EQ(
      show(ArrowData("+l", 2).none().values<std::int32_t>({0, 3, 6}).with(make().named("item")), 1,
           1),
      "[~null,~b,~b]");
  EXPECT_EQ(show(runs(3, make_values<std::int16_t>("s", {1, 3}),
                      runs(2, make_values<std::int32_t>("i", {1, 2}), two_texts()))),
            "~~x ~~null ~~null");
}

TEST(RunEnds, only_of_the_slice_in_use_are_checked) {
  const auto make = [] {
    return runs(0, make_values<std::int16_t>("s", {1, 4, 6, 2, 1}),
                make_strings<std::int32_t>("u", {"\xff", "x", "y", "\xff", "\xff"}));
  };
  EXPECT_EQ(show(make(), 2, 4), "~x ~x ~y ~y");
  EXPECT_EQ(show(make(), 2, 5), refused("The run ends of the array do not rise. (column c)"));
  EXPECT_EQ(show(make(), 0, 4),
            refused("A string is not valid UTF-8. Correct it, or declare the column as binary. "
                    "(column c, row 0)"));
}

TEST(RunEnds, at_the_ends_of_their_range) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto make = [](Longs ends) {
    return runs(0, make_values<std::int64_t>("l", ends), three_texts());
  };
  EXPECT_EQ(show(make({kLeast, 2, kMost}), 1, 3), "~null ~b ~b");
  EXPECT_EQ(show(make({1, kMost, kMost}), 5, 2), "~null ~null");
  EXPECT_EQ(show(make({kMost, kLeast, 0}), 5, 1), refused("The runs of the array hold 0 elements "
                                                          "where 6 are needed. (column c)"));
}

TEST(RunEnds, that_contradict_themselves_are_refused) {
  const std::string falling = refused("The run ends of the array do not rise. (column c)");
  const auto show_ends = [](Shorts ends, std::int64_t offset, std::int64_t length) {
    return show(runs(0, make_values<std::int16_t>("s", ends), three_texts()), offset, length);
  };
  EXPECT_EQ(show_ends({1, 1, 3}, 0, 3), falling);
  EXPECT_EQ(show_ends({2, 1, 3}, 0, 3), falling);
  EXPECT_EQ(show_ends({0, 1, 3}, 0, 3), "~null ~b ~b") << "empty runs before the slice are unread";
  EXPECT_EQ(show_ends({-1, 1, 3}, 0, 3), "~null ~b ~b");
  EXPECT_EQ(show_ends({1, 2, 3}, 1, 3),
            refused("The runs of the array hold 3 elements where 4 are needed. (column c)"));
  EXPECT_EQ(show_ends({}, 0, 1),
            refused("The runs of the array hold 0 elements where 1 are needed. (column c)"));
  EXPECT_EQ(show(runs(3, make_values<std::int16_t>("s", {1, 2, 3}), two_texts())),
            refused("The array has 2 elements where 3 are needed. (column c)"));
  EXPECT_EQ(show(runs(2, ArrowData("s", 2).bits({1, 0}).values(Shorts{1, 2}), two_texts())),
            refused("A run end is null. (column c)"));
  EXPECT_EQ(show(runs(2, ArrowData("s", 2).none().none(), two_texts())),
            refused("The array lacks its values buffer. (column c)"));
  ArrowData released = runs(2, make_values<std::int16_t>("s", {1, 2}), two_texts());
  released.child(0).array().release = nullptr;
  EXPECT_EQ(show(std::move(released)), refused("The Arrow array was released already. (column c)"));
}

TEST(RunEnds, are_found_from_any_guess) {
  Ints ends;
  std::vector<std::int8_t> values;
  for (std::int32_t i = 0; i < 40; ++i) {
    ends.push_back((ends.empty() ? 0 : ends.back()) + 1 + i % 3);
    values.push_back(static_cast<std::int8_t>(i));
  }
  const std::int64_t length = ends[37] - 9;
  ArrowData batch = make_batch(length, runs(length, make_values<std::int32_t>("i", ends),
                                            make_values<std::int8_t>("c", values))
                                           .sliced(7)
                                           .named("c"));
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  const Column& column = view.columns[0];
  for (std::int64_t row = 0; row < length; ++row) {
    const std::int64_t expected =
        std::upper_bound(ends.begin(), ends.end(), row + 7) - ends.begin();
    ASSERT_EQ(column.run_of(row), expected);
    for (std::int64_t near = -2; near < 42; ++near) ASSERT_EQ(column.run_of(row, near), expected);
  }
}

TEST(Scattered, liveness_is_found_through_every_layout) {
  // A bad text that is held only by a null list, in runs, in a union, in a list view.
  const auto texts = [] { return make_strings<std::int32_t>("u", {"a", "\xff", "b"}); };
  const auto list = [&](std::vector<int> valid) {
    return views_of<std::int32_t>("+vl", valid, {0, 1, 2}, {1, 1, 1}, texts());
  };
  const auto chosen = [&](std::vector<int> valid) {
    return dense({5, 2, 5}, {0, 0, 2}, list(valid), five());
  };
  const auto nested = [&](std::vector<int> valid, int dead) {
    return ArrowData("+s", 4)
        .bits({1, dead, 1, 1})
        .with(runs(4, make_values<std::int32_t>("i", {1, 2, 4}), chosen(valid)).named("r"));
  };
  EXPECT_EQ(show(nested({1, 1, 1}, 1)), "(~0:[a]) (~1:1) (~0:[b]) (~0:[b])");
  const auto with_bad = [&](int valid, int dead) {
    return ArrowData("+s", 3)
        .bits({1, dead, 1})
        .with(runs(3, make_values<std::int32_t>("i", {1, 2, 3}),
                   dense({5, 5, 5}, {0, 1, 2}, list({1, valid, 1}), five()))
                  .named("r"));
  };
  EXPECT_EQ(show(with_bad(0, 1)), "(~0:[a]) (~0:null) (~0:[b])");
  EXPECT_EQ(show(with_bad(1, 0)), "(~0:[a]) null (~0:[b])");
  EXPECT_EQ(show(with_bad(1, 1)),
            refused("A string is not valid UTF-8. Correct it, or declare the column as binary. "
                    "(column c.r.a.item, row 1)"));
}

TEST(Scattered, intervals_and_small_decimals_are_fixed_width_values) {
  EXPECT_EQ(show(make_values<std::int32_t>("tiM", {14, -1}), 1, 1), "-1");
  EXPECT_EQ(show(ArrowData("tiD", 0).none().values(Ints{9, 9, -1, 2500}), 1, 1), "-1d2500ms");
  EXPECT_EQ(show(ArrowData("tin", 0).unaligned().none().values(
                     std::vector<Interval>{{9, 9, 9}, {1, -2, 3'000'000'000}}),
                 1, 1),
            "1m-2d3000000000ns");
  EXPECT_EQ(show(make_values<std::int32_t>("d:9,2,32", {-5, 999'999'999})), "-0.05 9999999.99");
  EXPECT_EQ(show(make_values<std::int64_t>("d:18,3,64", {-1500, 1})), "-1.500 0.001");
}

}  // namespace
}  // namespace kinesink::columnar
