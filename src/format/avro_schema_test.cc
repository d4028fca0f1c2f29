// Canonical forms and fingerprints: the vectors that the Avro project shares between its languages
// (https://github.com/apache/avro, share/test/data/schema-tests.txt).
#include "format/avro_schema.h"

#include <gtest/gtest.h>

namespace kinesink::format {
namespace {

struct Vector {
  const char* input;
  const char* canonical;
  std::int64_t fingerprint;
};

constexpr Vector kVectors[] = {
    {R"("null")", R"("null")", 7195948357588979594},
    {R"({"type":"null"})", R"("null")", 7195948357588979594},
    {R"("boolean")", R"("boolean")", -6970731678124411036},
    {R"({"type":"boolean"})", R"("boolean")", -6970731678124411036},
    {R"("int")", R"("int")", 8247732601305521295},
    {R"({"type":"int"})", R"("int")", 8247732601305521295},
    {R"("long")", R"("long")", -3434872931120570953},
    {R"("float")", R"("float")", 5583340709985441680},
    {R"("double")", R"("double")", -8181574048448539266},
    {R"("bytes")", R"("bytes")", 5746618253357095269},
    {R"({"type":"string"})", R"("string")", -8142146995180207161},
    {R"([  ])", R"([])", -1241056759729112623},
    {R"([ "int"  ])", R"(["int"])", -5232228896498058493},
    {R"([ "int" , {"type":"boolean"} ])", R"(["int","boolean"])", 5392556393470105090},
    {R"({"fields":[], "type":"record", "name":"foo"})",
     R"({"name":"foo","type":"record","fields":[]})", -4824392279771201922},
    {R"({"fields":[], "type":"record", "name":"foo", "namespace":"x.y"})",
     R"({"name":"x.y.foo","type":"record","fields":[]})", 5916914534497305771},
    {R"({"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"})",
     R"({"name":"a.b.foo","type":"record","fields":[]})", -4616218487480524110},
    {R"({"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]})",
     R"({"name":"foo","type":"record","fields":[]})", -4824392279771201922},
    {R"({"fields":[{"type":{"type":"boolean"}, "name":"f1"}], "type":"record", "name":"foo"})",
     R"({"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]})",
     7843277075252814651},
    {R"({ "fields":[{"type":"boolean", "aliases":[], "name":"f1", "default":true},
            {"order":"descending","name":"f2","doc":"Hello","type":"int"}],
  "type":"record", "name":"foo"})",
     R"({"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},)"
     R"({"name":"f2","type":"int"}]})",
     -4860222112080293046},
    {R"({"type":"enum", "name":"foo", "symbols":["A1"]})",
     R"({"name":"foo","type":"enum","symbols":["A1"]})", -6342190197741309591},
    {R"({"namespace":"x.y.z", "type":"enum", "name":"foo", "doc":"foo bar",)"
     R"( "symbols":["A1", "A2"]})",
     R"({"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]})", -4448647247586288245},
    {R"({"name":"foo","type":"fixed","size":15})", R"({"name":"foo","type":"fixed","size":15})",
     1756455273707447556},
    {R"({"namespace":"x.y.z", "type":"fixed", "name":"foo", "doc":"foo bar", "size":32})",
     R"({"name":"x.y.z.foo","type":"fixed","size":32})", -3064184465700546786},
    {R"({ "items":{"type":"null"}, "type":"array"})", R"({"type":"array","items":"null"})",
     -589620603366471059},
    {R"({ "values":"string", "type":"map"})", R"({"type":"map","values":"string"})",
     -8732877298790414990},
    {R"({"name":"PigValue","type":"record",
   "fields":[{"name":"value", "type":["null", "int", "long", "PigValue"]}]})",
     R"({"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long",)"
     R"("PigValue"]}]})",
     -1759257747318642341}};

TEST(AvroSchema, has_the_canonical_form_and_fingerprint_of_the_specification) {
  for (const Vector& vector : kVectors) {
    const auto schema = parse_avro_schema(vector.input);
    ASSERT_TRUE(schema) << vector.input << schema.error().message;
    EXPECT_EQ(avro_canonical_form(*schema), vector.canonical);
    EXPECT_EQ(static_cast<std::int64_t>(avro_fingerprint(*schema)), vector.fingerprint)
        << vector.input;
  }
}

