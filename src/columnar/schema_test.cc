#include "columnar/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_data.h"

namespace kinesink::columnar {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using testing::HasSubstr;

Result<Schema> import_one(ArrowData column) {
  ArrowData batch = make_batch(0, std::move(column).named("c"));
  return import_schema(batch.schema());
}

struct FormatCase {
  const char* format;
  TypeId type;
};

class ImportSchema : public testing::TestWithParam<FormatCase> {};

TEST_P(ImportSchema, knows_the_format) {
  const Result<Schema> schema = import_one(ArrowData(GetParam().format, 0));
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ(schema->fields[0].type, GetParam().type);
  EXPECT_EQ(schema->fields[0].name, "c");
  EXPECT_TRUE(schema->fields[0].nullable);
}

// https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings
INSTANTIATE_TEST_SUITE_P(
    Formats, ImportSchema,
    testing::Values(
        FormatCase{"n", TypeId::null}, FormatCase{"b", TypeId::boolean},
        FormatCase{"c", TypeId::int8}, FormatCase{"C", TypeId::uint8},
        FormatCase{"s", TypeId::int16}, FormatCase{"S", TypeId::uint16},
        FormatCase{"i", TypeId::int32}, FormatCase{"I", TypeId::uint32},
        FormatCase{"l", TypeId::int64}, FormatCase{"L", TypeId::uint64},
        FormatCase{"e", TypeId::float16}, FormatCase{"f", TypeId::float32},
        FormatCase{"g", TypeId::float64}, FormatCase{"z", TypeId::binary},
        FormatCase{"Z", TypeId::large_binary}, FormatCase{"vz", TypeId::binary_view},
        FormatCase{"u", TypeId::utf8}, FormatCase{"U", TypeId::large_utf8},
        FormatCase{"vu", TypeId::utf8_view}, FormatCase{"d:5,2", TypeId::decimal128},
        FormatCase{"d:50,2,256", TypeId::decimal256}, FormatCase{"d:9,2,32", TypeId::decimal32},
        FormatCase{"d:18,2,64", TypeId::decimal64}, FormatCase{"tiM", TypeId::interval_months},
        FormatCase{"tiD", TypeId::interval_day_time},
        FormatCase{"tin", TypeId::interval_month_day_nano},
        FormatCase{"+us:", TypeId::sparse_union}, FormatCase{"w:16", TypeId::fixed_size_binary},
        FormatCase{"tdD", TypeId::date32}, FormatCase{"tdm", TypeId::date64},
        FormatCase{"tts", TypeId::time32}, FormatCase{"ttm", TypeId::time32},
        FormatCase{"ttu", TypeId::time64}, FormatCase{"ttn", TypeId::time64},
        FormatCase{"tss:", TypeId::timestamp}, FormatCase{"tsn:UTC", TypeId::timestamp},
        FormatCase{"tDs", TypeId::duration}, FormatCase{"tDn", TypeId::duration},
        FormatCase{"+s", TypeId::structure}));

TEST(ImportSchemaParameters, are_kept) {
  Result<Schema> schema = import_one(ArrowData("tsu:Europe/Paris", 0));
  EXPECT_EQ(schema->fields[0].unit, TimeUnit::microsecond);
  EXPECT_EQ(schema->fields[0].timezone, "Europe/Paris");
  schema = import_one(ArrowData("d:38,-4", 0));
  EXPECT_EQ(schema->fields[0].precision, 38);
  EXPECT_EQ(schema->fields[0].scale, -4);
  schema = import_one(ArrowData("w:7", 0).required());
  EXPECT_EQ(schema->fields[0].fixed_size, 7);
  EXPECT_FALSE(schema->fields[0].nullable);
  schema = import_one(ArrowData("u", 0).metadata(
      {{"other", "x"}, {"ARROW:extension:name", "arrow.json"}, {"ARROW:extension:metadata", "m"}}));
  EXPECT_EQ(schema->fields[0].extension_name, "arrow.json");
  EXPECT_EQ(schema->fields[0].extension_metadata, "m");
}

TEST(ImportSchemaParameters, that_do_not_belong_to_the_type_stay_at_their_defaults) {
  const Result<Schema> schema = import_one(ArrowData("l", 0));
  Field expected;
  expected.name = "c";
  expected.type = TypeId::int64;
  EXPECT_EQ(schema->fields[0], expected);
}

TEST(ImportSchemaNesting, gives_lists_an_item_maps_key_and_value_dictionaries_their_values) {
  Result<Schema> schema = import_one(ArrowData("+w:3", 0).with(ArrowData("i", 0).named("item")));
  EXPECT_EQ(schema->fields[0].type, TypeId::fixed_size_list);
  EXPECT_EQ(schema->fields[0].fixed_size, 3);
  EXPECT_EQ(schema->fields[0].children[0].type, TypeId::int32);

  schema = import_one(ArrowData("+m", 0).with(ArrowData("+s", 0)
                                                  .required()
                                                  .with(ArrowData("u", 0).named("k").required())
                                                  .with(ArrowData("g", 0).named("v"))));
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ(schema->fields[0].type, TypeId::map);
  ASSERT_EQ(schema->fields[0].children.size(), 2U);
  EXPECT_EQ(schema->fields[0].children[0].name, "k");
  EXPECT_EQ(schema->fields[0].children[1].type, TypeId::float64);

  schema = import_one(ArrowData("S", 0).with_dictionary(ArrowData("u", 0)));
  EXPECT_EQ(schema->fields[0].type, TypeId::dictionary);
  EXPECT_EQ(schema->fields[0].index_type, TypeId::uint16);
  EXPECT_EQ(schema->fields[0].children[0].type, TypeId::utf8);
}

TEST(ImportSchemaIndex, finds_the_first_field_of_a_name) {
  ArrowData batch = make_batch(0, ArrowData("i", 0).named("a"), ArrowData("i", 0).named("b"),
                               ArrowData("l", 0).named("b"));
  const Result<Schema> schema = import_schema(batch.schema());
  EXPECT_EQ(schema->index_of("a"), 0);
  EXPECT_EQ(schema->index_of("b"), 1);
  EXPECT_EQ(schema->index_of("B"), -1);
}

class RefuseFormat : public testing::TestWithParam<const char*> {};

TEST_P(RefuseFormat, naming_the_column) {
  const Result<Schema> schema = import_one(ArrowData(GetParam(), 0));
  ASSERT_FALSE(schema);
  EXPECT_EQ(schema.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(schema.error().column, "c");
}

INSTANTIATE_TEST_SUITE_P(Formats, RefuseFormat,
                         testing::Values("", "q", "ll", "tix", "+us", "+ux:", "+ud:0", "+r", "+vl",
                                         "+vL", "d:10,2,32", "d:19,2,64", "d:9,2,16", "d:9",
                                         "d:a,b", "d:0,0", "d:39,0", "d:77,0,256", "d:38,128",
                                         "d:38,-128", "w:", "w:-1", "+w:-1", "tsx:", "tss", "+l",
                                         "+m", "v"));

TEST(ImportSchemaNesting, gives_unions_a_child_for_each_type_id) {
  const auto make = [](const char* format) {
    return import_one(ArrowData(format, 0)
                          .with(ArrowData("i", 0).named("a"))
                          .with(ArrowData("u", 0).named("b"))
                          .with(ArrowData("n", 0).named("c")));
  };
  const Result<Schema> schema = make("+ud:3,0,1");
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ(schema->fields[0].type, TypeId::dense_union);
  EXPECT_EQ(schema->fields[0].child_of_id, (std::vector<std::int8_t>{1, 2, -1, 0}));
  EXPECT_EQ(schema->fields[0].children[1].name, "b");
  EXPECT_EQ(make("+us:0,1,127")->fields[0].child_of_id.size(), 128U);
  EXPECT_EQ(make("+us:0,1,0").error().to_string(),
            "invalid_argument: Two members of a union have the type id 0. (column c)");
  for (const char* ids : {"0,1", "0,1,2,3", "0,1,128", "-1,0,1", "0,1,", "0,,1", "0, 1,2"}) {
    EXPECT_FALSE(make(("+us:" + std::string(ids)).c_str())) << ids;
  }
}

TEST(ImportSchemaNesting, gives_run_ends_their_values) {
  const auto make = [](ArrowData ends) {
    return import_one(ArrowData("+r", 0)
                          .with(std::move(ends).named("run_ends").required())
                          .with(ArrowData("u", 0).named("values")));
  };
  const Result<Schema> schema = make(ArrowData("s", 0));
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ(schema->fields[0].type, TypeId::run_end_encoded);
  EXPECT_EQ(schema->fields[0].index_type, TypeId::int16);
  ASSERT_EQ(schema->fields[0].children.size(), 1U);
  EXPECT_EQ(schema->fields[0].children[0].type, TypeId::utf8);
  EXPECT_TRUE(make(ArrowData("i", 0)));
  EXPECT_TRUE(make(ArrowData("l", 0)));
  EXPECT_EQ(make(ArrowData("I", 0)).error().to_string(),
            "invalid_argument: Run ends are of type uint32 instead of int16, int32 or int64. "
            "(column c)");
  EXPECT_FALSE(make(ArrowData("i", 0).with_dictionary(ArrowData("i", 0))));
}

TEST(ImportSchemaNesting, gives_list_views_an_item) {
  for (const auto& [format, type] :
       {FormatCase{"+vl", TypeId::list_view}, FormatCase{"+vL", TypeId::large_list_view}}) {
    const Result<Schema> schema =
        import_one(ArrowData(format, 0).with(ArrowData("i", 0).named("item")));
    EXPECT_EQ(schema->fields[0].type, type);
    EXPECT_EQ(schema->fields[0].children[0].type, TypeId::int32);
  }
}

TEST(TypeNames, are_those_of_arrow) {
  EXPECT_EQ(name_of(TypeId::null), "null");
  EXPECT_EQ(name_of(TypeId::decimal32), "decimal32");
  EXPECT_EQ(name_of(TypeId::interval_month_day_nano), "interval_month_day_nano");
  EXPECT_EQ(name_of(TypeId::large_list_view), "large_list_view");
  EXPECT_EQ(name_of(TypeId::dense_union), "dense_union");
  EXPECT_EQ(name_of(TypeId::run_end_encoded), "run_end_encoded");
}

TEST(RefuseSchema, that_is_no_struct) {
  EXPECT_FALSE(import_schema(ArrowData("l", 0).schema()));
  ArrowData batch = ArrowData("i", 0).with_dictionary(ArrowData("+s", 0));
  EXPECT_FALSE(import_schema(batch.schema()));
}

TEST(RefuseSchema, with_broken_pointers) {
  ArrowData batch = make_batch(0, ArrowData("+s", 0).named("a").with(ArrowData("i", 0).named("b")));
  ArrowSchema& outer = batch.child(0).schema();
  ArrowSchema* const inner = outer.children[0];
  outer.children[0] = nullptr;
  EXPECT_EQ(import_schema(batch.schema()).error().column, "a");
  outer.children[0] = inner;
  inner->format = nullptr;
  EXPECT_EQ(import_schema(batch.schema()).error().column, "a.b");
  inner->format = "i";
  inner->release = nullptr;
  EXPECT_EQ(import_schema(batch.schema()).error().column, "a.b");
  outer.n_children = -1;
  EXPECT_EQ(import_schema(batch.schema()).error().column, "a");
  outer.n_children = 1;
  outer.children = nullptr;
  EXPECT_EQ(import_schema(batch.schema()).error().column, "a");
}

TEST(RefuseSchema, with_a_name_that_is_not_utf8) {
  ArrowData batch = make_batch(0, ArrowData("i", 0).named("\xff"));
  EXPECT_THAT(import_schema(batch.schema()).error().message, HasSubstr("UTF-8"));
}

ArrowData nested(int levels) {
  ArrowData column("i", 0);
  for (int i = 1; i < levels; ++i) {
    ArrowData list("+l", 0);
    column = std::move(list).with(std::move(column).named("item"));
  }
  return column;
}

TEST(SchemaDepth, is_limited) {
  EXPECT_TRUE(import_one(nested(kMaxDepth - 1)));
  EXPECT_TRUE(import_one(nested(kMaxDepth)));
  const Result<Schema> schema = import_one(nested(kMaxDepth + 1));
  ASSERT_FALSE(schema);
  EXPECT_THAT(schema.error().message, HasSubstr("deeper than 64 levels"));
}

TEST(SchemaDepth, counts_dictionaries) {
  ArrowData column = nested(1);
  for (int i = 1; i < kMaxDepth; ++i) {
    ArrowData indices("c", 0);
    column = std::move(indices).with_dictionary(std::move(column));
  }
  ArrowData indices("c", 0);
  column = std::move(indices).with_dictionary(std::move(column));
  EXPECT_FALSE(import_one(std::move(column)));
}

}  // namespace
}  // namespace kinesink::columnar
