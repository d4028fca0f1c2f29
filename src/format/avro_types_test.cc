// The Avro type and the value of each Arrow type.
#include <gtest/gtest.h>

#include "base/units.h"
#include "tests/support/avro_payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::avro_rows;
using test_support::avro_type;
using test_support::avro_values;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;
using Texts = std::vector<std::string>;

std::string invalid(const std::string& message, int row, const char* column = "c") {
  return "invalid_data: " + message + " (column " + column + ", row " + std::to_string(row) + ")";
}

const std::string kRange =
    "The value lies outside of what its type in the Avro schema holds (for a time: outside the "
    "day).";

TEST(AvroTypes, integers_are_int_where_they_fit_and_long_elsewhere) {
  EXPECT_EQ(avro_type(make_values<std::int8_t>("c", {})), R"(["null","int"])");
  EXPECT_EQ(avro_type(make_values<std::uint16_t>("S", {}).required()), R"("int")");
  EXPECT_EQ(avro_type(make_values<std::uint32_t>("I", {})), R"(["null","long"])");
  EXPECT_EQ(avro_values(make_values<std::int8_t>("c", {-128, 127})), (Texts{"-128", "127"}));
  EXPECT_EQ(avro_values(make_values<std::uint8_t>("C", {0, 255})), (Texts{"0", "255"}));
  EXPECT_EQ(avro_values(make_values<std::int16_t>("s", {-32768, 64})), (Texts{"-32768", "64"}));
  EXPECT_EQ(avro_values(make_values<std::uint16_t>("S", {65535})), (Texts{"65535"}));
  EXPECT_EQ(avro_values(make_values<std::int32_t>("i", {INT32_MIN, INT32_MAX, -1})),
            (Texts{"-2147483648", "2147483647", "-1"}));
  EXPECT_EQ(avro_values(make_values<std::uint32_t>("I", {UINT32_MAX})), (Texts{"4294967295"}));
}

TEST(AvroTypes, longs_of_every_length) {
  std::vector<std::int64_t> values;
  Texts texts;
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t bits : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1,
                                     ~(std::uint64_t{1} << bit), 0 - (std::uint64_t{1} << bit)}) {
      values.push_back(static_cast<std::int64_t>(bits));
      texts.push_back(std::to_string(values.back()));
    }
  }
  EXPECT_EQ(avro_values(make_values("l", values)), texts);
  EXPECT_EQ(avro_values(make_values("l", values).required()), texts);
}

TEST(AvroTypes, uint64_is_long_with_a_range_or_decimal) {
  const auto values = [] {
    return make_values<std::uint64_t>("L", {0, INT64_MAX, std::uint64_t{1} << 63, UINT64_MAX});
  };
  EXPECT_EQ(avro_type(values()), R"(["null","long"])");
  EXPECT_EQ(avro_values(values()),
            (Texts{"0", "9223372036854775807", invalid(kRange, 2), invalid(kRange, 3)}));
  FormatOptions options;
  options.avro_uint64 = AvroUint64::decimal;
  EXPECT_EQ(avro_type(values(), options),
            R"(["null",{"type":"bytes","logicalType":"decimal","precision":20,"scale":0}])");
  EXPECT_EQ(
      avro_values(values(), options),
      (Texts{"x'00'", "x'7fffffffffffffff'", "x'008000000000000000'", "x'00ffffffffffffffff'"}));
}

TEST(AvroTypes, floats_keep_their_bits) {
  EXPECT_EQ(avro_type(make_values<std::uint16_t>("e", {})), R"(["null","float"])");
  EXPECT_EQ(avro_values(make_values<std::uint16_t>("e", {0x3c00, 0xfc00})), (Texts{"1", "-inf"}));
  EXPECT_EQ(avro_values(make_values<float>("f", {0.5F, -0.0F})), (Texts{"0.5", "-0"}));
  EXPECT_EQ(avro_values(make_values<double>("g", {0.1, 1e300})),
            (Texts{"0.10000000000000001", "1.0000000000000001e+300"}));
  EXPECT_EQ(avro_values(ArrowData("b", 3).bits({1, 0, 1}).bits({1, 1, 0})),
            (Texts{"true", "null", "false"}));
}

