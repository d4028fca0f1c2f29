// kinesink inspect: what a file would become, without sending anything.
#include <arrow/extension_type.h>
#include <arrow/type.h>

#include <cstdio>
#include <mutex>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input.h"
#include "cli/rehearsal.h"
#include "cli/sink_settings.h"
#include "kinesink/arrow.h"
#include "kinesink/sink.h"
#include "kinesis/put_records_request.h"

namespace kinesink::cli {
namespace {

struct InspectArguments {
  SinkSettings settings;
  std::string input;
  std::int64_t records = 3;
};

std::string written_as(const arrow::DataType& type, const SinkOptions& options);

std::string extension_written_as(const arrow::ExtensionType& type, const SinkOptions& options) {
  const std::string name = type.extension_name();
  if (name == "arrow.uuid") return "UUID text";
  if (name == "arrow.bool8") return "true or false";
  if (name == "arrow.json") return "the JSON value itself";
  return written_as(*type.storage_type(), options);
}

// How docs/formats.md says a JSON value of that type looks.
std::string written_as(const arrow::DataType& type, const SinkOptions& options) {
  const bool millis = options.serializer.timestamp_format == TimestampFormat::unix_millis;
  switch (type.id()) {
    case arrow::Type::NA:
      return "null";
    case arrow::Type::BOOL:
      return "true or false";
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return "text";
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return "base64 text";
    case arrow::Type::FIXED_SIZE_BINARY:
      return "hexadecimal text";
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return options.serializer.decimal_encoding == DecimalEncoding::number ? "number, scale kept"
             : options.serializer.decimal_encoding == DecimalEncoding::string
                 ? "text, scale kept"
                 : "base64 of big-endian bytes";
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
      return millis ? "milliseconds since 1970" : "ISO 8601 text";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return "HH:MM:SS text";
    case arrow::Type::DURATION:
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return "ISO 8601 duration text";
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::FIXED_SIZE_LIST:
      return "array";
    case arrow::Type::STRUCT:
    case arrow::Type::MAP:
      return "object";
    case arrow::Type::SPARSE_UNION:
    case arrow::Type::DENSE_UNION:
      return "the chosen member's value";
    case arrow::Type::EXTENSION:
      return extension_written_as(static_cast<const arrow::ExtensionType&>(type), options);
    case arrow::Type::RUN_END_ENCODED:
      return written_as(*static_cast<const arrow::RunEndEncodedType&>(type).value_type(), options);
    case arrow::Type::DICTIONARY:
      return written_as(*static_cast<const arrow::DictionaryType&>(type).value_type(), options);
    default:
      return "number";
  }
}

void print_schema(const arrow::Schema& schema, const SinkOptions& options) {
  std::size_t name_width = 6;
  std::size_t type_width = 4;
  for (const auto& field : schema.fields()) {
    name_width = std::max(name_width, field->name().size());
    type_width = std::max(type_width, field->type()->ToString().size());
  }
  const auto line = [&](const std::string& name, const std::string& type, const std::string& as) {
    std::printf("  %-*s  %-*s  %s\n", static_cast<int>(name_width), name.c_str(),
                static_cast<int>(type_width), type.c_str(), as.c_str());
  };
  std::printf("columns\n");
  line("column", "type", options.serializer.format == Format::json ? "written as" : "");
  for (const auto& field : schema.fields()) {
    const bool left_out = std::find(options.serializer.exclude_columns.begin(),
                                    options.serializer.exclude_columns.end(),
                                    field->name()) != options.serializer.exclude_columns.end();
    const std::string as = options.serializer.format != Format::json
                               ? (field->name() == "value" ? "the payload" : "not written")
                           : left_out ? "left out"
                                      : written_as(*field->type(), options);
    line(field->name(), field->type()->ToString(), as);
  }
}

void print_records(const std::vector<std::string>& bodies) {
  std::printf("sample records\n");
  kinesis::PutRecordsRequest request;
  for (const std::string& body : bodies) {
    if (!kinesis::parse_put_records_request(kinesis::Wire::cbor, body, request)) continue;
    for (const auto& record : request.records) {
      std::printf("  key %.*s, %zu bytes: %.*s\n", static_cast<int>(record.partition_key.size()),
                  record.partition_key.data(), record.data.size(),
                  static_cast<int>(record.data.size()), record.data.data());
    }
  }
}

Result<void> inspect(const InspectArguments& arguments, SinkOptions options) {
  if (options.stream_name.empty()) options.stream_name = "inspect";
  options.client.log_level = LogLevel::info;  // the notes of the plan
  KINESINK_ASSIGN(const auto input, Input::open(arguments.input));
  print_schema(*input->schema(), options);
  if (const auto rows = input->row_count())
    std::printf("rows\n  %lld\n", static_cast<long long>(*rows));
  std::fflush(stdout);
  KINESINK_ASSIGN(const auto batch, input->next());
  if (batch == nullptr) return {};
  std::mutex mutex;
  std::vector<std::string> bodies;
  Client rehearsal(
      make_rehearsal(options.client.log, options.client.log_level, [&](std::string_view body) {
        const std::lock_guard lock(mutex);
        bodies.emplace_back(body);
      }));
  KinesisSink sink(std::move(options), std::move(rehearsal));
  KINESINK_TRY(sink.on_start());
  KINESINK_TRY(process_batch(sink, *batch->Slice(0, arguments.records)));
  KINESINK_TRY(sink.on_close());
  const std::lock_guard lock(mutex);
  print_records(bodies);
  return {};
}

int run_inspect(const InspectArguments& arguments) {
  Result<SinkOptions> options = arguments.settings.resolve();
  const Result<void> result =
      options ? inspect(arguments, *std::move(options)) : Result<void>(options.error());
  if (result) return kStored;
  say_error(result.error());
  return kUsage;
}

}  // namespace

Command add_inspect(CLI::App& program) {
  const auto arguments = std::make_shared<InspectArguments>();
  CLI::App* command = program.add_subcommand(
      "inspect", "Show a file's schema, how it is written, and sample records; sends nothing.");
  command
      ->add_option("INPUT", arguments->input,
                   ".parquet .arrow .arrows .feather .csv .ndjson or .jsonl file, or - for stdin "
                   "(Arrow IPC stream or NDJSON).")
      ->required();
  arguments->settings.add_to(*command, FlagSet::offline);
  command->add_option("--records", arguments->records, "Sample records to show.")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  command->footer(
      "Example:\n  kinesink inspect flights.parquet --partition-key carrier\n\nFlags of the "
      "connection, such as --stream, are accepted and not used: put `inspect` in place of "
      "`write`.");
  return [arguments] { return run_inspect(*arguments); };
}

}  // namespace kinesink::cli
