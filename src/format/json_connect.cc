#include "format/json_connect.h"

#include "columnar/extension.h"

namespace kinesink::format {
namespace {

using columnar::Extension;
using columnar::Field;
using columnar::TypeId;

constexpr std::string_view kLogical = "org.apache.kafka.connect.data.";

// {"type":...} of one value.
class SchemaWriter {
 public:
  std::string& text() { return text_; }
  // `member`: the key of the struct's member, with its quotes; empty: of none. `outer`: the
  // extension type of the dictionary or runs around the values.
  Result<void> value(const Field& field, const JsonStep& step, bool optional,
                     std::string_view member, Extension outer = Extension::none);
  // The end of a type: what all have.
  void close(bool optional, std::string_view name, std::string_view member);

 private:
  Result<void> nested(const Field& field, const JsonStep& step, bool optional,
                      std::string_view member, Extension outer);
  void simple(std::string_view type, bool optional, std::string_view member) {
    open(type);
    close(optional, "", member);
  }
  void logical(std::string_view type, std::string_view name, bool optional,
               std::string_view member) {
    open(type);
    close(optional, std::string(kLogical) + std::string(name), member);
  }
  void open(std::string_view type) { text_.append("{\"type\":\"").append(type).append("\""); }
  void decimal(const JsonStep& step, bool optional, std::string_view member);

  std::string text_;
};

bool is_string(StepKind kind) {
  switch (kind) {
    case StepKind::null:
    case StepKind::utf8:
    case StepKind::large_utf8:
    case StepKind::bytes_as_text:
    case StepKind::uuid:
    case StepKind::duration:
    case StepKind::interval:
      return true;
    default:
      return false;
  }
}

std::string_view name_of_string(const Field& field, const JsonStep& step, Extension outer) {
  if (step.kind == StepKind::uuid) return "io.debezium.data.Uuid";
  return columnar::extension_of(field, outer) == Extension::json ? "io.debezium.data.Json" : "";
}

Error refuse(const JsonStep& step) {
  Error error =
      make_error(ErrorKind::invalid_argument,
                 "Kafka Connect has no type for " + std::string(columnar::name_of(step.type)) +
                     ". Leave the column out (exclude_columns), change its type, or set "
                     "json.include_schema = false.");
  error.column = step.path;
  return error;
}

void SchemaWriter::close(bool optional, std::string_view name, std::string_view member) {
  text_.append(",\"optional\":").append(optional ? "true" : "false");
  if (!name.empty()) text_.append(",\"name\":\"").append(name).append("\"");
  if (name.starts_with(kLogical)) text_.append(",\"version\":1");
  if (!member.empty()) text_.append(",\"field\":").append(member);
  text_.append("}");
}

void SchemaWriter::decimal(const JsonStep& step, bool optional, std::string_view member) {
  open("bytes");
  text_.append(",\"optional\":").append(optional ? "true" : "false");
  text_.append(",\"name\":\"").append(kLogical).append("Decimal\",\"version\":1");
  text_.append(",\"parameters\":{\"scale\":\"").append(std::to_string(step.scale));
  text_.append("\",\"connect.decimal.precision\":\"").append(std::to_string(step.precision));
  text_.append("\"}");
  if (!member.empty()) text_.append(",\"field\":").append(member);
  text_.append("}");
}

Result<void> SchemaWriter::nested(const Field& field, const JsonStep& step, bool optional,
                                  std::string_view member, Extension outer) {
  const auto child = [&](std::size_t index, std::string_view key) {
    return value(field.children[index], step.children[index], field.children[index].nullable, key);
  };
  switch (step.kind) {
    case StepKind::list:
    case StepKind::list_view:
      open("array");
      text_.append(",\"items\":");
      KINESINK_TRY(child(0, ""));
      break;
    case StepKind::structure:
      open("struct");
      text_.append(",\"fields\":[");
      for (std::size_t i = 0; i < step.children.size(); ++i) {
        if (i > 0) text_.append(",");
        KINESINK_TRY(child(i, key_of(step.children[i])));
      }
      text_.append("]");
      break;
    case StepKind::run:
    case StepKind::dictionary:  // its values may be null as well
      return value(field.children[0], step.children[0], optional || field.children[0].nullable,
                   member, columnar::extension_of(field, outer));
    default:
      open("map");
      text_.append(",\"keys\":");
      KINESINK_TRY(value(field.children[0], step.children[0], false, ""));
      text_.append(",\"values\":");
      KINESINK_TRY(child(1, ""));
  }
  close(optional, "", member);
  return {};
}

Result<void> SchemaWriter::value(const Field& field, const JsonStep& step, bool optional,
                                 std::string_view member, Extension outer) {
  if (is_string(step.kind)) {
    open("string");
    return close(optional || step.kind == StepKind::null, name_of_string(field, step, outer),
                 member),
           Result<void>();
  }
  const bool may_be_nan = step.non_finite == NonFinite::null;
  switch (step.kind) {
    case StepKind::bool8:
    case StepKind::boolean:
      return simple("boolean", optional, member), Result<void>();
    case StepKind::int8:
      return simple("int8", optional, member), Result<void>();
    case StepKind::int16:
    case StepKind::uint8:
      return simple("int16", optional, member), Result<void>();
    case StepKind::int32:
      if (step.type == TypeId::date32) {
        return logical("int32", "Date", optional, member), Result<void>();
      }
      [[fallthrough]];
    case StepKind::uint16:
      return simple("int32", optional, member), Result<void>();
    case StepKind::int64:
      if (step.type == TypeId::timestamp) {
        return logical("int64", "Timestamp", optional, member), Result<void>();
      }
      [[fallthrough]];
    case StepKind::uint32:
    case StepKind::unsigned_as_signed:
      return simple("int64", optional, member), Result<void>();
    case StepKind::float16:
    case StepKind::float32:
    case StepKind::float64:
    case StepKind::float_by_policy:
      return simple(step.type == TypeId::float64 ? "double" : "float", optional || may_be_nan,
                    member),
             Result<void>();
    case StepKind::decimal:
      return decimal(step, optional, member), Result<void>();
    case StepKind::bytes_as_base64:
      return simple("bytes", optional, member), Result<void>();
    case StepKind::epoch64:
      return logical(step.as_days ? "int32" : "int64", step.as_days ? "Date" : "Timestamp",
                     optional, member),
             Result<void>();
    case StepKind::time_millis:
      return logical("int32", "Time", optional, member), Result<void>();
    case StepKind::list:
    case StepKind::list_view:
    case StepKind::structure:
    case StepKind::map:
    case StepKind::map_pairs:
    case StepKind::dictionary:
    case StepKind::run:
      return nested(field, step, optional, member, outer);
    default:
      return refuse(step);
  }
}

}  // namespace

Result<std::string> connect_schema(const columnar::Schema& schema, std::span<const int> columns,
                                   std::span<const JsonStep> steps, const ConnectStruct& about) {
  SchemaWriter writer;
  writer.text() = "{\"type\":\"struct\",\"fields\":[";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Field& field = schema.fields[static_cast<std::size_t>(columns[i])];
    if (i > 0) writer.text().append(",");
    KINESINK_TRY(writer.value(field, steps[i], field.nullable, key_of(steps[i])));
  }
  writer.text().append("]");
  writer.close(about.optional, about.name, about.member);
  return std::move(writer.text());
}

}  // namespace kinesink::format
