// Columns against a schema of the user.
#include <gtest/gtest.h>

#include "base/units.h"
#include "tests/support/avro_payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::avro_rows;
using test_support::avro_values;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using Texts = std::vector<std::string>;

FormatOptions with_fields(const std::string& fields) {
  FormatOptions options;
  options.avro_schema = R"({"type":"record","name":"R","fields":[)" + fields + "]}";
  return options;
}

// A record with a field `c` of that type.
FormatOptions with_type(const std::string& type) {
  return with_fields(R"({"name":"c","type":)" + type + "}");
}

std::string refused(ArrowData column, const std::string& type) {
  const Texts found = avro_values(std::move(column), with_type(type));
  return found.size() == 1 && found[0].starts_with("invalid_argument: ") ? found[0].substr(18)
                                                                         : "accepted";
}

ArrowData integers() { return make_values<std::int32_t>("i", {1, -300}); }

TEST(AvroMatch, numbers_go_into_wider_types) {
  EXPECT_EQ(avro_values(integers(), with_type(R"("long")")), (Texts{"1", "-300"}));
  EXPECT_EQ(avro_values(integers(), with_type(R"("float")")), (Texts{"1", "-300"}));
  EXPECT_EQ(avro_values(integers(), with_type(R"("double")")), (Texts{"1", "-300"}));
  EXPECT_EQ(avro_values(integers(), with_type(R"({"type":"bytes","logicalType":"decimal",)"
                                              R"("precision":9,"scale":2})")),
            (Texts{"x'64'", "x'8ad0'"}));
  EXPECT_EQ(avro_values(make_values<float>("f", {0.5F}), with_type(R"("double")")), (Texts{"0.5"}));
  EXPECT_EQ(avro_values(make_values<std::uint16_t>("e", {0x3800}), with_type(R"("double")")),
            (Texts{"0.5"}));
}

TEST(AvroMatch, numbers_go_into_narrower_types_one_by_one) {
  const auto last = [](ArrowData data, const char* type) {
    const Texts found = avro_values(std::move(data), with_type(type));
    return found.back().starts_with("invalid_data: The value lies outside") ? "out of range"
                                                                            : found.back();
  };
  EXPECT_EQ(last(make_values<std::int64_t>("l", {INT32_MAX}), R"("int")"), "2147483647");
  EXPECT_EQ(last(make_values<std::int64_t>("l", {INT32_MAX + 1L}), R"("int")"), "out of range");
  EXPECT_EQ(last(make_values<std::int64_t>("l", {INT32_MIN - 1L}), R"("int")"), "out of range");
  EXPECT_EQ(last(make_values<std::uint64_t>("L", {UINT64_MAX}), R"("int")"), "out of range");
  EXPECT_EQ(last(make_values<std::int64_t>("l", {1L << 53}), R"("double")"), "9007199254740992");
  EXPECT_EQ(last(make_values<std::int64_t>("l", {(1L << 53) + 1}), R"("double")"), "out of range");
  EXPECT_EQ(last(make_values<std::uint64_t>("L", {UINT64_MAX}), R"("double")"), "out of range");
  EXPECT_EQ(last(make_values<std::int32_t>("i", {(1 << 24) + 1}), R"("float")"), "out of range");
}

TEST(AvroMatch, what_would_lose_values_is_refused_at_start) {
  EXPECT_EQ(refused(make_values<double>("g", {1}), R"("float")"),
            "A column of type float64 cannot be written as Avro's `float`. Cast the column, or "
            "change the schema. (column c)");
  EXPECT_NE(refused(make_values<double>("g", {1}), R"("long")"), "accepted");
  EXPECT_NE(refused(make_strings<std::int32_t>("u", {"1"}), R"("long")"), "accepted");
  EXPECT_NE(refused(make_strings<std::int32_t>("z", {"1"}), R"("string")"), "accepted");
  EXPECT_NE(refused(integers(), R"("string")"), "accepted");
  EXPECT_NE(refused(integers(), R"("null")"), "accepted");
  EXPECT_NE(refused(integers(), R"({"type":"array","items":"int"})"), "accepted");
  EXPECT_NE(refused(make_values<Int128>("d:5,2", {1}), R"("bytes")"), "accepted");
  EXPECT_NE(refused(make_values<Int128>("d:5,2", {1}),
                    R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":1})"),
            "accepted");
  EXPECT_EQ(refused(make_values<std::int64_t>("tsu:UTC", {1}),
                    R"({"type":"long","logicalType":"local-timestamp-micros"})"),
            "A column of type timestamp cannot be written as Avro's `long, "
            "local-timestamp-micros`. The column is of instants, which timestamp-* holds; "
            "local-timestamp-* is for columns without a zone. (column c)");
  EXPECT_EQ(
      avro_rows(make_batch(2, integers().named("c"), integers().named("d")), with_type(R"("int")")),
      (Texts{"invalid_argument: The record R of the Avro schema has no field for the column. "
             "Add one, or leave the column out (exclude_columns). (column d)"}));
  FormatOptions options;
  options.avro_schema = R"("int")";
  EXPECT_EQ(
      avro_rows(make_batch(2, integers().named("c")), options),
      (Texts{"invalid_argument: The Avro schema is not a record, which rows are written as."}));
}

