#include "format/projection.h"

#include <gtest/gtest.h>

namespace kinesink::format {
namespace {

using Names = std::vector<std::string>;

columnar::Schema schema_of(const Names& names) {
  columnar::Schema schema;
  for (const std::string& name : names) {
    columnar::Field field;
    field.name = name;
    schema.fields.push_back(field);
  }
  return schema;
}

// The names of the columns taken, each note's presence as `!`, or the error.
std::string project_names(const Names& names, const Names& include,
                          const Names& exclude = FormatOptions().exclude_columns) {
  FormatOptions options;
  options.include_columns = include;
  options.exclude_columns = exclude;
  const auto projection = project(schema_of(names), options);
  if (!projection) return projection.error().to_string();
  std::string text;
  for (const int index : projection->columns) text += names[static_cast<std::size_t>(index)] + " ";
  return text + std::string(projection->notes.size(), '!');
}

TEST(Projection, takes_all_columns_but_the_timestamp_and_says_so) {
  EXPECT_EQ(project_names({"a", "b"}, {}), "a b ");
  EXPECT_EQ(project_names({"a", "_timestamp", "b"}, {}), "a b !");
  EXPECT_EQ(project_names({"a", "_timestamp"}, {}, {}), "a _timestamp ");
}

TEST(Projection, takes_the_included_columns_in_the_order_of_the_schema) {
  EXPECT_EQ(project_names({"a", "b", "c"}, {"c", "a"}), "a c ");
  EXPECT_EQ(project_names({"a", "_timestamp"}, {"_timestamp"}), "_timestamp ");
}

TEST(Projection, leaves_out_the_excluded_columns) {
  EXPECT_EQ(project_names({"a", "b", "_timestamp"}, {}, {"b"}), "a _timestamp ");
}

TEST(Projection, refuses_names_that_no_column_has) {
  EXPECT_EQ(project_names({"a"}, {"b"}),
            "invalid_argument: include_columns names a column that the batches do not have. "
            "(column b)");
  EXPECT_EQ(project_names({"a"}, {}, {"b"}),
            "invalid_argument: exclude_columns names a column that the batches do not have. "
            "(column b)");
  EXPECT_EQ(project_names({"a", "b"}, {"a"}, {"a"}),
            "invalid_argument: include_columns and exclude_columns both name the column. "
            "(column a)");
}

TEST(Projection, refuses_an_empty_choice) {
  const std::string error =
      "invalid_argument: No column is left to write. Change include_columns or exclude_columns.";
  EXPECT_EQ(project_names({"_timestamp"}, {}), error);
  EXPECT_EQ(project_names({"a"}, {}, {"a"}), error);
  EXPECT_EQ(project_names({}, {}), error);
}

}  // namespace
}  // namespace kinesink::format
