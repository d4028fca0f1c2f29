#include "format/json_choices.h"

#include "format/json_escape.h"
#include "format/json_text.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::Field;
using columnar::TimeUnit;
using columnar::TypeId;

Error contradiction(const std::string& message) {
  return make_error(ErrorKind::invalid_argument, message);
}

bool is_debezium(const FormatOptions& options) { return options.format == Format::debezium_json; }

Result<void> check_unstructured(const FormatOptions& options) {
  const JsonOptions& json = options.json;
  if (!json.unstructured) return {};
  const std::string what = "json.unstructured = true writes the bare JSON of the column `value`; ";
  if (is_debezium(options)) return contradiction(what + "format = debezium_json is an envelope.");
  if (json.include_schema) return contradiction(what + "json.include_schema = true an envelope.");
  if (json.nulls != Nulls::write || json.key_naming != KeyNaming::as_is) {
    return contradiction(what + "json.nulls and json.key_naming have no meaning for it.");
  }
  return {};
}

// Under a schema the payload is what Kafka Connect's types ask for.
Result<void> check_schema(const FormatOptions& options) {
  const JsonOptions& json = options.json;
  if (!json.include_schema) return {};
  const auto refuse = [](const std::string& option, const std::string& instead) {
    return contradiction("json.include_schema = true writes the types of Kafka Connect, to which " +
                         option + " does not fit. Leave it out, or set it to " + instead + ".");
  };
  if (options.timestamp_format != TimestampFormat::automatic &&
      options.timestamp_format != TimestampFormat::unix_millis) {
    return refuse("json.timestamp_format", "unix_millis");
  }
  if (options.decimal_encoding != DecimalEncoding::automatic &&
      options.decimal_encoding != DecimalEncoding::bytes) {
    return refuse("json.decimal_encoding", "bytes");
  }
  if (json.binary_encoding != BinaryEncoding::automatic &&
      json.binary_encoding != BinaryEncoding::base64) {
    return refuse("json.binary_encoding", "base64");
  }
  if (json.non_finite == NonFinite::string) {
    return refuse("json.non_finite = string", "null or error");
  }
  if (json.invalid_json != InvalidJson::error) {
    return refuse("json.invalid_json", "error: JSON columns are strings there, whatever they hold");
  }
  if (!options.debezium.source.empty()) {
    return contradiction(
        "debezium.source has no schema: leave it out, or set json.include_schema = false.");
  }
  return {};
}

Result<void> check_text_of_timestamps(const FormatOptions& options) {
  if (options.timestamp_format == TimestampFormat::rfc3339) return {};
  const bool has_digits = options.json.timestamp_digits != TimestampDigits::automatic;
  if (!has_digits && options.json.naive_timestamp == NaiveTimestamp::as_is) return {};
  return contradiction(std::string(has_digits ? "json.timestamp_digits" : "json.naive_timestamp") +
                       " is about timestamps as text, and timestamps are numbers here. Leave it "
                       "out, or set json.timestamp_format = rfc3339" +
                       (options.json.include_schema ? " and json.include_schema = false." : "."));
}

Result<void> check_debezium(const FormatOptions& options) {
  const DebeziumOptions& debezium = options.debezium;
  if (!is_debezium(options)) {
    if (!debezium.ts_ms && debezium.source.empty()) return {};
    return contradiction("debezium.ts_ms and debezium.source need format = debezium_json.");
  }
  if (!debezium.source.empty() && !compact_json_size(debezium.source)) {
    return contradiction("debezium.source is not valid JSON.");
  }
  return {};
}

std::int64_t source_per_second(const Field& field) {
  return per_second(field.type == TypeId::date64 ? TimeUnit::millisecond : field.unit);
}

// A number since 1970, in step.epoch_unit.
void count_from_epoch(const Field& field, JsonStep& step) {
  const std::int64_t target = per_second(step.epoch_unit);
  if (field.type == TypeId::date32) {
    step.multiplier = kSecondsPerDay * target;
    step.kind = StepKind::epoch32;
    return;
  }
  const std::int64_t source = source_per_second(field);
  step.kind = source == target ? StepKind::int64 : StepKind::epoch64;
  if (target > source) step.multiplier = target / source;
  if (source > target) step.divisor = source / target;
}

// Text, in which only digits and zones can be chosen.
void choose_text(const Field& field, const FormatOptions& options, JsonStep& step) {
  const TimestampDigits digits = options.json.timestamp_digits;
  if (digits != TimestampDigits::automatic && field.type != TypeId::date32) {
    step.kind = StepKind::timestamp_digits;
    step.digits = static_cast<std::uint8_t>(
        3 * (static_cast<int>(digits) - static_cast<int>(TimestampDigits::none)));
    if (field.type == TypeId::date64) step.unit = TimeUnit::millisecond;
  } else if (step.kind == StepKind::timestamp &&
             options.json.naive_timestamp == NaiveTimestamp::utc) {
    step.kind = StepKind::timestamp_zoned;
  }
}