TEST(AvroMatch, of_a_union_the_best_branch_is_taken) {
  EXPECT_EQ(avro_values(integers(), with_type(R"(["null","string","long","int"])")),
            (Texts{"1", "-300"}));
  FormatOptions options = with_type(R"(["double","int","long","null"])");
  options.format = Format::avro;
  ArrowData data =
      make_batch(2, ArrowData("l", 2).bits({1, 0}).values<std::int64_t>({5, 0}).named("c"));
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "");
  EXPECT_EQ(test_support::payload(bound, 0), "\x04\x0a");
  EXPECT_EQ(test_support::payload(bound, 1), "\x06");
}

TEST(AvroMatch, nulls_need_a_null) {
  const auto column = [] { return ArrowData("i", 2).bits({1, 0}).values<std::int32_t>({5, 0}); };
  const Texts found = avro_values(column(), with_type(R"("int")"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], "5");
  EXPECT_TRUE(found[1].starts_with("invalid_data: The value is null")) << found[1];
  EXPECT_EQ(avro_values(ArrowData("n", 2), with_type(R"(["int","null"])")),
            (Texts{"null", "null"}));
  EXPECT_NE(refused(ArrowData("n", 2), R"("int")"), "accepted");
}

TEST(AvroMatch, units_and_scales_are_converted) {
  const auto stamps = [](const char* format) {
    return make_values<std::int64_t>(format, {-1, 1'500});
  };
  const auto type = [](const char* logical) {
    return with_type(R"({"type":"long","logicalType":")" + std::string(logical) + "\"}");
  };
  EXPECT_EQ(avro_values(stamps("tsm:"), type("local-timestamp-micros")),
            (Texts{"-1000", "1500000"}));
  EXPECT_EQ(avro_values(stamps("tsu:UTC"), type("timestamp-millis")), (Texts{"-1", "1"}));
  EXPECT_EQ(avro_values(stamps("tsm:"), type("timestamp-millis")), (Texts{"-1", "1500"}));
  EXPECT_EQ(avro_values(stamps("tsu:UTC"), with_type(R"("long")")), (Texts{"-1", "1500"}));
  EXPECT_EQ(avro_values(stamps("tDn"), type("arrow.duration-micros")), (Texts{"-1", "1"}));
  EXPECT_EQ(avro_values(make_values<std::int64_t>("ttn", {1'999}), type("time-micros")),
            (Texts{"1"}));
  EXPECT_EQ(
      avro_values(make_values<std::int64_t>("tdm", {86'400'001}), type("local-timestamp-millis")),
      (Texts{"86400001"}));
  EXPECT_EQ(avro_values(make_values<Int128>("d:5,2", {-150, 99999}),
                        with_type(R"({"type":"fixed","name":"F","size":4,"logicalType":"decimal",)"
                                  R"("precision":6,"scale":3})")),
            (Texts{"x'fffffa24'", "x'000f4236'"}));
}

TEST(AvroMatch, notes_say_what_happens_to_values) {
  FormatOptions options = with_type(R"({"type":"long","logicalType":"timestamp-micros"})");
  options.format = Format::avro;
  ArrowData data = make_batch(1, make_values<std::int64_t>("tsn:", {1}).named("c"));
  const auto bound = test_support::bind(data, options);
  ASSERT_EQ(bound.error, "");
  const auto notes = bound.serializer->notes();
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0],
            "Column c is rounded down to the unit of its type in the Avro schema, "
            "timestamp-micros.");
  EXPECT_EQ(notes[1],
            "Column c has no time zone and is taken as UTC, as its type in the Avro "
            "schema is an instant.");
  EXPECT_EQ(notes[2],
            "Column c may hold nulls, which its type in the Avro schema does not take: a "
            "row with one is an error.");
}

TEST(AvroMatch, text_as_symbols_uuids_and_bytes) {
  const auto text = [](const char* value) { return make_strings<std::int64_t>("U", {value}); };
  const char* const kEnum = R"({"type":"enum","name":"E","symbols":["A","B"]})";
  EXPECT_EQ(avro_values(text("B"), with_type(kEnum)), (Texts{"B"}));
  EXPECT_TRUE(
      avro_values(text("b"), with_type(kEnum))[0].starts_with("invalid_data: The value is "
                                                              "none of the symbols"));
  EXPECT_EQ(avro_values(ArrowData("c", 1).none().values<std::int8_t>({0}).with_dictionary(
                            make_strings<std::int32_t>("u", {"B"})),
                        with_type(kEnum)),
            (Texts{"B"}));
  const char* const kUuid = R"({"type":"string","logicalType":"uuid"})";
  const char* const kGood = "01234567-89ab-CDEF-fedc-ba9876543210";
  EXPECT_EQ(avro_values(text(kGood), with_type(kUuid)), (Texts{"\"" + std::string(kGood) + "\""}));
  for (const char* bad :
       {"", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba987654321g",
        "01234567x89ab-cdef-fedc-ba9876543210"}) {
    EXPECT_TRUE(
        avro_values(text(bad), with_type(kUuid))[0].starts_with("invalid_data: The text is "
                                                                "not a UUID"));
  }
  EXPECT_EQ(avro_values(text("a"), with_type(R"("bytes")")), (Texts{"x'61'"}));
  EXPECT_EQ(avro_values(make_strings<std::int32_t>("z", {"abc"}),
                        with_type(R"({"type":"fixed","name":"F","size":3})")),
            (Texts{"x'616263'"}));
  EXPECT_TRUE(avro_values(make_strings<std::int32_t>("z", {"ab"}),
                          with_type(R"({"type":"fixed","name":"F","size":3})"))[0]
                  .starts_with("invalid_data: The value does not have the 3 bytes"));
}

TEST(AvroMatch, fields_are_found_by_name_and_alias_in_any_order) {
  const auto batch = [] {
    return make_batch(1, make_values<std::int32_t>("i", {1}).named("a"),
                      make_values<std::int32_t>("i", {2}).named("b"));
  };
  EXPECT_EQ(avro_rows(batch(), with_fields(R"({"name":"b","type":"int"},)"
                                           R"({"name":"x","type":"long","aliases":["q","a"]})")),
            (Texts{R"({"b":2,"x":1})"}));
  EXPECT_EQ(avro_rows(batch(), with_fields(R"({"name":"a","type":"int"},)"
                                           R"({"name":"x","type":"long","aliases":["a"]})"))[0],
            "invalid_argument: The Avro schema has a field that no column has, and neither a "
            "default nor null for it. (column x)");
}

TEST(AvroMatch, fields_without_a_column_get_their_default) {
  const auto row = [](const std::string& type, const std::string& json) {
    return avro_rows(make_batch(1, make_values<std::int32_t>("i", {1}).named("a")),
                     with_fields(R"({"name":"a","type":"int"},{"name":"x","type":)" + type +
                                 (json.empty() ? "" : R"(,"default":)" + json) + "}"))[0];
  };
  const auto is = [](const std::string& text) { return R"({"a":1,"x":)" + text + "}"; };
  EXPECT_EQ(row(R"(["int","null"])", ""), is("null"));
  EXPECT_EQ(row(R"("null")", ""), is("null"));
  EXPECT_EQ(row(R"(["int","null"])", "-5"), is("-5"));
  EXPECT_EQ(row(R"("boolean")", "true"), is("true"));
  EXPECT_EQ(row(R"("long")", "9223372036854775807"), is("9223372036854775807"));
  EXPECT_EQ(row(R"("float")", "0.5"), is("0.5"));
  EXPECT_EQ(row(R"("double")", "3"), is("3"));
  EXPECT_EQ(row(R"("string")", R"("\"é")"), is("\"\"é\""));
  EXPECT_EQ(row(R"("bytes")", R"("\u0000\u00ff")"), is("x'00ff'"));
  EXPECT_EQ(row(R"({"type":"fixed","name":"F","size":2})", R"("ab")"), is("x'6162'"));
  EXPECT_EQ(row(R"({"type":"enum","name":"E","symbols":["A","B"]})", R"("B")"), is("B"));
  EXPECT_EQ(row(R"({"type":"array","items":"int"})", "[1,2]"), is("[1,2]"));
  EXPECT_EQ(row(R"({"type":"map","values":"int"})", R"({"k":1})"), is(R"({"k":1})"));
  EXPECT_EQ(row(R"({"type":"record","name":"S","fields":[{"name":"p","type":"int"},)"
                R"({"name":"q","type":"int","default":7}]})",
                R"({"p":1})"),
            is(R"({"p":1,"q":7})"));
  for (const auto& [type, json] : std::vector<std::pair<const char*, const char*>>{
           {R"("int")", "2147483648"},
           {R"("int")", "\"1\""},
           {R"("int")", "null"},
           {R"("float")", "1e300"},
           {R"("bytes")", R"("\u0100")"},
           {R"({"type":"fixed","name":"F","size":2})", R"("a")"},
           {R"({"type":"enum","name":"E","symbols":["A","B"]})", R"("C")"},
           {R"({"type":"record","name":"S","fields":[{"name":"p","type":"int"}]})", "{}"},
           {R"({"type":"record","name":"S","fields":[{"name":"p","type":"S","default":{}}]})",
            "{}"}}) {
    EXPECT_EQ(row(type, json),
              "invalid_argument: The default of a field of the Avro schema is not a value of its "
              "type. (column x)")
        << type << json;
  }
}

}  // namespace
}  // namespace kinesink::format
