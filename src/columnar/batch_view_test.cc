// What a checked view shows of well-formed batches: every layout, slices everywhere, garbage where
// the format allows it.

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
using Strings = std::vector<std::optional<std::string>>;

// The rows of the batch's only column, or the error.
std::string show_batch(ArrowData& batch) {
  const Result<Schema> schema = import_schema(batch.schema());
  if (!schema) return schema.error().to_string();
  Batch view;
  if (const auto viewed = view_batch(*schema, batch.array(), view); !viewed) {
    return viewed.error().to_string();
  }
  return render_column(view.columns[0]);
}

std::string show(ArrowData column, std::int64_t offset, std::int64_t length) {
  column.array().offset = offset;
  column.array().length = length;
  ArrowData batch = make_batch(length, std::move(column).named("c"));
  return show_batch(batch);
}

std::string show(ArrowData column) {
  const std::int64_t length = column.array().length;
  return show(std::move(column), 0, length);
}

const std::string kLong = "longer than twelve bytes";

TEST(BatchView, shows_fixed_width_values) {
  EXPECT_EQ(show(make_values<std::int8_t>("c", {-128, 127})), "-128 127");
  EXPECT_EQ(show(make_values<std::uint8_t>("C", {0, 255})), "0 255");
  EXPECT_EQ(show(make_values<std::int16_t>("s", {-32768})), "-32768");
  EXPECT_EQ(show(make_values<std::uint16_t>("S", {65535})), "65535");
  EXPECT_EQ(show(make_values<std::int32_t>("i", {-5, 7})), "-5 7");
  EXPECT_EQ(show(make_values<std::uint32_t>("I", {4294967295U})), "4294967295");
  EXPECT_EQ(show(make_values<std::int64_t>("l", {-1})), "-1");
  EXPECT_EQ(show(make_values<std::uint64_t>("L", {~0ULL})), "18446744073709551615");
  EXPECT_EQ(show(make_values<std::int32_t>("tdD", {19000})), "19000");
  EXPECT_EQ(show(make_values<std::int64_t>("tsn:UTC", {12})), "12");
  EXPECT_EQ(show(ArrowData("b", 3).none().bits({1, 0, 1})), "true false true");
  EXPECT_EQ(show(ArrowData("w:2", 2).none().text("abcd")), "x6162 x6364");
  EXPECT_EQ(show(ArrowData("d:5,2", 1).none().values<std::int64_t>({-12345, -1})), "-123.45");
  EXPECT_EQ(show(ArrowData("d:5,2,256", 1).none().values<std::int64_t>({12345, 0, 0, 0})),
            "123.45");
  EXPECT_EQ(show(ArrowData("n", 2)), "null null");
}

TEST(BatchView, shows_slices_of_fixed_width_values) {
  EXPECT_EQ(show(make_values<std::int32_t>("i", {1, 2, 3, 4}), 1, 2), "2 3");
  EXPECT_EQ(show(ArrowData("b", 0).none().bits({1, 0, 0, 1, 1, 0, 0, 1, 1, 0}), 6, 4),
            "false true true false");
  EXPECT_EQ(show(ArrowData("w:2", 0).none().text("abcdef"), 1, 2), "x6364 x6566");
  EXPECT_EQ(show(ArrowData("i", 0).bits({1, 1, 0, 1}).values<std::int32_t>({1, 2, 3, 4}), 1, 3),
            "2 null 4");
}

TEST(BatchView, shows_nulls_across_bitmap_words) {
  std::vector<int> valid(200, 1);
  std::vector<std::int8_t> values(200, 7);
  valid[150] = 0;
  const auto column = [&] { return ArrowData("c", 200).bits(valid).values(values); };
  EXPECT_EQ(show(column(), 148, 4), "7 7 null 7");
  ArrowData batch = make_batch(149, column());
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  EXPECT_EQ(view.columns[0].validity, nullptr) << "the slice in use has no null";
  batch.array().length = 151;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  EXPECT_NE(view.columns[0].validity, nullptr);
  EXPECT_TRUE(view.columns[0].is_null(150));
}

TEST(BatchView, shows_strings_of_every_layout) {
  const Strings strings = {"a", std::nullopt, "", "größer", kLong};
  const std::string all = "a null  größer " + kLong;
  const std::string slice = "null  größer";
  EXPECT_EQ(show(make_strings<std::int32_t>("u", strings)), all);
  EXPECT_EQ(show(make_strings<std::int64_t>("U", strings)), all);
  EXPECT_EQ(show(make_views("vu", strings)), all);
  EXPECT_EQ(show(make_strings<std::int32_t>("u", strings), 1, 3), slice);
  EXPECT_EQ(show(make_strings<std::int64_t>("U", strings), 1, 3), slice);
  EXPECT_EQ(show(make_views("vu", strings), 1, 3), slice);
}

TEST(BatchView, shows_binaries_of_every_layout) {
  const Strings strings = {"\xff\x80", "ab", std::nullopt, std::string(13, '\xfe')};
  const std::string slice = "x6162 null xfefefefefefefefefefefefefe";
  EXPECT_EQ(show(make_strings<std::int32_t>("z", strings), 1, 3), slice);
  EXPECT_EQ(show(make_strings<std::int64_t>("Z", strings), 1, 3), slice);
  EXPECT_EQ(show(make_views("vz", strings), 1, 3), slice);
}

