// Values into and out of SinkOptions, by the table.
#include <algorithm>
#include <array>
#include <string>
#include <type_traits>

#include "options/table.h"
#include "options/values.h"

namespace kinesink::options {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string join(std::span<const std::string_view> names, std::string_view separator) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : separator).append(name);
  return text;
}

Error refuse(const Option& option, std::string_view value) {
  return make_error(ErrorKind::invalid_argument, "option " + std::string(option.name) + " is '" +
                                                     std::string(value) + "'; it must be " +
                                                     range_of(option));
}

// Parquet is what people think of first, and what no record can be.
Error refuse_choice(const Option& option, const ChoiceField& field, std::string_view value) {
  if (option.name != "format" || value != "parquet") return refuse(option, value);
  const bool has_ipc = std::ranges::find(field.names, "arrow_ipc") != field.names.end();
  return make_error(
      ErrorKind::invalid_argument,
      std::string("format parquet makes files, not records: a footer per record would "
                  "cost more than its rows. Use ") +
          (has_ipc ? "arrow_ipc, which keeps columns and types" : "json"));
}

bool in_range(const Option& option, std::uint64_t value) {
  return (value >= option.least && value <= option.most) || (value == 0 && option.zero_is_special);
}

// Arroyo spells the names of choices in its own ways too.
std::string choice_name(std::string_view value) {
  if (value == "RFC3339") return "rfc3339";
  if (value == "UnixMillis") return "unix_millis";
  return std::string(value);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) items.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

// Options of Arroyo that mean something this version does not do: said by name rather than ignored.
constexpr std::array kNotSupported = {"json.confluent_schema_registry",
                                      "json.compression",
                                      "avro.into_unstructured_json",
                                      "framing",
                                      "framing.newline.max_length",
                                      "bad_data",
                                      "source.offset"};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// Options of Arroyo that are values of one option here, as they exclude each other.
struct Replaced {
  std::string_view name;
  std::string_view by;
};
constexpr std::array kReplaced = {
    Replaced{"avro.raw_datums", "avro.encoding = datum"},
    Replaced{"avro.confluent_schema_registry", "avro.encoding = confluent, with schema_id"}};

Error unknown(std::string_view name) {
  const auto replaced = std::ranges::find(kReplaced, name, &Replaced::name);
  if (replaced != kReplaced.end()) {
    return make_error(ErrorKind::invalid_argument, "option " + std::string(name) +
                                                       " is not known here: set " +
                                                       std::string(replaced->by) + " in its place");
  }
  if (std::ranges::find(kNotSupported, name) != kNotSupported.end()) {
    return make_error(ErrorKind::invalid_argument,
                      "option " + std::string(name) + " is not supported by this version");
  }
  std::string message = "there is no option '" + std::string(name) + "'";
  const auto nearest = std::ranges::min_element(
      table(), {}, [name](const Option& option) { return distance(name, option.name); });
  if (distance(name, nearest->name) <= name.size() / 4)
    message += "; did you mean " + std::string(nearest->name) + "?";
  return make_error(ErrorKind::invalid_argument, std::move(message));
}

}  // namespace

Result<void> set(const Option& option, SinkOptions& options, std::string_view value) {
  const auto number = [&](auto field, std::optional<std::uint64_t> parsed) -> Result<void> {
    if (!parsed || !in_range(option, *parsed)) return refuse(option, value);
    field(options) = static_cast<std::remove_reference_t<decltype(field(options))>>(*parsed);
    return {};
  };
  return std::visit(
      Overloaded{
          [&](TextField field) -> Result<void> { return field(options) = value, Result<void>(); },
          [&](ListField field) -> Result<void> {
            return field(options) = split(value), Result<void>();
          },
          [&](FlagField field) -> Result<void> {
            const auto flag = parse_flag(value);
            if (!flag) return refuse(option, value);
            field(options) = *flag;
            return {};
          },
          [&](SizeField field) { return number(field, parse_size(value)); },
          [&](CountField field) {
            // The automatic choice has a name too.
            return number(field,
                          value == "auto" && option.zero_is_special ? 0 : parse_count(value));
          },
          [&](Count64Field field) { return number(field, parse_count(value)); },
          [&](NumberField field) { return number(field, parse_count(value)); },
          [&](TimeField field) -> Result<void> {
            const auto time = parse_time(value);
            if (!time || !in_range(option, static_cast<std::uint64_t>(time->count())))
              return refuse(option, value);
            field(options) = *time;
            return {};
          },
          [&](const ChoiceField& field) -> Result<void> {
            const auto found = std::ranges::find(field.names, choice_name(value));
            if (found == field.names.end()) return refuse_choice(option, field, value);
            field.set(options, static_cast<std::size_t>(found - field.names.begin()));
            return {};
          },
      },
      option.field);
}

