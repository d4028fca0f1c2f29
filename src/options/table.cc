#include "options/table.h"

#include <algorithm>
#include <array>

namespace kinesink::options {
namespace {

constexpr std::uint64_t kHour = 3'600'000;  // milliseconds
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kAny = UINT64_MAX;

constexpr std::array<std::string_view, 8> kFormats = {
    "json", "raw_string", "raw_bytes", "debezium_json", "avro", "msgpack", "cbor", "csv"};
constexpr std::array<std::string_view, 6> kTimestampFormats = {
    "auto", "rfc3339", "unix_seconds", "unix_millis", "unix_micros", "unix_nanos"};
constexpr std::array<std::string_view, 4> kDecimalEncodings = {"auto", "number", "string", "bytes"};
constexpr std::array<std::string_view, 2> kNaiveTimestamps = {"as_is", "utc"};
constexpr std::array<std::string_view, 5> kTimestampDigits = {"auto", "0", "3", "6", "9"};
constexpr std::array<std::string_view, 4> kBinaryEncodings = {"auto", "base64", "base64url", "hex"};
constexpr std::array<std::string_view, 3> kNonFinite = {"null", "string", "error"};
constexpr std::array<std::string_view, 2> kNulls = {"write", "omit"};
constexpr std::array<std::string_view, 3> kKeyNamings = {"as_is", "snake_case", "camel_case"};
constexpr std::array<std::string_view, 3> kInvalidJson = {"error", "null", "string"};
constexpr std::array<std::string_view, 2> kMsgpackTimestamps = {"extension", "text"};
constexpr std::array<std::string_view, 2> kCborDecimals = {"text", "decimal_fraction"};
constexpr std::array<std::string_view, 3> kNullValues = {"skip", "empty", "error"};
constexpr std::array<std::string_view, 3> kFramings = {"none", "newline", "length_prefixed"};
constexpr std::array<std::string_view, 4> kAvroEncodings = {"datum", "confluent", "single_object",
                                                            "container"};
constexpr std::array<std::string_view, 2> kAvroUint64 = {"long", "decimal"};
constexpr std::array<std::string_view, 2> kAvroDecimals = {"bytes", "fixed"};
constexpr std::array<std::string_view, 2> kAvroDictionaries = {"value", "enum"};
constexpr std::array<std::string_view, 2> kAvroUuids = {"string", "fixed"};
constexpr std::array<std::string_view, 4> kPartitionKeys = {"random", "uuid", "constant", "column"};
constexpr std::array<std::string_view, 2> kOnBadKey = {"reject", "random"};
constexpr std::array<std::string_view, 2> kOnReject = {"fail", "dead_letter"};
constexpr std::array<std::string_view, 3> kWires = {"auto", "cbor", "json"};

// The field of an enumeration whose values are the places of its names.
template <auto Member, std::size_t N>
constexpr ChoiceField choice(const std::array<std::string_view, N>& names) {
  using Enumeration = std::remove_reference_t<decltype(std::declval<SinkOptions>().*Member)>;
  return {names,
          [](const SinkOptions& options) { return static_cast<std::size_t>(options.*Member); },
          [](SinkOptions& options, std::size_t index) {
            options.*Member = static_cast<Enumeration>(index);
          }};
}

constexpr ChoiceField kWireField = {
    kWires,
    [](const SinkOptions& options) { return static_cast<std::size_t>(options.client.wire); },
    [](SinkOptions& options, std::size_t index) {
      options.client.wire = static_cast<WireChoice>(index);
    }};

// The same, of FormatOptions.
template <auto Member, std::size_t N>
constexpr ChoiceField format_choice(const std::array<std::string_view, N>& names) {
  using Enumeration = std::remove_reference_t<decltype(std::declval<FormatOptions>().*Member)>;
  return {names,
          [](const SinkOptions& options) {
            return static_cast<std::size_t>(options.serializer.*Member);
          },
          [](SinkOptions& options, std::size_t index) {
            options.serializer.*Member = static_cast<Enumeration>(index);
          }};
}

// The same, of JsonOptions.
template <auto Member, std::size_t N>
constexpr ChoiceField json_choice(const std::array<std::string_view, N>& names) {
  using Enumeration = std::remove_reference_t<decltype(std::declval<JsonOptions>().*Member)>;
  return {names,
          [](const SinkOptions& options) {
            return static_cast<std::size_t>(options.serializer.json.*Member);
          },
          [](SinkOptions& options, std::size_t index) {
            options.serializer.json.*Member = static_cast<Enumeration>(index);
          }};
}

#define KINESINK_FIELD(type, member)                             \
  type {                                                         \
    [](SinkOptions& options) -> auto& { return options.member; } \
  }

const std::array kTable = {
    // Where
    Option{"stream_name", KINESINK_FIELD(TextField, stream_name), 0, 0,
           "Name or ARN of the stream. Required.", ""},
    Option{"aws_region", KINESINK_FIELD(TextField, client.aws_region), 0, 0,
           "AWS Region. Empty: the stream's ARN, AWS_REGION, AWS_DEFAULT_REGION, the profile, "
           "instance metadata.",
           "region"},
    Option{"endpoint_url", KINESINK_FIELD(TextField, client.endpoint_url), 0, 0,
           "Custom endpoint, such as http://127.0.0.1:4567. Empty: AWS_ENDPOINT_URL_KINESIS, "
           "AWS_ENDPOINT_URL, the profile, "
           "else the Region's own.",
           ""},
    Option{"profile", KINESINK_FIELD(TextField, client.profile), 0, 0,
           "Profile of the AWS configuration files. Empty: AWS_PROFILE, else `default`.", ""},
    // When a request is sent
    Option{"max_record_count", KINESINK_FIELD(Count64Field, flush_config.max_record_count), 1, 500,
           "Records of a request; a request with so many is sent.", "sink.max_records_per_batch"},
    Option{"max_data_size", KINESINK_FIELD(SizeField, flush_config.max_data_size), 1, 10 * kMiB,
           "Bytes of payloads and keys of a request; a row that would exceed them begins the next "
           "request.",
           "sink.max_bytes_per_batch"},
    Option{"max_age", KINESINK_FIELD(TimeField, flush_config.max_age), 1, kHour,
           "Age of the oldest record at which a request is sent, full or not.",
           "sink.flush_interval_millis"},
    // What a record holds
    Option{"format", format_choice<&FormatOptions::format>(kFormats), 0, 0,
           "How a row becomes a payload; see docs/formats.md.", ""},
    Option{
        "timestamp_format", format_choice<&FormatOptions::timestamp_format>(kTimestampFormats), 0,
        0,
        "json, msgpack, cbor, csv: timestamps and dates as text, or as a number since 1970. auto: "
        "rfc3339; in debezium_json and with json.include_schema unix_millis.",
        "json.timestamp_format"},
    Option{"decimal_encoding", format_choice<&FormatOptions::decimal_encoding>(kDecimalEncodings),
           0, 0,
           "json: decimals as numbers, as text, or as base64 of their big-endian bytes. auto: "
           "number; in debezium_json and with json.include_schema bytes.",
           "json.decimal_encoding"},
    Option{"json.naive_timestamp", json_choice<&JsonOptions::naive_timestamp>(kNaiveTimestamps), 0,
           0, "Timestamps without a zone as text: as they are, or as instants of UTC, with Z.", ""},
    Option{"json.timestamp_digits", json_choice<&JsonOptions::timestamp_digits>(kTimestampDigits),
           0, 0,
           "Digits of the fraction of a second in timestamps as text; what has more is rounded "
           "down. auto: as many of 0, 3, 6, 9 as the value needs.",
           ""},
    Option{"json.binary_encoding", json_choice<&JsonOptions::binary_encoding>(kBinaryEncodings), 0,
           0, "Binaries, and decimals as bytes. auto: base64, but hex for fixed_size_binary.", ""},
    Option{"json.non_finite", json_choice<&JsonOptions::non_finite>(kNonFinite), 0, 0,
           "NaN and infinities: null, the text NaN, Infinity, -Infinity, or an error of the row.",
           ""},
    Option{"json.nulls", json_choice<&JsonOptions::nulls>(kNulls), 0, 0,
           "Members that are null: written, or left out.", ""},
    Option{"json.key_naming", json_choice<&JsonOptions::key_naming>(kKeyNamings), 0, 0,
           "Names of columns and members: as they are, snake_case or camelCase.", ""},
    Option{"json.invalid_json", json_choice<&JsonOptions::invalid_json>(kInvalidJson), 0, 0,
           "A value of a JSON column that is not JSON: an error of the row, null, or a string.",
           ""},
    Option{"json.include_schema", KINESINK_FIELD(FlagField, serializer.json.include_schema), 0, 0,
           "Write {\"schema\":...,\"payload\":...}, as Kafka Connect's JsonConverter reads it.",
           ""},
    Option{"json.unstructured", KINESINK_FIELD(FlagField, serializer.json.unstructured), 0, 0,
           "Write the bare JSON of the one column, `value`.", ""},
    Option{"debezium.ts_ms", KINESINK_FIELD(FlagField, serializer.debezium.ts_ms), 0, 0,
           "debezium_json: write a member ts_ms.", ""},
    Option{"debezium.ts_ms_column", KINESINK_FIELD(TextField, serializer.debezium.ts_ms_column), 0,
           0, "debezium_json: the column of timestamps that ts_ms comes from.", ""},
    Option{"debezium.source", KINESINK_FIELD(TextField, serializer.debezium.source), 0, 0,
           "debezium_json: JSON text of a member source. Empty: none.", ""},
    Option{"null_value", format_choice<&FormatOptions::null_value>(kNullValues), 0, 0,
           "raw_string, raw_bytes: what becomes of a row whose `value` is null.", ""},
    Option{"msgpack.timestamp",
           format_choice<&FormatOptions::msgpack_timestamp>(kMsgpackTimestamps), 0, 0,
           "msgpack: timestamps with a zone as the timestamp extension type, or as RFC 3339 text.",
           ""},
    Option{"cbor.decimal", format_choice<&FormatOptions::cbor_decimal>(kCborDecimals), 0, 0,
           "cbor: decimals as text, or as decimal fractions (tag 4).", ""},
    Option{"csv.delimiter", KINESINK_FIELD(TextField, serializer.csv_delimiter), 0, 0,
           "csv: what stands between cells: one character, or `tab`; see docs/formats/csv.md.", ""},
    Option{"csv.null", KINESINK_FIELD(TextField, serializer.csv_null), 0, 0,
           "csv: what a null is written as, without quotes.", ""},
    Option{"csv.quote_all", KINESINK_FIELD(FlagField, serializer.csv_quote_all), 0, 0,
           "csv: quotes around every cell but nulls, not only where they are needed.", ""},
    Option{"include_columns", KINESINK_FIELD(ListField, serializer.include_columns), 0, 0,
           "Columns to write, separated by commas. Empty: all. Not in the raw formats.", ""},
    Option{"exclude_columns", KINESINK_FIELD(ListField, serializer.exclude_columns), 0, 0,
           "Columns to leave out, separated by commas. Not in the raw formats.", ""},
    Option{"framing", choice<&SinkOptions::framing>(kFramings), 0, 0,
           "What stands around each row of a record: nothing, a line end behind it, or its length "
           "before it (4 bytes, big endian).",
           ""},
    Option{"packed_record_size", KINESINK_FIELD(SizeField, packed_record_size), 0, 10 * kMiB,
           "Bytes of a record that holds several rows of a batch, with the same keys; needs "
           "framing. 0: one row a record.",
           ""},
    Option{"avro.encoding", format_choice<&FormatOptions::avro_encoding>(kAvroEncodings), 0, 0,
           "avro: what stands around a row's datum; see docs/formats/avro.md.", ""},
    Option{"avro.schema_file", KINESINK_FIELD(TextField, serializer.avro_schema_file), 0, 0,
           "avro: file with the schema (.avsc) that rows are written by. Empty: derived from the "
           "columns.",
           ""},
    Option{"avro.schema", KINESINK_FIELD(TextField, serializer.avro_schema), 0, 0,
           "avro: the same, as JSON.", ""},
    Option{"avro.record_name", KINESINK_FIELD(TextField, serializer.avro_record_name), 0, 0,
           "avro: name of the record in a derived schema.", ""},
    Option{"avro.namespace", KINESINK_FIELD(TextField, serializer.avro_namespace), 0, 0,
           "avro: namespace of a derived schema. Empty: none.", ""},
    Option{"avro.uint64", format_choice<&FormatOptions::avro_uint64>(kAvroUint64), 0, 0,
           "avro: uint64 as long, in which values above 9223372036854775807 are errors of their "
           "row, or as decimal(20, 0).",
           ""},
    Option{"avro.decimal", format_choice<&FormatOptions::avro_decimal>(kAvroDecimals), 0, 0,
           "avro: decimals as bytes, as few as hold the value, or as fixed.", ""},
    Option{"avro.dictionary", format_choice<&FormatOptions::avro_dictionary>(kAvroDictionaries), 0,
           0,
           "avro: dictionaries of text as their values, or as an enum of the first batch's "
           "dictionary.",
           ""},
    Option{"avro.uuid", format_choice<&FormatOptions::avro_uuid>(kAvroUuids), 0, 0,
           "avro: columns of extension type arrow.uuid as string or as fixed(16).", ""},
    Option{"schema_id", KINESINK_FIELD(CountField, serializer.schema_id), 1, 2'147'483'647,
           "avro.encoding = confluent: number of the schema in the registry. 0: none.", "", true},
    // Where a record goes
    Option{"partition_key", choice<&SinkOptions::partition_key>(kPartitionKeys), 0, 0,
           "Where partition keys come from.", ""},
    Option{"partition_key_constant", KINESINK_FIELD(TextField, partition_key_constant), 0, 0,
           "The key of every record, with partition_key = constant.", ""},
    Option{"partition_key_column", KINESINK_FIELD(TextField, partition_key_column), 0, 0,
           "The column that holds the key, with partition_key = column.", ""},
    Option{"on_bad_key", choice<&SinkOptions::on_bad_key>(kOnBadKey), 0, 0,
           "What becomes of a row whose key is null, empty or longer than 256 characters.", ""},
    Option{"explicit_hash_key_column", KINESINK_FIELD(TextField, explicit_hash_key_column), 0, 0,
           "The column that holds explicit hash keys. Empty: none.", ""},
    // Retries and bounds
    Option{"max_retries", KINESINK_FIELD(CountField, retry.max_retries), 0, 1'000,
           "How often a record is sent again.", ""},
    Option{"retry_base_delay", KINESINK_FIELD(TimeField, retry.base_delay), 1, kHour,
           "Delay before the first retry; doubles with each.", ""},
    Option{"retry_max_delay", KINESINK_FIELD(TimeField, retry.max_delay), 1, kHour,
           "Longest delay before a retry.", ""},
    Option{"checkpoint_max_retries", KINESINK_FIELD(CountField, checkpoint_retry.max_retries), 0,
           1'000, "As max_retries, for records that a checkpoint or close waits for.", ""},
    Option{"checkpoint_retry_base_delay", KINESINK_FIELD(TimeField, checkpoint_retry.base_delay), 1,
           kHour, "As retry_base_delay, for records that a checkpoint or close waits for.", ""},
    Option{"checkpoint_retry_max_delay", KINESINK_FIELD(TimeField, checkpoint_retry.max_delay), 1,
           kHour, "As retry_max_delay, for records that a checkpoint or close waits for.", ""},
    Option{"max_in_flight", KINESINK_FIELD(CountField, max_in_flight), 1, 128,
           "Requests in flight. 0: automatic, more while answers are clean, fewer when throttled.",
           "", true},
    Option{"max_buffered_bytes", KINESINK_FIELD(SizeField, max_buffered_bytes), kMiB, kAny,
           "Memory of request bodies; a full sink blocks its caller.", ""},
    Option{"record_size_limit", KINESINK_FIELD(SizeField, record_size_limit), 1, 10 * kMiB,
           "Largest record, payload and keys. 0: the stream's own limit.", "", true},
    // Rows that cannot be stored
    Option{"on_invalid", choice<&SinkOptions::on_invalid>(kOnReject), 0, 0,
           "What becomes of a row that cannot be expressed or is too large.", ""},
    Option{"on_refused", choice<&SinkOptions::on_refused>(kOnReject), 0, 0,
           "What becomes of a record that the service refuses for good.", ""},
    Option{"on_exhausted", choice<&SinkOptions::on_exhausted>(kOnReject), 0, 0,
           "What becomes of a record whose retries are used up.", ""},
    Option{"max_rejected", KINESINK_FIELD(Count64Field, max_rejected), 1, kAny,
           "Rejected rows at which the sink fails. 0: no limit.", "", true},
    Option{"dead_letter_file", KINESINK_FIELD(TextField, dead_letter_file), 0, 0,
           "File that rejected rows are appended to, one JSON object a line; see "
           "docs/dead-letters.md.",
           ""},
    Option{"dead_letter_max_bytes", KINESINK_FIELD(SizeField, dead_letter_max_bytes), 1, kAny,
           "Largest dead_letter_file; a row that would exceed it fails the sink.", ""},
    // Time limits
    Option{"connect_timeout", KINESINK_FIELD(TimeField, client.connect_timeout), 1, kHour,
           "Name look-up, TCP, proxy and TLS together.", ""},
    Option{"request_timeout", KINESINK_FIELD(TimeField, client.request_timeout), 1, kHour,
           "Longest time of a request without progress in either direction.", ""},
    Option{"checkpoint_timeout", KINESINK_FIELD(TimeField, checkpoint_timeout), 1, kDay,
           "Longest time a checkpoint waits for its rows.", ""},
    Option{"close_timeout", KINESINK_FIELD(TimeField, close_timeout), 1, kDay,
           "Longest time close waits for all rows.", ""},
    Option{"block_timeout", KINESINK_FIELD(TimeField, block_timeout), 1, kDay,
           "Longest time a caller waits for room.", ""},
    Option{"stream_active_timeout", KINESINK_FIELD(TimeField, stream_active_timeout), 1, kDay,
           "Longest time start waits for a stream that is being created.", ""},
    // Connections
    Option{"wire", kWireField, 0, 0,
           "Encoding of requests; auto takes CBOR where it is understood.", ""},
    Option{"verify_ssl", KINESINK_FIELD(FlagField, client.verify_ssl), 0, 0, "Verify certificates.",
           ""},
    Option{"ca_bundle", KINESINK_FIELD(TextField, client.ca_bundle), 0, 0,
           "PEM file of trusted authorities. Empty: AWS_CA_BUNDLE, else the system's.", ""},
    Option{"max_connections", KINESINK_FIELD(Count64Field, client.max_connections), 1, 1'024,
           "Connections of a client.", ""},
    Option{"io_threads", KINESINK_FIELD(NumberField, client.io_threads), 1, 64,
           "Threads that hash, sign, encrypt and send.", ""},
    Option{"application_id", KINESINK_FIELD(TextField, client.application_id), 0, 0,
           "Names the application in the User-Agent of requests.", ""},
    Option{"use_fips_endpoint", KINESINK_FIELD(FlagField, client.use_fips_endpoint), 0, 0,
           "Use the FIPS endpoint. Also on by AWS_USE_FIPS_ENDPOINT, or by the profile.", ""},
    Option{"use_dualstack_endpoint", KINESINK_FIELD(FlagField, client.use_dualstack_endpoint), 0, 0,
           "Use the endpoint that also has IPv6 addresses. Also on by AWS_USE_DUALSTACK_ENDPOINT, "
           "or by the profile.",
           ""},
    Option{"seed", KINESINK_FIELD(Count64Field, seed), 1, kAny,
           "Seed of random keys and delays. 0: from the operating system.", "", true},
};

#undef KINESINK_FIELD

bool has_alias(std::string_view aliases, std::string_view name) {
  while (!aliases.empty()) {
    const std::size_t end = std::min(aliases.find(' '), aliases.size());
    if (aliases.substr(0, end) == name) return true;
    aliases.remove_prefix(std::min(end + 1, aliases.size()));
  }
  return false;
}

}  // namespace

std::span<const Option> table() { return kTable; }

const Option* find(std::string_view name) {
  const auto found = std::ranges::find_if(kTable, [name](const Option& option) {
    return option.name == name || has_alias(option.arroyo, name);
  });
  return found == kTable.end() ? nullptr : &*found;
}

}  // namespace kinesink::options