TEST(AvroTypes, decimals_are_as_short_as_they_can_be) {
  const auto values = [](const char* format) {
    return make_values<Int128>(format, {0, -1, 127, 128, -128, -129, 99999});
  };
  EXPECT_EQ(avro_type(values("d:5,2")),
            R"(["null",{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}])");
  EXPECT_EQ(avro_values(values("d:5,2")),
            (Texts{"x'00'", "x'ff'", "x'7f'", "x'0080'", "x'80'", "x'ff7f'", "x'01869f'"}));
  EXPECT_EQ(avro_values(make_values<Int128>("d:4,2", {9999, 10000})),
            (Texts{"x'270f'",
                   invalid("The decimal has more digits than the 4 that its types allow.", 1)}));
  FormatOptions options;
  options.avro_decimal = AvroDecimal::fixed;
  EXPECT_EQ(avro_type(values("d:5,2"), options),
            R"(["null",{"type":"fixed","name":"Row_c","size":3,"logicalType":"decimal",)"
            R"("precision":5,"scale":2}])");
  EXPECT_EQ(avro_values(values("d:5,2"), options),
            (Texts{"x'000000'", "x'ffffff'", "x'00007f'", "x'000080'", "x'ffff80'", "x'ffff7f'",
                   "x'01869f'"}));
}

TEST(AvroTypes, decimals_of_any_scale_fit_what_avro_allows) {
  EXPECT_EQ(avro_type(make_values<Int128>("d:3,-2", {})),
            R"(["null",{"type":"bytes","logicalType":"decimal","precision":5,"scale":0}])");
  EXPECT_EQ(avro_values(make_values<Int128>("d:3,-2", {12, -999})),
            (Texts{"x'04b0'", "x'fe79c4'"}));  // 1200, -99900
  EXPECT_EQ(avro_type(make_values<Int128>("d:3,10", {})),
            R"(["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":10}])");
  // 10^127 has 422 bits: 53 bytes, and 127 zeros in base 2 at its end.
  const Texts large = avro_values(ArrowData("d:1,-127,256", 1).none().values<Int128>({1, 0}));
  ASSERT_FALSE(large.empty());
  EXPECT_EQ(large[0].size(), 3 + 2 * 53U);
  EXPECT_TRUE(large[0].ends_with("000000000000000'"));
}

TEST(AvroTypes, text_and_bytes_of_every_layout) {
  const Texts texts = {"\"\"", "null", "\"" + std::string(200, 'x') + "\"", "\"é\""};
  const std::vector<std::optional<std::string>> values = {"", std::nullopt, std::string(200, 'x'),
                                                          "é"};
  EXPECT_EQ(avro_values(make_strings<std::int32_t>("u", values)), texts);
  EXPECT_EQ(avro_values(make_strings<std::int64_t>("U", values)), texts);
  EXPECT_EQ(avro_values(make_views("vu", values)), texts);
  const std::vector<std::optional<std::string>> bytes = {"a\xff", std::nullopt};
  for (const Texts& found : {avro_values(make_strings<std::int32_t>("z", bytes)),
                             avro_values(make_strings<std::int64_t>("Z", bytes)),
                             avro_values(make_views("vz", bytes))}) {
    EXPECT_EQ(found, (Texts{"x'61ff'", "null"}));
  }
  EXPECT_EQ(avro_type(ArrowData("w:3", 0).none().none()),
            R"(["null",{"type":"fixed","name":"Row_c","size":3}])");
  EXPECT_EQ(avro_values(ArrowData("w:3", 2).bits({1, 0}).text("abcdef")),
            (Texts{"x'616263'", "null"}));
}