TEST(AvroSchema, reads_back_what_it_writes) {
  constexpr const char* kSchema =
      R"({"type":"record","name":"R","namespace":"a.b","fields":[)"
      R"({"name":"x","doc":"a \"doc\"","type":{"type":"fixed","name":"F","size":12,)"
      R"("logicalType":"duration"},"aliases":["y","z"]},)"
      R"({"name":"again","type":["null","F"],"default":null},)"
      R"({"name":"other","type":{"type":"enum","name":"E","namespace":"c","symbols":["A","B"]}},)"
      R"({"name":"e","type":"c.E","default":"A"},)"
      R"({"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}},)"
      R"({"name":"m","type":{"type":"map","values":{"type":"array","items":"R"}}}]})";
  const auto schema = parse_avro_schema(kSchema);
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_EQ(avro_json(*schema, 0), kSchema);
  const auto pretty = parse_avro_schema(avro_json(*schema, 2));
  ASSERT_TRUE(pretty) << pretty.error().message;
  EXPECT_EQ(avro_json(*pretty, 0), kSchema);
}

TEST(AvroSchema, passes_over_logical_types_that_their_types_do_not_allow) {
  for (const char* schema :
       {R"({"type":"int","logicalType":"timestamp-millis"})",
        R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":3})",
        R"({"type":"bytes","logicalType":"decimal"})",
        R"({"type":"fixed","name":"F","size":2,"logicalType":"decimal","precision":5})",
        R"({"type":"fixed","name":"F","size":2,"logicalType":"uuid"})",
        R"({"type":"string","logicalType":"something"})"}) {
    const auto read = parse_avro_schema(schema);
    ASSERT_TRUE(read) << schema;
    EXPECT_EQ(read->at(read->root).logical_type, "") << schema;
  }
}

TEST(AvroSchema, that_is_wrong_is_refused_with_the_place) {
  const auto refused = [](const char* json) {
    const auto schema = parse_avro_schema(json);
    return schema ? std::string("accepted") : schema.error().message;
  };
  EXPECT_EQ(refused(R"("nothing")"),
            "The Avro schema is not valid: there is no type `nothing` before this place.");
  EXPECT_EQ(refused(R"({"type":"record","name":"R","fields":[{"name":"a","type":"b"}]})"),
            "The Avro schema is not valid: R.a: there is no type `b` before this place.");
  EXPECT_EQ(refused(R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},)"
                    R"({"name":"a","type":"int"}]})"),
            "The Avro schema is not valid: R: two fields are named `a`.");
  for (const char* json :
       {"",
        "{",
        "[",
        "1",
        "{}",
        R"({"type":"record"})",
        R"({"type":"record","name":"R"})",
        R"({"type":"record","name":"1","fields":[]})",
        R"({"type":"record","name":"","fields":[]})",
        R"({"type":"record","name":"a..b","fields":[]})",
        R"({"type":"record","name":"a.","fields":[]})",
        R"({"type":"array"})",
        R"({"type":"map"})",
        R"({"type":"fixed","name":"F"})",
        R"({"type":"fixed","name":"F","size":-1})",
        R"({"type":"enum","name":"E","symbols":[]})",
        R"({"type":"enum","name":"E","symbols":["a","a"]})",
        R"({"type":"enum","name":"E","symbols":["a b"]})",
        R"(["int","int"])",
        R"([["int"]])",
        R"([{"type":"map","values":"int"},{"type":"map","values":"long"}])",
        R"({"type":"record","name":"R","fields":[{"type":"int"}]})",
        R"({"type":"record","name":"R","fields":[{"name":"a"}]})",
        R"({"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed",)"
        R"("name":"R","size":1}}]})"}) {
    EXPECT_NE(refused(json), "accepted") << json;
  }
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += R"({"type":"array","items":)";
  EXPECT_NE(refused(deep.c_str()), "accepted");
}

}  // namespace
}  // namespace kinesink::format
