// Foreign arrays that contradict themselves: each is refused with column, row and reason.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "columnar/column.h"
#include "tests/support/arrow_data.h"

namespace kinesink::columnar {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
const std::string kLong = "longer than twelve bytes";

struct Malformed {
  std::string name;
  std::function<ArrowData()> make;        // the column, well-formed
  std::function<void(ArrowData&)> spoil;  // may be none
  std::string expected;                   // Error::to_string()
};

void PrintTo(const Malformed& malformed, std::ostream* out) { *out << malformed.name; }

class RefusesArray : public testing::TestWithParam<Malformed> {};

TEST_P(RefusesArray, that_is_malformed) {
  ArrowData column = GetParam().make();
  const std::int64_t length = column.array().length;
  ArrowData batch = make_batch(length, std::move(column).named("c"));
  if (GetParam().spoil) GetParam().spoil(batch.child(0));
  const Result<Schema> schema = import_schema(batch.schema());
  ASSERT_TRUE(schema) << schema.error().to_string();
  Batch view;
  const Result<void> viewed = view_batch(*schema, batch.array(), view);
  ASSERT_FALSE(viewed);
  EXPECT_EQ(viewed.error().to_string(), "invalid_data: " + GetParam().expected);
}

std::string name_of_case(const testing::TestParamInfo<Malformed>& info) { return info.param.name; }

ArrowData three_ints() { return make_values<std::int32_t>("i", {1, 2, 3}); }
ArrowData three_strings() { return make_strings<std::int32_t>("u", {"a", "b", "c"}); }
ArrowData views() { return make_views("vu", {"short", kLong, kLong}); }
ArrowData list_of(ArrowData item) {
  return ArrowData("+l", 2).none().values<std::int32_t>({0, 1, 3}).with(
      std::move(item).named("item"));
}
ArrowData map_of(ArrowData key) {
  return ArrowData("+m", 2).bits({1, 1}).values<std::int32_t>({0, 1, 3}).with(
      ArrowData("+s", 3)
          .required()
          .none()
          .with(std::move(key).named("k").required())
          .with(three_ints().named("v")));
}
ArrowData dictionary_of(std::vector<std::int8_t> indices) {
  return make_values<std::int8_t>("c", indices).with_dictionary(three_strings());
}

void set_buffer(ArrowData& data, int index, const void* to) { data.array().buffers[index] = to; }
template <typename T>
void set_value(ArrowData& data, int buffer, int index, T value) {
  auto* base = static_cast<char*>(const_cast<void*>(data.array().buffers[buffer]));
  std::memcpy(base + static_cast<std::size_t>(index) * sizeof(T), &value, sizeof(T));
}

INSTANTIATE_TEST_SUITE_P(
    Frame, RefusesArray,
    testing::Values(
        Malformed{"released", three_ints, [](auto& c) { c.array().release = nullptr; },
                  "The Arrow array was released already. (column c)"},
        Malformed{"negative_length", three_ints, [](auto& c) { c.array().length = -1; },
                  "The array's length is negative. (column c)"},
        Malformed{"negative_offset", three_ints, [](auto& c) { c.array().offset = -1; },
                  "The array's offset is negative. (column c)"},
        Malformed{"overflowing_offset", three_ints, [](auto& c) { c.array().offset = kHuge; },
                  "The array's offset and length are too large. (column c)"},
        Malformed{"overflowing_width", [] { return ArrowData("w:2000000000", 1).none().text("x"); },
                  [](auto& c) { c.array().offset = kHuge / 64 - 1; },
                  "The array's offset and length are too large. (column c)"},
        Malformed{"short", three_ints, [](auto& c) { c.array().length = 2; },
                  "The array has 2 elements where 3 are needed. (column c)"},
        Malformed{"null_count_below", three_ints, [](auto& c) { c.array().null_count = -2; },
                  "The array's null count lies outside -1 to its length. (column c)"},
        Malformed{"null_count_above", three_ints, [](auto& c) { c.array().null_count = 4; },
                  "The array's null count lies outside -1 to its length. (column c)"},
        Malformed{"nulls_without_bitmap", three_ints, [](auto& c) { c.array().null_count = 1; },
                  "The array has nulls but no validity bitmap. (column c)"},
        Malformed{"no_buffer_list", three_ints, [](auto& c) { c.array().buffers = nullptr; },
                  "The array's buffers are missing. (column c)"},
        Malformed{"negative_buffer_count", three_ints, [](auto& c) { c.array().n_buffers = -1; },
                  "The array's buffers are missing. (column c)"},
        Malformed{"few_buffers", three_strings, [](auto& c) { c.array().n_buffers = 2; },
                  "The array has 2 buffers instead of 3. (column c)"},
        Malformed{"many_buffers", three_ints, [](auto& c) { c.array().n_buffers = 3; },
                  "The array has 3 buffers instead of 2. (column c)"},
        Malformed{"null_type_with_buffer", [] { return ArrowData("n", 1).none(); }, nullptr,
                  "The array has 1 buffers instead of 0. (column c)"},
        Malformed{"no_values", three_ints, [](auto& c) { set_buffer(c, 1, nullptr); },
                  "The array lacks its values buffer. (column c)"},
        Malformed{"unexpected_child", three_ints, [](auto& c) { c.array().n_children = 1; },
                  "The array has 1 children instead of 0. (column c)"},
        Malformed{"unexpected_dictionary", three_ints,
                  [](auto& c) { c.array().dictionary = &c.array(); },
                  "The array has a dictionary that the schema does not name. (column c)"}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Strings, RefusesArray,
    testing::Values(
        Malformed{"no_offsets", three_strings, [](auto& c) { set_buffer(c, 1, nullptr); },
                  "The array lacks its offsets buffer. (column c)"},
        Malformed{"no_data", three_strings, [](auto& c) { set_buffer(c, 2, nullptr); },
                  "The array lacks its data buffer. (column c)"},
        Malformed{"negative_offset", three_strings, [](auto& c) { set_value(c, 1, 0, -1); },
                  "An offset of the array is negative. (column c, row 0)"},
        Malformed{"falling_offsets", three_strings, [](auto& c) { set_value(c, 1, 2, 0); },
                  "The offsets of the array fall. (column c, row 1)"},
        Malformed{"falling_large_offsets",
                  [] {
                    return make_strings<std::int64_t>("U", {"a", "b", "c"});
                  },
                  [](auto& c) { set_value<std::int64_t>(c, 1, 3, 0); },
                  "The offsets of the array fall. (column c, row 2)"},
        Malformed{"not_utf8",
                  [] {
                    return make_strings<std::int32_t>("u", {"ä", "\xff", "ö"});
                  },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c, row 1)"},
        Malformed{"character_across_rows",
                  [] {
                    return make_strings<std::int64_t>("U", {"a\xc3", "\xa4"});
                  },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c, row 0)"},
        Malformed{"surrogate", [] { return make_strings<std::int32_t>("u", {"\xed\xa0\x80"}); },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c, row 0)"}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Views, RefusesArray,
    testing::Values(
        Malformed{"few_buffers", views, [](auto& c) { c.array().n_buffers = 2; },
                  "The array has 2 buffers instead of 3. (column c)"},
        Malformed{"no_sizes", views, [](auto& c) { set_buffer(c, 3, nullptr); },
                  "The array lacks the sizes of its data buffers. (column c)"},
        Malformed{"negative_size", views, [](auto& c) { set_value(c, 1, 0, -1); },
                  "A view points outside the array's data buffers. (column c, row 0)"},
        Malformed{"buffer_below", views, [](auto& c) { set_value(c, 1, 6, -1); },
                  "A view points outside the array's data buffers. (column c, row 1)"},
        Malformed{"buffer_above", views, [](auto& c) { set_value(c, 1, 6, 1); },
                  "A view points outside the array's data buffers. (column c, row 1)"},
        Malformed{"offset_below", views, [](auto& c) { set_value(c, 1, 7, -1); },
                  "A view points outside the array's data buffers. (column c, row 1)"},
        Malformed{"one_byte_too_far", views, [](auto& c) { set_value(c, 1, 11, 25); },
                  "A view points outside the array's data buffers. (column c, row 2)"},
        Malformed{"null_data_buffer", views, [](auto& c) { set_buffer(c, 2, nullptr); },
                  "A view points outside the array's data buffers. (column c, row 1)"},
        Malformed{"not_utf8",
                  [] {
                    return make_views("vu", {"a", "\xc3"});
                  },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c, row 1)"},
        Malformed{"long_not_utf8",
                  [] {
                    return make_views("vu", {"a", kLong + "\xc3"});
                  },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c, row 1)"}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Nested, RefusesArray,
    testing::Values(
        Malformed{"short_list_items", [] { return list_of(three_ints()); },
                  [](auto& c) { c.child(0).array().length = 2; },
                  "The array has 2 elements where 3 are needed. (column c.item)"},
        Malformed{"falling_list_offsets", [] { return list_of(three_ints()); },
                  [](auto& c) { set_value(c, 1, 2, 0); },
                  "The offsets of the array fall. (column c, row 1)"},
        Malformed{"missing_child", [] { return list_of(three_ints()); },
                  [](auto& c) { c.array().n_children = 0; },
                  "The array has 0 children instead of 1. (column c)"},
        Malformed{"null_child", [] { return list_of(three_ints()); },
                  [](auto& c) { c.array().children[0] = nullptr; },
                  "The array has a child that is null. (column c)"},
        Malformed{"bad_text_in_list",
                  [] {
                    return list_of(make_strings<std::int32_t>("u", {"a", "b", "\xff"}));
                  },
                  nullptr,
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. "
                  "(column c.item, row 1)"},
        Malformed{"short_fixed_size_list_items",
                  [] { return ArrowData("+w:2", 2).none().with(three_ints().named("item")); },
                  nullptr, "The array has 3 elements where 4 are needed. (column c.item)"},
        Malformed{"short_struct_child",
                  [] { return ArrowData("+s", 4).none().with(three_ints().named("a")); }, nullptr,
                  "The array has 3 elements where 4 are needed. (column c.a)"},
        Malformed{"short_child_of_sliced_struct",
                  [] { return ArrowData("+s", 2).none().with(three_ints().named("a")); },
                  [](auto& c) { c.array().offset = 2; },
                  "The array has 3 elements where 4 are needed. (column c.a)"},
        Malformed{"null_map_key",
                  [] {
                    return map_of(make_strings<std::int32_t>("u", {"a", "b", std::nullopt}));
                  },
                  nullptr, "A key of a map is null. (column c.k, row 1)"},
        Malformed{"null_map_entry", [] { return map_of(three_strings()); },
                  [](auto& c) {
                    static const std::uint8_t kBits = 5;
                    set_buffer(c.child(0), 0, &kBits);
                  },
                  "The entries of a map may not be null. (column c)"},
        Malformed{"map_without_value", [] { return map_of(three_strings()); },
                  [](auto& c) { c.child(0).array().n_children = 1; },
                  "The array has 1 children instead of 2. (column c)"}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Dictionaries, RefusesArray,
    testing::Values(
        Malformed{"no_dictionary", [] { return dictionary_of({0}); },
                  [](auto& c) { c.array().dictionary = nullptr; },
                  "The array lacks its dictionary. (column c)"},
        Malformed{"index_above",
                  [] {
                    return dictionary_of({0, 2, 3});
                  },
                  nullptr, "A dictionary index lies outside the dictionary. (column c, row 2)"},
        Malformed{"index_below",
                  [] {
                    return dictionary_of({0, -1});
                  },
                  nullptr, "A dictionary index lies outside the dictionary. (column c, row 1)"},
        Malformed{"bad_text_in_values", [] { return dictionary_of({0}); },
                  [](auto& c) { set_value(c.dictionary(), 2, 2, '\xff'); },
                  "A string is not valid UTF-8. Correct it, or declare the column as binary. It is "
                  "a value of the column's dictionary. (column c)"}),
    name_of_case);

std::string refusal_of(ArrowData& batch) {
  const Result<Schema> schema = import_schema(batch.schema());
  Batch view;
  const Result<void> viewed = view_batch(*schema, batch.array(), view);
  return viewed ? "accepted" : viewed.error().to_string();
}

TEST(RefusesBatch, with_null_rows) {
  ArrowData batch = ArrowData("+s", 3).bits({1, 1, 0}).with(three_ints().named("c"));
  EXPECT_EQ(refusal_of(batch),
            "invalid_data: The batch itself has null rows. Filter them out first. (row 2)");
  batch.array().length = 2;
  EXPECT_EQ(refusal_of(batch), "accepted");
}

TEST(RefusesBatch, of_another_shape) {
  ArrowData batch = make_batch(3, three_ints().named("c"));
  batch.array().n_children = 0;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The batch has 0 columns where its schema has 1.");
  batch.array().n_children = 1;
  batch.array().children = nullptr;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The batch's columns are missing.");
}

TEST(RefusesBatch, whose_frame_is_broken) {
  ArrowData batch = make_batch(3, three_ints().named("c"));
  batch.array().length = -1;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The array's length is negative.");
  batch.array().length = 3;
  batch.array().n_buffers = 0;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The array has 0 buffers instead of 1.");
  batch.array().n_buffers = 1;
  batch.array().offset = 1;
  EXPECT_EQ(refusal_of(batch),
            "invalid_data: The array has 3 elements where 4 are needed. (column c)");
  batch.array().release = nullptr;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The Arrow array was released already.");
}

TEST(RefusesBatch, with_a_missing_column) {
  ArrowData batch = make_batch(3, three_ints().named("c"));
  batch.array().children[0] = nullptr;
  EXPECT_EQ(refusal_of(batch), "invalid_data: The array of the column is missing. (column c)");
}

}  // namespace
}  // namespace kinesink::columnar