TEST(AvroTypes, text_of_every_length_up_to_a_few_blocks) {
  std::vector<std::optional<std::string>> values;
  Texts texts;
  for (std::size_t size = 0; size < 150; ++size) {
    values.emplace_back(std::string(size, static_cast<char>('a' + size % 26)));
    texts.push_back("\"" + *values.back() + "\"");
  }
  EXPECT_EQ(avro_values(make_strings<std::int32_t>("u", values)), texts);
}

TEST(AvroTypes, uuids_are_text_or_sixteen_bytes) {
  const auto uuids = [] {
    return ArrowData("w:16", 1)
        .metadata({{"ARROW:extension:name", "arrow.uuid"}})
        .none()
        .text("\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10");
  };
  EXPECT_EQ(avro_type(uuids()), R"(["null",{"type":"string","logicalType":"uuid"}])");
  EXPECT_EQ(avro_values(uuids()), (Texts{"\"01234567-89ab-cdef-fedc-ba9876543210\""}));
  FormatOptions options;
  options.avro_uuid = AvroUuid::fixed;
  EXPECT_EQ(avro_type(uuids(), options),
            R"(["null",{"type":"fixed","name":"Row_c","size":16,"logicalType":"uuid"}])");
  EXPECT_EQ(avro_values(uuids(), options), (Texts{"x'0123456789abcdeffedcba9876543210'"}));
}

TEST(AvroTypes, dates_and_times) {
  EXPECT_EQ(avro_type(make_values<std::int32_t>("tdD", {})),
            R"(["null",{"type":"int","logicalType":"date"}])");
  EXPECT_EQ(avro_values(make_values<std::int32_t>("tdD", {-719528, 1})), (Texts{"-719528", "1"}));
  EXPECT_EQ(avro_values(make_values<std::int64_t>("tdm", {-86'400'000, 1, INT64_MAX})),
            (Texts{"-1", invalid("The date has a time of day, which Avro's date does not hold.", 1),
                   invalid(kRange, 2)}));
  EXPECT_EQ(avro_type(make_values<std::int32_t>("tts", {})),
            R"(["null",{"type":"int","logicalType":"time-millis"}])");
  EXPECT_EQ(avro_values(make_values<std::int32_t>("tts", {86'399, 86'400, -1})),
            (Texts{"86399000", invalid(kRange, 1), invalid(kRange, 2)}));
  EXPECT_EQ(avro_values(make_values<std::int32_t>("ttm", {86'399'999})), (Texts{"86399999"}));
  EXPECT_EQ(avro_type(make_values<std::int64_t>("ttu", {})),
            R"(["null",{"type":"long","logicalType":"time-micros"}])");
  EXPECT_EQ(avro_type(make_values<std::int64_t>("ttn", {})),
            R"(["null",{"type":"long","logicalType":"time-nanos"}])");
  EXPECT_EQ(avro_values(make_values<std::int64_t>("ttn", {86'399'999'999'999})),
            (Texts{"86399999999999"}));
}

TEST(AvroTypes, timestamps_with_a_zone_are_instants_and_others_local) {
  const char* const kFormats[][2] = {
      {"tss:", "local-timestamp-millis"}, {"tsm:", "local-timestamp-millis"},
      {"tsu:", "local-timestamp-micros"}, {"tsn:", "local-timestamp-nanos"},
      {"tss:UTC", "timestamp-millis"},    {"tsm:Europe/Paris", "timestamp-millis"},
      {"tsu:+05:30", "timestamp-micros"}, {"tsn:UTC", "timestamp-nanos"}};
  for (const auto& [format, logical] : kFormats) {
    EXPECT_EQ(avro_type(make_values<std::int64_t>(format, {})),
              R"(["null",{"type":"long","logicalType":")" + std::string(logical) + "\"}]");
    const bool is_seconds = std::string_view(format).starts_with("tss");
    EXPECT_EQ(avro_values(make_values<std::int64_t>(format, {-1, 5})),
              is_seconds ? (Texts{"-1000", "5000"}) : (Texts{"-1", "5"}));
  }
  constexpr std::int64_t kMost = INT64_MAX / 1'000;
  EXPECT_EQ(avro_values(make_values<std::int64_t>("tss:", {kMost, kMost + 1, -kMost - 1})),
            (Texts{"9223372036854775000", invalid(kRange, 1), invalid(kRange, 2)}));
  EXPECT_EQ(avro_type(make_values<std::int64_t>("tDu", {})),
            R"(["null",{"type":"long","logicalType":"arrow.duration-micros"}])");
  EXPECT_EQ(avro_values(make_values<std::int64_t>("tDs", {INT64_MIN})),
            (Texts{"-9223372036854775808"}));
}

