#include <gtest/gtest.h>

#include "options/table.h"
#include "options/values.h"

namespace kinesink {
namespace {

std::string refused(std::string_view name, std::string_view value) {
  SinkOptions options;
  const Result<void> result = set_option(options, name, value);
  return result ? "accepted" : result.error().message;
}

TEST(Options, are_set_by_name_with_units) {
  SinkOptions options;
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"stream_name", "events"},
                                                        {"max_record_count", "42"},
                                                        {"max_data_size", "1MiB"},
                                                        {"max_age", "1.5s"},
                                                        {"format", "raw_bytes"},
                                                        {"verify_ssl", "false"},
                                                        {"exclude_columns", "a,b"},
                                                        {"max_in_flight", "auto"},
                                                        {"wire", "json"},
                                                        {"io_threads", "2"},
                                                        {"seed", "7"}}) {
    const Result<void> set = set_option(options, name, value);
    ASSERT_TRUE(set) << set.error().message;
  }
  EXPECT_EQ(options.stream_name, "events");
  EXPECT_EQ(options.flush_config.max_record_count, 42U);
  EXPECT_EQ(options.flush_config.max_data_size, 1'048'576U);
  EXPECT_EQ(options.flush_config.max_age.count(), 1'500);
  EXPECT_EQ(options.serializer.format, Format::raw_bytes);
  EXPECT_FALSE(options.client.verify_ssl);
  EXPECT_EQ(options.serializer.exclude_columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.client.wire, WireChoice::json);
  EXPECT_TRUE(validate(options));
}

TEST(Options, take_arroyo_s_names_and_spellings) {
  SinkOptions options;
  ASSERT_TRUE(set_option(options, "aws_region", "eu-west-1"));
  ASSERT_TRUE(set_option(options, "sink.flush_interval_millis", "250"));
  ASSERT_TRUE(set_option(options, "sink.max_bytes_per_batch", "4000000"));
  ASSERT_TRUE(set_option(options, "sink.max_records_per_batch", "500"));
  ASSERT_TRUE(set_option(options, "json.timestamp_format", "UnixMillis"));
  EXPECT_EQ(options.serializer.timestamp_format, TimestampFormat::unix_millis);
  ASSERT_TRUE(set_option(options, "json.timestamp_format", "RFC3339"));
  EXPECT_EQ(options.serializer.timestamp_format, TimestampFormat::rfc3339);
  ASSERT_TRUE(set_option(options, "json.timestamp_format", "rfc3339"));  // what its page says
  ASSERT_TRUE(set_option(options, "json.decimal_encoding", "bytes"));
  EXPECT_EQ(options.serializer.decimal_encoding, DecimalEncoding::bytes);
  ASSERT_TRUE(set_option(options, "format", "debezium_json"));
  ASSERT_TRUE(set_option(options, "json.include_schema", "true"));
  ASSERT_TRUE(set_option(options, "json.unstructured", "yes"));
  EXPECT_TRUE(options.serializer.json.include_schema && options.serializer.json.unstructured);
  EXPECT_EQ(options.flush_config.max_age.count(), 250);
  EXPECT_EQ(options.client.aws_region, "eu-west-1");
}

TEST(Options, out_of_range_are_refused_with_the_range) {
  EXPECT_EQ(refused("max_record_count", "501"),
            "option max_record_count is '501'; it must be 1 to 500");
  EXPECT_EQ(refused("max_record_count", "0"),
            "option max_record_count is '0'; it must be 1 to 500");
  EXPECT_EQ(refused("max_record_count", "500"), "accepted");
  EXPECT_EQ(refused("max_record_count", "1"), "accepted");
  EXPECT_EQ(refused("max_data_size", "0"),
            "option max_data_size is '0'; it must be 1 byte to 10 MiB");
  EXPECT_EQ(refused("max_data_size", "10485761"),
            "option max_data_size is '10485761'; it must be 1 byte to 10 MiB");
  EXPECT_EQ(refused("max_data_size", "10485760"), "accepted");
  EXPECT_EQ(refused("max_age", "-1"), "option max_age is '-1'; it must be 1 ms to 1 h");
  EXPECT_EQ(refused("max_age", "61m"), "option max_age is '61m'; it must be 1 ms to 1 h");
  EXPECT_EQ(refused("max_age", "60m"), "accepted");
  EXPECT_EQ(refused("max_in_flight", "129"),
            "option max_in_flight is '129'; it must be 0, or 1 to 128");
  EXPECT_EQ(refused("format", "xml"),
            "option format is 'xml'; it must be json | raw_string | raw_bytes | debezium_json | "
            "avro | msgpack | cbor | csv");
  EXPECT_EQ(refused("format", "parquet").substr(0, 41),
            "format parquet makes files, not records: ");
  EXPECT_EQ(refused("verify_ssl", "maybe"),
            "option verify_ssl is 'maybe'; it must be true | false");
}