TEST(BatchView, shows_lists_and_slices_of_lists) {
  const auto list = [] {
    return ArrowData("+l", 4)
        .bits({1, 0, 1, 1})
        .values<std::int32_t>({0, 2, 2, 3, 5})
        .with(make_values<std::int32_t>("i", {1, 2, 3, 4, 5}).named("item"));
  };
  EXPECT_EQ(show(list()), "[1,2] null [3] [4,5]");
  EXPECT_EQ(show(list(), 2, 2), "[3] [4,5]");
  ArrowData sliced_items = list();
  sliced_items.child(0).array().offset = 1;
  sliced_items.child(0).array().length = 4;
  EXPECT_EQ(show(std::move(sliced_items), 0, 3), "[2,3] null [4]");
  EXPECT_EQ(show(ArrowData("+L", 2).none().values<std::int64_t>({0, 2, 3}).with(
                make_strings<std::int32_t>("u", {"a", "b", "c"}).named("item"))),
            "[a,b] [c]");
  EXPECT_EQ(show(ArrowData("+w:2", 0).bits({1, 0, 1}).with(
                     make_values<std::int8_t>("c", {1, 2, 3, 4, 5, 6}).named("item")),
                 1, 2),
            "null [5,6]");
}

TEST(BatchView, shows_structs_whose_every_level_is_sliced) {
  const auto structure = [] {
    return ArrowData("+s", 3)
        .bits({1, 1, 0})
        .with(make_values<std::int32_t>("i", {1, 2, 3, 4}).named("a").sliced(1))
        .with(make_strings<std::int32_t>("u", {"x", "y", std::nullopt}).named("b"));
  };
  // The child's own offset, the struct's and the batch's add up.
  ArrowData column = structure();
  column.child(0).array().length = 3;
  EXPECT_EQ(show(std::move(column), 1, 2), "(3,y) null");
  ArrowData nested = ArrowData("+s", 3).none().with(structure().named("s"));
  nested.child(0).child(0).array().length = 3;
  ArrowData batch = make_batch(3, std::move(nested).named("c"));
  batch.array().offset = 1;
  batch.array().length = 1;
  EXPECT_EQ(show_batch(batch), "((3,y))");
}

TEST(BatchView, shows_maps_and_slices_of_maps) {
  const auto map = [] {
    return ArrowData("+m", 3)
        .bits({1, 0, 1})
        .values<std::int32_t>({0, 2, 2, 3})
        .with(ArrowData("+s", 3)
                  .required()
                  .none()
                  .named("entries")
                  .with(make_strings<std::int32_t>("u", {"k", "l", "m"}).named("key").required())
                  .with(ArrowData("i", 3).bits({1, 0, 1}).values<std::int32_t>({7, 8, 9}).named(
                      "value")));
  };
  EXPECT_EQ(show(map()), "{k=7,l=null} null {m=9}");
  EXPECT_EQ(show(map(), 1, 2), "null {m=9}");
  ArrowData sliced_entries = map();
  sliced_entries.child(0).array().offset = 1;
  sliced_entries.child(0).array().length = 2;
  EXPECT_EQ(show(std::move(sliced_entries), 0, 1), "{l=null,m=9}");
}

