#include "columnar/extension.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kinesink::columnar {
namespace {

using testing::HasSubstr;

Field make_field(TypeId type, std::string extension, std::int32_t fixed_size = 0) {
  Field field;
  field.type = type;
  field.extension_name = std::move(extension);
  field.fixed_size = fixed_size;
  return field;
}

Field coded(TypeId type, Field values, std::string extension) {
  Field field = make_field(type, std::move(extension));
  field.children.push_back(std::move(values));
  return field;
}

TEST(ExtensionTypes, are_known_by_name_and_storage) {
  EXPECT_EQ(extension_of(make_field(TypeId::utf8, "")), Extension::none);
  for (const TypeId text : {TypeId::utf8, TypeId::large_utf8, TypeId::utf8_view}) {
    EXPECT_EQ(extension_of(make_field(text, "arrow.json")), Extension::json);
    EXPECT_EQ(extension_of(make_field(text, "arroyo.json")), Extension::json);
  }
  EXPECT_EQ(extension_of(make_field(TypeId::fixed_size_binary, "arrow.uuid", 16)), Extension::uuid);
  EXPECT_EQ(extension_of(make_field(TypeId::int8, "arrow.bool8")), Extension::bool8);
  EXPECT_EQ(extension_of(make_field(TypeId::binary, "geoarrow.wkb")), Extension::unknown);
}

TEST(ExtensionTypes, of_another_storage_than_theirs_are_unknown) {
  EXPECT_EQ(extension_of(make_field(TypeId::binary, "arrow.json")), Extension::unknown);
  EXPECT_EQ(extension_of(make_field(TypeId::fixed_size_binary, "arrow.uuid", 15)),
            Extension::unknown);
  EXPECT_EQ(extension_of(make_field(TypeId::utf8, "arrow.uuid")), Extension::unknown);
  EXPECT_EQ(extension_of(make_field(TypeId::uint8, "arrow.bool8")), Extension::unknown);
}

TEST(ExtensionTypes, of_dictionaries_and_runs_are_those_of_their_values) {
  const Field uuid = make_field(TypeId::fixed_size_binary, "", 16);
  for (const TypeId type : {TypeId::dictionary, TypeId::run_end_encoded}) {
    const Field column = coded(type, uuid, "arrow.uuid");
    EXPECT_EQ(extension_of(column), Extension::uuid);
    EXPECT_EQ(extension_of(column.children[0], extension_of(column)), Extension::uuid);
    const Field nested = coded(TypeId::run_end_encoded, column, "arrow.uuid");
    EXPECT_EQ(extension_of(nested), Extension::uuid);
  }
  EXPECT_EQ(extension_of(uuid, Extension::unknown), Extension::none);
  EXPECT_EQ(extension_of(uuid, Extension::refused), Extension::none);
  EXPECT_EQ(extension_of(make_field(TypeId::int8, "arrow.bool8"), Extension::unknown),
            Extension::bool8);
}

TEST(ExtensionTypes, that_mean_nothing_to_a_reader_are_refused_with_what_to_do) {
  const auto refusal = [](const char* name) {
    const Field field = make_field(TypeId::binary, name);
    EXPECT_EQ(extension_of(field), Extension::refused) << name;
    EXPECT_THAT(refusal_of_extension(field), HasSubstr(name));
    EXPECT_THAT(refusal_of_extension(field), HasSubstr("leave the column out (exclude_columns)"));
    return refusal_of_extension(field);
  };
  EXPECT_THAT(refusal("arrow.opaque"), HasSubstr("only their producer"));
  EXPECT_THAT(refusal("arrow.fixed_shape_tensor"), HasSubstr("tensors"));
  EXPECT_THAT(refusal("arrow.variable_shape_tensor"), HasSubstr("tensors"));
  EXPECT_THAT(refusal("ray.data.arrow_tensor"), HasSubstr("tensors"));
  EXPECT_THAT(refusal("ray.data.arrow_tensor_v2"), HasSubstr("tensors"));
  EXPECT_THAT(refusal("ray.data.arrow_pickled_object"), HasSubstr("Python objects"));
  EXPECT_THAT(refusal("daft.super_extension"), HasSubstr("Python objects"));
  EXPECT_THAT(refusal("arrow.py_extension_type"), HasSubstr("Python objects"));
}

}  // namespace
}  // namespace kinesink::columnar