TEST(Options, unknown_ones_get_a_suggestion) {
  EXPECT_EQ(refused("max_records_count", "1"),
            "there is no option 'max_records_count'; did you mean max_record_count?");
  EXPECT_EQ(refused("nonsense_of_all_kinds", "1"), "there is no option 'nonsense_of_all_kinds'");
  EXPECT_EQ(refused("json.compression", "gzip"),
            "option json.compression is not supported by this version");
  EXPECT_EQ(refused("avro.raw_datums", "true"),
            "option avro.raw_datums is not known here: set avro.encoding = datum in its place");
}

TEST(Options, that_contradict_each_other_are_refused) {
  const auto problem = [](auto change) {
    SinkOptions options;
    options.stream_name = "events";
    change(options);
    const Result<void> valid = validate(options);
    return valid ? std::string("valid") : valid.error().message;
  };
  EXPECT_EQ(problem([](SinkOptions&) {}), "valid");
  EXPECT_EQ(problem([](SinkOptions& o) { o.stream_name.clear(); }),
            "option stream_name is missing");
  EXPECT_EQ(problem([](SinkOptions& o) { o.partition_key = PartitionKey::column; }),
            "partition_key = column needs partition_key_column");
  EXPECT_EQ(problem([](SinkOptions& o) { o.partition_key_column = "a"; }),
            "partition_key_column is set, but partition_key is not column");
  EXPECT_EQ(problem([](SinkOptions& o) { o.flush_config.max_record_count = 501; }),
            "option max_record_count is '501'; it must be 1 to 500");
  EXPECT_EQ(problem([](SinkOptions& o) {
              o.serializer.format = Format::avro;
              o.serializer.avro_encoding = AvroEncoding::confluent;
            }),
            "avro.encoding = confluent needs schema_id");
  EXPECT_NE(problem([](SinkOptions& o) {
              o.serializer.format = Format::avro;
              o.serializer.avro_schema_file = o.serializer.avro_schema = "x";
            }),
            "valid");
  EXPECT_NE(problem([](SinkOptions& o) { o.on_invalid = OnReject::dead_letter; }), "valid");
  EXPECT_NE(problem([](SinkOptions& o) { o.dead_letter_file = "x"; }), "valid");
  EXPECT_NE(problem([](SinkOptions& o) { o.retry.base_delay = std::chrono::milliseconds(5'000); }),
            "valid");
}

TEST(Options, every_value_reads_back_as_itself) {
  for (const options::Option& option : options::table()) {
    SinkOptions defaults;
    const std::string value = options::value_of(option, defaults);
    SinkOptions options;
    const Result<void> set = options::set(option, options, value);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(options::value_of(option, options), value) << option.name;
    EXPECT_EQ(options::find(option.name), &option);
    EXPECT_NE(option.meaning, "");
  }
}

TEST(Values, with_units) {
  EXPECT_EQ(options::parse_size("4MB"), 4'000'000U);
  EXPECT_EQ(options::parse_size("64 MiB"), 67'108'864U);
  EXPECT_EQ(options::parse_size("1.5KiB"), 1'536U);
  for (const char* wrong :
       {"", "MB", "4X", "-4", "1.0000001B", "99999999999999999999", "18446744073709551615KiB"}) {
    EXPECT_EQ(options::parse_size(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(options::parse_time("2m")->count(), 120'000);
  EXPECT_EQ(options::parse_time("200")->count(), 200);
  EXPECT_EQ(options::parse_time("1d"), std::nullopt);
}

}  // namespace
}  // namespace kinesink