ArrowData list_of(const char* format, ArrowData items, const std::vector<int>& valid,
                  const std::vector<std::int32_t>& offsets) {
  return ArrowData(format, static_cast<std::int64_t>(valid.size()))
      .bits(valid)
      .values(offsets)
      .with(std::move(items).named("item"));
}

TEST(AvroTypes, lists_maps_and_structs) {
  EXPECT_EQ(avro_values(list_of("+l", make_values<std::int32_t>("i", {1, 2, 3}), {1, 0, 1, 1},
                                {0, 2, 2, 2, 3})),
            (Texts{"[1,2]", "null", "[]", "[3]"}));
  EXPECT_EQ(avro_values(ArrowData("+w:2", 2).none().with(
                make_values<std::int32_t>("i", {1, 2, 3, 4}).named("item"))),
            (Texts{"[1,2]", "[3,4]"}));
  const auto map = [](ArrowData keys) {
    return ArrowData("+m", 2).none().values<std::int32_t>({0, 2, 2}).with(
        ArrowData("+s", 2)
            .required()
            .none()
            .named("entries")
            .with(std::move(keys).named("key").required())
            .with(make_values<std::int32_t>("i", {1, 2}).named("value")));
  };
  EXPECT_EQ(avro_type(map(make_views("vu", {"a", "b"}))),
            R"(["null",{"type":"map","values":["null","int"]}])");
  EXPECT_EQ(avro_values(map(make_views("vu", {"a", "b"}))), (Texts{R"({"a":1,"b":2})", "{}"}));
  EXPECT_EQ(avro_type(map(make_values<std::int8_t>("c", {7, 8}))),
            R"(["null",{"type":"array","logicalType":"map","items":{"type":"record",)"
            R"("name":"Row_c","fields":[{"name":"key","type":"int"},{"name":"value",)"
            R"("type":["null","int"]}]}}])");
  EXPECT_EQ(avro_values(map(make_values<std::int8_t>("c", {7, 8}))),
            (Texts{R"([{"key":7,"value":1},{"key":8,"value":2}])", "[]"}));
}

TEST(AvroTypes, a_null_struct_hides_members_that_may_not_be_null) {
  ArrowData object = ArrowData("+s", 2).bits({0, 1}).with(
      ArrowData("i", 2).required().bits({0, 1}).values<std::int32_t>({1, 2}).named("x"));
  EXPECT_EQ(avro_values(std::move(object)), (Texts{"null", R"({"x":2})"}));
  const Texts bare =
      avro_values(ArrowData("i", 2).required().bits({0, 1}).values<std::int32_t>({1, 2}));
  EXPECT_EQ(bare, (Texts{invalid("The value is null, which its type in the Avro schema does not "
                                 "take.",
                                 0),
                         "2"}));
}

