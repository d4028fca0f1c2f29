#include "format/raw_plan.h"

#include <gtest/gtest.h>

#include "tests/support/payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using test_support::payloads;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

FormatOptions raw(Format format, NullValue null_value = NullValue::skip) {
  FormatOptions options;
  options.format = format;
  options.null_value = null_value;
  return options;
}

Texts raw_payloads(ArrowData column, const FormatOptions& options) {
  const std::int64_t length = column.array().length;
  return payloads(make_batch(length, std::move(column).named("value")), options);
}

TEST(RawPlan, writes_text_of_every_layout_as_it_is) {
  const Strings strings = {"a \"b\"\n", "", "größer", std::string(400, 'x')};
  const Texts texts = {"a \"b\"\n", "", "größer", std::string(400, 'x')};
  for (const Format format : {Format::raw_string, Format::raw_bytes}) {
    EXPECT_EQ(raw_payloads(make_strings<std::int32_t>("u", strings), raw(format)), texts);
    EXPECT_EQ(raw_payloads(make_strings<std::int64_t>("U", strings), raw(format)), texts);
    EXPECT_EQ(raw_payloads(make_views("vu", strings), raw(format)), texts);
    EXPECT_EQ(raw_payloads(make_values<std::int32_t>("i", {0, 1, 2, 3})
                               .with_dictionary(make_strings<std::int32_t>("u", strings)),
                           raw(format)),
              texts);
  }
}

TEST(RawPlan, writes_binaries_of_every_layout) {
  const Strings strings = {"\xff\x01", "abc"};
  const Texts texts = {"\xff\x01", "abc"};
  const FormatOptions options = raw(Format::raw_bytes);
  EXPECT_EQ(raw_payloads(make_strings<std::int32_t>("z", strings), options), texts);
  EXPECT_EQ(raw_payloads(make_strings<std::int64_t>("Z", strings), options), texts);
  EXPECT_EQ(raw_payloads(make_views("vz", strings), options), texts);
  EXPECT_EQ(raw_payloads(ArrowData("w:2", 2).none().text("\xff\x01"
                                                         "ab"),
                         options),
            (Texts{"\xff\x01", "ab"}));
}

TEST(RawPlan, treats_nulls_as_the_option_says) {
  const auto column = [] { return make_strings<std::int32_t>("u", {"a", std::nullopt}); };
  EXPECT_EQ(raw_payloads(column(), raw(Format::raw_string)), (Texts{"a", "skipped"}));
  EXPECT_EQ(raw_payloads(column(), raw(Format::raw_string, NullValue::empty)), (Texts{"a", ""}));
  EXPECT_EQ(raw_payloads(column(), raw(Format::raw_string, NullValue::error)),
            (Texts{"a",
                   "invalid_data: The value is null, which null_value = error does not allow. "
                   "(column value, row 1)"}));
  EXPECT_EQ(raw_payloads(make_values<std::int8_t>("c", {1, 0}).with_dictionary(column()),
                         raw(Format::raw_string)),
            (Texts{"skipped", "a"}));
}

TEST(RawPlan, refuses_at_start_what_it_cannot_write) {
  EXPECT_EQ(raw_payloads(make_values<std::int32_t>("i", {1}), raw(Format::raw_string)),
            (Texts{"invalid_argument: raw_string needs a column `value` of text; its type is "
                   "int32. (column value)"}));
  EXPECT_EQ(raw_payloads(make_strings<std::int32_t>("z", {"a"}), raw(Format::raw_string)),
            (Texts{"invalid_argument: raw_string needs a column `value` of text; its type is "
                   "binary. (column value)"}));
  EXPECT_EQ(raw_payloads(make_values<double>("g", {1}), raw(Format::raw_bytes)),
            (Texts{"invalid_argument: raw_bytes needs a column `value` of text or binary; its "
                   "type is float64. (column value)"}));
  EXPECT_EQ(payloads(make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                                make_values<std::int32_t>("i", {1}).named("b")),
                     raw(Format::raw_bytes)),
            (Texts{"invalid_argument: raw_bytes writes the column `value`, which the batches do "
                   "not have. Columns: a, b. (column value)"}));
  FormatOptions options = raw(Format::raw_string);
  options.include_columns = {"value"};
  EXPECT_TRUE(raw_payloads(make_strings<std::int32_t>("u", {"a"}), options)[0].starts_with(
      "invalid_argument: include_columns and exclude_columns have no meaning"));
}

TEST(RawPlan, notes_the_columns_that_it_leaves_out) {
  ArrowData data = make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                              make_strings<std::int32_t>("u", {"x"}).named("value"));
  const auto bound = test_support::bind(data, raw(Format::raw_string));
  ASSERT_EQ(bound.error, "");
  ASSERT_EQ(bound.serializer->notes().size(), 1U);
  EXPECT_EQ(bound.serializer->notes()[0],
            "raw_string writes the column `value` only; 1 other column(s) are left out.");
}

}  // namespace
}  // namespace kinesink::format