std::string value_of(const Option& option, const SinkOptions& given) {
  auto& options = const_cast<SinkOptions&>(
      given);  // the fields are accessors for both ways; nothing is changed
  return std::visit(
      Overloaded{
          [&](TextField field) { return field(options); },
          [&](ListField field) {
            std::string text;
            for (const std::string& item : field(options))
              text.append(text.empty() ? "" : ",").append(item);
            return text;
          },
          [&](FlagField field) { return std::string(field(options) ? "true" : "false"); },
          [&](TimeField field) { return std::to_string(field(options).count()); },
          [&](const ChoiceField& field) { return std::string(field.names[field.get(options)]); },
          [&](auto field) { return std::to_string(field(options)); },
      },
      option.field);
}

std::string_view kind_of(const Option& option) {
  return std::visit(Overloaded{
                        [](TextField) { return std::string_view("text"); },
                        [](ListField) { return std::string_view("list"); },
                        [](FlagField) { return std::string_view("flag"); },
                        [](SizeField) { return std::string_view("bytes"); },
                        [](TimeField) { return std::string_view("time"); },
                        [](const ChoiceField&) { return std::string_view("choice"); },
                        [](auto) { return std::string_view("number"); },
                    },
                    option.field);
}

std::string range_of(const Option& option) {
  const std::string zero = option.zero_is_special ? "0, or " : "";
  const std::string_view kind = kind_of(option);
  if (const auto* field = std::get_if<ChoiceField>(&option.field)) return join(field->names, " | ");
  if (kind == "flag") return "true | false";
  if (kind == "time") return zero + show_time(option.least) + " to " + show_time(option.most);
  const bool bounded = option.most != UINT64_MAX;
  if (kind == "bytes") {
    return zero + show_size(option.least) +
           (bounded ? " to " + show_size(option.most) : " or more");
  }
  if (kind == "number") {
    return zero + std::to_string(option.least) +
           (bounded ? " to " + std::to_string(option.most) : " or more");
  }
  return kind == "list" ? "names separated by commas" : "text";
}

std::string markdown() {
  std::string text =
      "# Options\n\n"
      "Every option of a sink: in C++ (`kinesink::set_option` or the fields of `SinkOptions`), in "
      "C\n"
      "(`kinesink_options_set`), on the command line (`--set NAME=VALUE`) and in a configuration "
      "file. Sizes are bytes\n"
      "and take units (`4MB`, `64MiB`); times are milliseconds and take units (`200ms`, `1s`, "
      "`5m`). Made from the table\n"
      "in `src/options/table.cc` by `kinesink options`; the names in the last column are accepted "
      "too.\n\n"
      "| option | default | range | meaning | also |\n|---|---|---|---|---|\n";
  const SinkOptions defaults;
  for (const Option& option : table()) {
    std::string range = range_of(option);
    for (std::size_t at = 0; (at = range.find('|', at)) != std::string::npos; at += 2)
      range.insert(at, "\\");
    const std::string value = value_of(option, defaults);
    text += "| `" + std::string(option.name) + "` | " + (value.empty() ? "" : "`" + value + "`") +
            " | " + range + " | " + std::string(option.meaning) + " | " +
            (option.arroyo.empty() ? "" : "`" + std::string(option.arroyo) + "`") + " |\n";
  }
  return text;
}

}  // namespace kinesink::options

