// kinesink inspect: what a file would become, without sending anything.
#include <arrow/c/bridge.h>
#include <arrow/type.h>

#include <cstdio>
#include <mutex>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input.h"
#include "cli/rehearsal.h"
#include "cli/sink_settings.h"
#include "columnar/column.h"
#include "format/serializer.h"
#include "kinesink/arrow.h"
#include "kinesink/sink.h"
#include "kinesis/put_records_request.h"
#include "sink/schema_file.h"

namespace kinesink::cli {
namespace {

struct InspectArguments {
  SinkSettings settings;
  std::string input;
  std::int64_t records = 3;
  bool schema_only = false;
};

// How each column is written; nothing if the format does not write columns, or cannot write these.
std::vector<std::string> written_as(const arrow::Schema& schema, const SinkOptions& options) {
  ArrowSchema exported;
  if (!arrow::ExportSchema(schema, &exported).ok()) return {};
  const Result<columnar::Schema> imported = columnar::import_schema(exported);
  exported.release(&exported);
  if (!imported) return {};
  const auto serializer = format::ArrowSerializer::make(*imported, options.serializer);
  if (!serializer) return {};
  return serializer->describe(*imported);
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
  const bool is_raw = options.serializer.format == Format::raw_string ||
                      options.serializer.format == Format::raw_bytes;
  const std::vector<std::string> texts = written_as(schema, options);
  std::printf("columns\n");
  line("column", "type", texts.empty() ? "" : "written as");
  for (int i = 0; i < schema.num_fields(); ++i) {
    const auto& field = schema.field(i);
    std::string as;
    if (is_raw) as = field->name() == "value" ? "the payload" : "not written";
    if (!texts.empty()) as = texts[static_cast<std::size_t>(i)];
    if (!texts.empty() && as.empty()) as = "left out";
    line(field->name(), field->type()->ToString(), as);
  }
}

// What a reader of the records needs to know; empty: nothing.
Result<std::string> schema_of(const arrow::RecordBatch& batch, FormatOptions options) {
  KINESINK_TRY(sink::load_schema(options));
  KINESINK_ASSIGN(const ExportedBatch exported, ExportedBatch::of(batch));
  const RecordBatchView view = exported.view();
  KINESINK_ASSIGN(const columnar::Schema schema, columnar::import_schema(*view.schema));
  KINESINK_ASSIGN(auto serializer, format::ArrowSerializer::make(schema, options));
  columnar::Batch rows;
  KINESINK_TRY(columnar::view_batch(schema, *view.array, rows));
  KINESINK_TRY(serializer.bind(rows));
  return serializer.schema_text();
}

void print_records(const std::vector<std::string>& bodies, Format format) {
  std::printf("sample records\n");
  const bool is_bytes =
      format == Format::avro || format == Format::msgpack || format == Format::cbor;
  kinesis::PutRecordsRequest request;
  for (const std::string& body : bodies) {
    if (!kinesis::parse_put_records_request(kinesis::Wire::cbor, body, request)) continue;
    for (const auto& record : request.records) {
      const std::string_view data = record.data;
      const std::string shown = is_bytes ? to_hex(data) : std::string(data);
      std::printf("  key %.*s, %zu bytes: %s\n", static_cast<int>(record.partition_key.size()),
                  record.partition_key.data(), data.size(), shown.c_str());
    }
  }
}

Result<void> print_schema_only(Input& input, const FormatOptions& options) {
  KINESINK_ASSIGN(auto batch, input.next());
  if (batch == nullptr) {
    auto empty = arrow::RecordBatch::MakeEmpty(input.schema());
    if (!empty.ok()) return make_error(ErrorKind::internal, empty.status().ToString());
    batch = *std::move(empty);
  }
  KINESINK_ASSIGN(const std::string schema, schema_of(*batch, options));
  if (schema.empty()) {
    return make_error(ErrorKind::invalid_argument, "--schema: the format has no schema.");
  }
  std::printf("%s\n", schema.c_str());
  return {};
}

Result<void> inspect(const InspectArguments& arguments, SinkOptions options) {
  if (options.stream_name.empty()) options.stream_name = "inspect";
  options.client.log_level = LogLevel::info;  // the notes of the plan
  const Format format = options.serializer.format;
  KINESINK_ASSIGN(const auto input, Input::open(arguments.input));
  if (arguments.schema_only) return print_schema_only(*input, options.serializer);
  print_schema(*input->schema(), options);
  if (const auto rows = input->row_count())
    std::printf("rows\n  %lld\n", static_cast<long long>(*rows));
  std::fflush(stdout);
  KINESINK_ASSIGN(const auto batch, input->next());
  if (batch == nullptr) return {};
  KINESINK_ASSIGN(const std::string schema, schema_of(*batch, options.serializer));
  if (!schema.empty()) std::printf("schema\n%s\n", schema.c_str());
  std::fflush(stdout);
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
  print_records(bodies, format);
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
  command->add_flag("--schema", arguments->schema_only,
                    "Print the schema that readers of the records need, and nothing else.");
  command->footer(
      "Example:\n  kinesink inspect flights.parquet --partition-key carrier\n\nFlags of the "
      "connection, such as --stream, are accepted and not used: put `inspect` in place of "
      "`write`.");
  return [arguments] { return run_inspect(*arguments); };
}

}  // namespace kinesink::cli