TEST(AvroTypes, dictionaries_are_their_values_or_an_enum) {
  const auto coded = [](std::vector<std::optional<std::string>> values) {
    return ArrowData("c", 4)
        .bits({1, 1, 0, 1})
        .values<std::int8_t>({1, 0, 9, 2})
        .with_dictionary(make_strings<std::int32_t>("u", values));
  };
  EXPECT_EQ(avro_type(coded({"a", "b", std::nullopt})), R"(["null","string"])");
  EXPECT_EQ(avro_values(coded({"a", "b", std::nullopt})),
            (Texts{"\"b\"", "\"a\"", "null", "null"}));
  FormatOptions options;
  options.avro_dictionary = AvroDictionary::enumeration;
  EXPECT_EQ(avro_type(coded({"a", "b", std::nullopt}), options),
            R"(["null",{"type":"enum","name":"Row_c","symbols":["a","b"]}])");
  EXPECT_EQ(avro_values(coded({"a", "b", std::nullopt}), options),
            (Texts{"b", "a", "null", "null"}));
  EXPECT_EQ(avro_values(coded({"a", "not a name", "c"}), options),
            (Texts{"invalid_data: avro.dictionary = enum: value 1 of the dictionary is not a name "
                   "of Avro ([A-Za-z_][A-Za-z0-9_]*). Set avro.dictionary = value. (column c)"}));
}

TEST(AvroTypes, a_dictionary_of_a_dictionary_is_an_enum_too) {
  FormatOptions options;
  options.avro_dictionary = AvroDictionary::enumeration;
  EXPECT_EQ(
      avro_values(
          ArrowData("c", 3).none().values<std::int8_t>({0, 1, 2}).with_dictionary(
              ArrowData("c", 3).bits({1, 0, 1}).values<std::int8_t>({0, 0, 1}).with_dictionary(
                  make_strings<std::int32_t>("u", {"a", std::nullopt}))),
          options),
      (Texts{"a", "null", "null"}));
}

TEST(AvroTypes, an_enum_keeps_the_symbols_of_the_first_dictionary) {
  const auto batch = [](std::vector<std::optional<std::string>> values) {
    return make_batch(2, ArrowData("c", 2)
                             .none()
                             .values<std::int8_t>({0, 1})
                             .with_dictionary(make_strings<std::int32_t>("u", values))
                             .named("c"));
  };
  FormatOptions options;
  options.format = Format::avro;
  options.avro_dictionary = AvroDictionary::enumeration;
  ArrowData first = batch({"a", "b"});
  ArrowData second = batch({"b", "z"});
  auto bound = test_support::bind(first, options);
  ASSERT_EQ(bound.error, "");
  ASSERT_TRUE(columnar::view_batch(*bound.schema, second.array(), *bound.batch));
  ASSERT_TRUE(bound.serializer->bind(*bound.batch));
  EXPECT_EQ(test_support::payload(bound, 0), "\x02\x02");
  EXPECT_EQ(test_support::payload(bound, 1),
            invalid("The value is none of the symbols of its enum in the Avro schema.", 1));
}

TEST(AvroTypes, intervals_are_durations_where_those_hold_them) {
  const std::string error =
      "The interval has a negative part, a part of a millisecond, or more milliseconds than Avro's "
      "duration holds.";
  EXPECT_EQ(avro_type(make_values<std::int32_t>("tiM", {})),
            R"(["null",{"type":"fixed","name":"Row_c","size":12,"logicalType":"duration"}])");
  EXPECT_EQ(avro_values(make_values<std::int32_t>("tiM", {14, -1})),
            (Texts{"x'0e0000000000000000000000'", invalid(error, 1)}));
  EXPECT_EQ(avro_values(ArrowData("tiD", 1).none().values<std::int32_t>({2, 3})),
            (Texts{"x'000000000200000003000000'"}));
  EXPECT_EQ(avro_values(ArrowData("tin", 2).none().values<std::int64_t>(
                {1 | std::int64_t{2} << 32, 3'000'000, 0, 1})),
            (Texts{"x'010000000200000003000000'", invalid(error, 1)}));
}