namespace kinesink {

Result<void> set_option(SinkOptions& options, std::string_view name, std::string_view value) {
  const options::Option* option = options::find(name);
  if (option == nullptr) return options::unknown(name);
  return options::set(*option, options, value);
}

namespace {

Error contradiction(std::string message) {
  return make_error(ErrorKind::invalid_argument, std::move(message));
}

Result<void> check_keys(const SinkOptions& options) {
  if (options.partition_key == PartitionKey::constant && options.partition_key_constant.empty()) {
    return contradiction("partition_key = constant needs partition_key_constant");
  }
  if (options.partition_key == PartitionKey::column && options.partition_key_column.empty()) {
    return contradiction("partition_key = column needs partition_key_column");
  }
  if (options.partition_key != PartitionKey::constant && !options.partition_key_constant.empty()) {
    return contradiction("partition_key_constant is set, but partition_key is not constant");
  }
  if (options.partition_key != PartitionKey::column && !options.partition_key_column.empty()) {
    return contradiction("partition_key_column is set, but partition_key is not column");
  }
  return {};
}

Result<void> check_dead_letters(const SinkOptions& options) {
  const bool has_output = options.dead_letter || !options.dead_letter_file.empty();
  const bool wants_output = options.on_invalid == OnReject::dead_letter ||
                            options.on_refused == OnReject::dead_letter ||
                            options.on_exhausted == OnReject::dead_letter;
  if (options.dead_letter && !options.dead_letter_file.empty()) {
    return contradiction(
        "there are two dead-letter outputs, a callback and dead_letter_file: set one");
  }
  if (wants_output && !has_output) {
    return contradiction(
        "on_invalid, on_refused or on_exhausted is dead_letter, but there is no output: set "
        "dead_letter_file or a callback");
  }
  if (has_output && !wants_output) {
    return contradiction(
        "there is a dead-letter output, but on_invalid, on_refused and on_exhausted are all fail: "
        "nothing would go there");
  }
  return {};
}

Result<void> check_avro(const FormatOptions& options) {
  if (options.format != Format::avro) return {};
  if (!options.avro_schema_file.empty() && !options.avro_schema.empty()) {
    return contradiction("there are two Avro schemas, avro.schema_file and avro.schema: set one");
  }
  if (options.avro_encoding == AvroEncoding::confluent && options.schema_id == 0) {
    return contradiction("avro.encoding = confluent needs schema_id");
  }
  return {};
}

bool is_binary(Format format) {
  return format == Format::raw_bytes || format == Format::avro || format == Format::msgpack ||
         format == Format::cbor;
}

}  // namespace

Result<void> validate(const SinkOptions& options) {
  if (options.stream_name.empty()) return contradiction("option stream_name is missing");
  for (const options::Option& option : options::table()) {
    // What was set through the fields has not been checked yet.
    SinkOptions copy;
    KINESINK_TRY(options::set(option, copy, options::value_of(option, options)));
  }
  KINESINK_TRY(check_keys(options));
  KINESINK_TRY(check_dead_letters(options));
  if (options.packed_record_size > 0 && options.framing == Framing::none) {
    return contradiction(
        "packed_record_size puts several rows into a record, which a reader can not tell apart "
        "without framing: set framing to newline or length_prefixed");
  }
  if (options.framing == Framing::newline && is_binary(options.serializer.format)) {
    return contradiction(
        "framing = newline is for text: bytes may hold line ends of their own; set framing to "
        "length_prefixed");
  }
  KINESINK_TRY(check_avro(options.serializer));
  if (options.retry.base_delay > options.retry.max_delay ||
      options.checkpoint_retry.base_delay > options.checkpoint_retry.max_delay) {
    return contradiction(
        "retry_base_delay must not be longer than retry_max_delay (nor the checkpoint's than its "
        "own)");
  }
  return {};
}

}  // namespace kinesink