TEST(BatchView, shows_dictionaries_of_every_index_type) {
  const auto show_indices = [](ArrowData indices) {
    ArrowData values = make_strings<std::int32_t>("u", {"skipped", "one", "two", std::nullopt});
    values.array().offset = 1;
    values.array().length = 3;
    return show(std::move(indices).with_dictionary(std::move(values)), 1, 3);
  };
  const std::string expected = "@two @null @one";
  EXPECT_EQ(show_indices(make_values<std::int8_t>("c", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::uint8_t>("C", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::int16_t>("s", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::uint16_t>("S", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::int32_t>("i", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::uint32_t>("I", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::int64_t>("l", {9, 1, 2, 0})), expected);
  EXPECT_EQ(show_indices(make_values<std::uint64_t>("L", {9, 1, 2, 0})), expected);
}

TEST(BatchView, reads_buffers_at_odd_addresses) {
  EXPECT_EQ(show(ArrowData("l", 2).unaligned().bits({1, 1}).values<std::int64_t>({-1, 5})), "-1 5");
  EXPECT_EQ(show(ArrowData("u", 2).unaligned().none().values<std::int32_t>({0, 1, 3}).text("aäx")),
            "a ä");
  EXPECT_EQ(show(ArrowData("vu", 1)
                     .unaligned()
                     .none()
                     .text(std::string("\1\0\0\0a", 5) + std::string(11, '\0'))
                     .none()),
            "a");
  EXPECT_EQ(show(ArrowData("i", 1).unaligned().none().values<std::int32_t>({0}).with_dictionary(
                make_values<double>("g", {0.0}))),
            "@0");
}

TEST(BatchView, allows_null_buffers_where_nothing_is_stored) {
  EXPECT_EQ(show(ArrowData("l", 0).none().none()), "");
  EXPECT_EQ(show(ArrowData("u", 0).none().none().none()), "");
  EXPECT_EQ(show(ArrowData("u", 2).none().values<std::int32_t>({0, 0, 0}).none()), " ");
  EXPECT_EQ(show(ArrowData("vu", 0).none().none().none()), "");
  EXPECT_EQ(show(ArrowData("+l", 0).none().none().with(ArrowData("i", 0).none().none())), "");
  EXPECT_EQ(show(ArrowData("+w:0", 2).none().with(ArrowData("i", 0).none().none())), "[] []");
  ArrowData batch = make_batch(3);
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view)) << "a batch may have no columns";
  EXPECT_EQ(view.length, 3);
}

TEST(BatchView, allows_garbage_in_null_slots) {
  EXPECT_EQ(show(ArrowData("u", 3)
                     .bits({1, 0, 1})
                     .values<std::int32_t>({0, 1, 3, 4})
                     .text("a\xff\xfe"
                           "b")),
            "a null b");
  EXPECT_EQ(show(ArrowData("c", 2).bits({0, 1}).values<std::int8_t>({-7, 0}).with_dictionary(
                make_values<std::int8_t>("c", {3}))),
            "null @3");
  ArrowData views = make_views("vu", {kLong, "b"});
  const std::int32_t wild = -5;
  std::memcpy(const_cast<char*>(static_cast<const char*>(views.array().buffers[1])), &wild, 4);
  *const_cast<char*>(static_cast<const char*>(views.array().buffers[0])) = 2;
  EXPECT_EQ(show(std::move(views)), "null b");
}

TEST(BatchView, allows_garbage_under_null_parents) {
  const auto bad_text = [] {
    return ArrowData("u", 2).none().values<std::int32_t>({0, 1, 2}).text(
        "\xff"
        "b");
  };
  EXPECT_EQ(show(ArrowData("+s", 2).bits({0, 1}).with(bad_text().named("a"))), "null (b)");
  EXPECT_EQ(show(ArrowData("+l", 3)
                     .bits({1, 0, 1})
                     .values<std::int32_t>({0, 0, 1, 2})
                     .with(bad_text().named("item"))),
            "[] null [b]");
  EXPECT_EQ(show(ArrowData("+w:1", 2).bits({0, 1}).with(bad_text().named("item"))), "null [b]");
  ArrowData views = make_views("vu", {kLong, "b"});
  const std::int32_t wild = 7;  // no such buffer
  std::memcpy(const_cast<char*>(static_cast<const char*>(views.array().buffers[1])) + 8, &wild, 4);
  EXPECT_EQ(show(ArrowData("+s", 2).bits({0, 1}).with(std::move(views).named("a"))), "null (b)");
  // Two levels up.
  EXPECT_EQ(show(ArrowData("+s", 2).bits({0, 1}).with(
                ArrowData("+l", 2).none().values<std::int32_t>({0, 1, 2}).with(
                    bad_text().named("item")))),
            "null ([b])");
}

TEST(BatchView, looks_only_at_the_slice_in_use) {
  // Rows outside hold falling offsets, bad text, bad indices, a bad list.
  EXPECT_EQ(show(ArrowData("u", 0).none().values<std::int32_t>({9, 0, 1, -4}).text("a"), 1, 1),
            "a");
  EXPECT_EQ(show(ArrowData("u", 0).none().values<std::int32_t>({0, 1, 2}).text("\xff"
                                                                               "b"),
                 1, 1),
            "b");
  EXPECT_EQ(show(make_values<std::int8_t>("c", {-1, 0, 5})
                     .with_dictionary(make_values<std::int8_t>("c", {3})),
                 1, 1),
            "@3");
  EXPECT_EQ(show(ArrowData("+l", 0).none().values<std::int32_t>({0, 1, 2}).with(
                     ArrowData("u", 2).none().values<std::int32_t>({-3, 0, 1}).text("a")),
                 1, 1),
            "[a]");
}

TEST(BatchView, shows_no_rows_where_no_row_is_in_use) {
  // The lists are empty, and begin behind the first item.
  ArrowData list = ArrowData("+l", 2).none().values<std::int32_t>({2, 2, 2}).with(
      make_strings<std::int32_t>("u", {"a", "\xff"}).named("item"));
  ArrowData batch = make_batch(2, std::move(list).named("c"));
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  EXPECT_EQ(render_column(view.columns[0]), "[] []");
  EXPECT_EQ(view.columns[0].children[0].length, 0);
  EXPECT_EQ(view.columns[0].children[0].offset, 0);
}

TEST(BatchView, never_releases) {
  ArrowData batch = make_batch(1, make_values<std::int8_t>("c", {1}));
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  batch.child(0).array().n_buffers = 1;
  ASSERT_FALSE(view_batch(*schema, batch.array(), view));
  EXPECT_NE(batch.schema().release, nullptr);
  EXPECT_NE(batch.array().release, nullptr);
  EXPECT_NE(batch.child(0).array().release, nullptr);
}

}  // namespace
}  // namespace kinesink::columnar