TEST(AvroTypes, small_decimals_and_bools_of_eight_bits) {
  EXPECT_EQ(avro_values(make_values<std::int32_t>("d:5,2,32", {-1, 300})),
            (Texts{"x'ff'", "x'012c'"}));
  EXPECT_EQ(avro_values(make_values<std::int64_t>("d:12,2,64", {-129})), (Texts{"x'ff7f'"}));
  EXPECT_EQ(avro_values(ArrowData("c", 3)
                            .metadata({{"ARROW:extension:name", "arrow.bool8"}})
                            .bits({1, 1, 0})
                            .values<std::int8_t>({0, -7, 1})),
            (Texts{"false", "true", "null"}));
}

TEST(AvroTypes, list_views_and_runs_read_as_what_they_stand_for) {
  EXPECT_EQ(avro_values(ArrowData("+vl", 3)
                            .bits({1, 0, 1})
                            .values<std::int32_t>({1, 9, 0})
                            .values<std::int32_t>({2, 9, 3})
                            .with(make_values<std::int8_t>("c", {1, 2, 3}).named("item"))),
            (Texts{"[2,3]", "null", "[1,2,3]"}));
  EXPECT_EQ(avro_type(ArrowData("+r", 0)
                          .required()
                          .with(make_values<std::int32_t>("i", {}).named("run_ends").required())
                          .with(make_strings<std::int32_t>("u", {}).named("values"))),
            R"(["null","string"])");
  EXPECT_EQ(
      avro_values(
          ArrowData("+r", 4)
              .with(make_values<std::int32_t>("i", {1, 3, 4}).named("run_ends"))
              .with(make_strings<std::int32_t>("u", {"a", std::nullopt, "b"}).named("values"))),
      (Texts{"\"a\"", "null", "null", "\"b\""}));
}

ArrowData one_of(ArrowData first, ArrowData second) {
  return ArrowData("+us:0,5", 3)
      .values<std::int8_t>({0, 5, 5})
      .with(std::move(first).named("a"))
      .with(std::move(second).named("b"));
}

TEST(AvroTypes, unions_are_unions_of_what_their_members_are) {
  const auto numbers = [] { return make_values<std::int32_t>("i", {1, 2, 3}); };
  const auto texts = [] { return make_strings<std::int32_t>("u", {"x", "y", std::nullopt}); };
  EXPECT_EQ(avro_type(one_of(numbers(), texts())), R"(["null","int","string"])");
  EXPECT_EQ(avro_values(one_of(numbers(), texts())), (Texts{"1", "\"y\"", "null"}));
  EXPECT_EQ(avro_type(one_of(numbers(), make_values<std::int16_t>("s", {4, 5, 6}))),
            R"(["null","int"])");
  EXPECT_EQ(avro_values(one_of(numbers(), make_values<std::int16_t>("s", {4, 5, 6}))),
            (Texts{"1", "5", "6"}));
  EXPECT_EQ(avro_type(one_of(numbers(), make_values<std::int32_t>("tdD", {4, 5, 6}))),
            "invalid_argument: Two members of the union would both be Avro's `int`, of which a "
            "union has one. Cast one, or leave the column out (exclude_columns). (column c.b)");
}

TEST(AvroTypes, names_become_names_of_avro) {
  FormatOptions options;
  options.format = Format::avro;
  ArrowData data = make_batch(0, make_values<std::int32_t>("i", {}).named("1 €x-y"));
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "");
  EXPECT_NE(bound.serializer->schema_text().find("\"name\": \"_1__x_y\""), std::string::npos);
  ASSERT_EQ(bound.serializer->notes().size(), 1U);
  EXPECT_EQ(avro_rows(make_batch(0, make_values<std::int32_t>("i", {}).named("a.b"),
                                 make_values<std::int32_t>("i", {}).named("a b"))),
            (Texts{"invalid_argument: In Avro the columns `a.b` and `a b` would both be named "
                   "`a_b`. Rename one, or leave it out (exclude_columns). (column a b)"}));
}

}  // namespace
}  // namespace kinesink::format