void choose_instant(const Field& field, const FormatOptions& options, JsonStep& step) {
  switch (options.timestamp_format) {
    case TimestampFormat::unix_seconds:
      step.epoch_unit = TimeUnit::second;
      return count_from_epoch(field, step);
    case TimestampFormat::unix_millis:
      step.epoch_unit = TimeUnit::millisecond;
      return count_from_epoch(field, step);
    case TimestampFormat::unix_micros:
      step.epoch_unit = TimeUnit::microsecond;
      return count_from_epoch(field, step);
    case TimestampFormat::unix_nanos:
      step.epoch_unit = TimeUnit::nanosecond;
      return count_from_epoch(field, step);
    default:
      return choose_text(field, options, step);
  }
}

StepKind kind_of_binary(BinaryEncoding encoding, StepKind automatic) {
  switch (encoding) {
    case BinaryEncoding::base64:
      return StepKind::bytes_as_base64;
    case BinaryEncoding::base64url:
      return StepKind::bytes_as_base64url;
    case BinaryEncoding::hex:
      return StepKind::bytes_as_hex;
    default:
      return automatic;
  }
}

bool is_text(const Field& field) {
  if (field.type == TypeId::dictionary || field.type == TypeId::run_end_encoded) {
    return is_text(field.children[0]);
  }
  return field.type == TypeId::utf8 || field.type == TypeId::large_utf8 ||
         field.type == TypeId::utf8_view;
}

// What Kafka Connect's types ask for.
void choose_for_schema(const Field& field, JsonStep& step) {
  switch (step.kind) {
    case StepKind::uint64:
      step.kind = StepKind::unsigned_as_signed;
      break;
    case StepKind::bytes_as_hex:
      step.kind = StepKind::bytes_as_base64;
      break;
    case StepKind::date32:
      step.kind = StepKind::int32;
      break;
    case StepKind::date64:
      step.kind = StepKind::epoch64;
      step.divisor = kSecondsPerDay * per_second(TimeUnit::millisecond);
      step.as_days = true;
      break;
    case StepKind::time32:
    case StepKind::time64:
      step.kind = StepKind::time_millis;
      break;
    case StepKind::map:
      if (!is_text(field.children[0])) step.kind = StepKind::map_pairs;
      break;
    default:
      break;
  }
}

}  // namespace

Result<FormatOptions> resolve_json_options(FormatOptions options) {
  KINESINK_TRY(check_unstructured(options));
  KINESINK_TRY(check_schema(options));
  KINESINK_TRY(check_debezium(options));
  const bool as_connect = is_debezium(options) || options.json.include_schema;
  if (options.timestamp_format == TimestampFormat::automatic) {
    options.timestamp_format = as_connect ? TimestampFormat::unix_millis : TimestampFormat::rfc3339;
  }
  if (options.decimal_encoding == DecimalEncoding::automatic) {
    options.decimal_encoding = as_connect ? DecimalEncoding::bytes : DecimalEncoding::number;
  }
  KINESINK_TRY(check_text_of_timestamps(options));
  return options;
}

void choose(const Field& field, const FormatOptions& options, JsonStep& step) {
  const JsonOptions& json = options.json;
  step.decimal_encoding = options.decimal_encoding;
  if (json.binary_encoding != BinaryEncoding::automatic) step.decimal_bytes = json.binary_encoding;
  step.minimal_decimal = json.include_schema;
  step.non_finite = json.non_finite;
  step.invalid_json = json.invalid_json;
  if (json.invalid_json == InvalidJson::string) step.max_json_byte = kMaxEscapedByte;
  if (json.include_schema) choose_for_schema(field, step);
  switch (step.kind) {
    case StepKind::float16:
    case StepKind::float32:
    case StepKind::float64:
      if (json.non_finite != NonFinite::null) step.kind = StepKind::float_by_policy;
      break;
    case StepKind::bytes_as_base64:
    case StepKind::bytes_as_hex:
      step.kind = kind_of_binary(json.binary_encoding, step.kind);
      break;
    case StepKind::date32:
    case StepKind::date64:
    case StepKind::timestamp:
    case StepKind::timestamp_zoned:
      choose_instant(field, options, step);
      break;
    default:
      break;
  }
}

std::string zone_of(const Field& field, const FormatOptions& options, const JsonStep& step) {
  if (field.type != TypeId::timestamp ||
      (step.kind != StepKind::timestamp_zoned && step.kind != StepKind::timestamp_digits)) {
    return "";
  }
  if (!field.timezone.empty()) return field.timezone;
  return options.json.naive_timestamp == NaiveTimestamp::utc ? "UTC" : "";
}

}  // namespace kinesink::format
