// Batches that may contradict themselves (batch_maker.h), in every format under any options: what
// view_batch accepts becomes a payload (of JSON: valid) or an error of the row, the same in just
// enough room, and nothing in less. Also time zone files of any bytes.

#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "format/json_text.h"
#include "format/serializer.h"
#include "fuzz/batch_maker.h"

namespace kinesink {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Names that differ, as JSON needs them; some columns have an extension type. `is_wide`: there may
// be numbers that simdjson refuses, as it reads no more than 64 bits.
void rename(columnar::Field& field, std::string name, FuzzedDataProvider& input, bool& is_wide) {
  field.name = std::move(name);
  if (input.ConsumeIntegralInRange(0, 7) == 0) {
    field.extension_name = input.PickValueInArray(
        {"arrow.json", "arrow.uuid", "arrow.bool8", "some.other", "arrow.opaque"});
    is_wide = true;
  }
  is_wide |= field.precision != 0;
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    rename(field.children[i], "m" + std::to_string(i), input, is_wide);
  }
}

// Makes a change of the rows, if the column can be what says how they change.
void make_meta(columnar::Field& field) {
  if (field.type != columnar::TypeId::structure || field.children.size() < 2) return;
  if (field.children[0].type != columnar::TypeId::boolean) return;
  field.name = "_updating_meta";
  field.children[0].name = "is_retract";
  field.children[1].name = "id";
}

template <typename Enumeration>
void choose(FuzzedDataProvider& input, Enumeration last, Enumeration& chosen) {
  chosen = static_cast<Enumeration>(input.ConsumeIntegralInRange(0, static_cast<int>(last)));
}

format::FormatOptions make_options(FuzzedDataProvider& input) {
  format::FormatOptions options;
  choose(input, format::TimestampFormat::unix_nanos, options.timestamp_format);
  choose(input, format::DecimalEncoding::bytes, options.decimal_encoding);
  options.format =
      input.PickValueInArray({format::Format::json, format::Format::debezium_json,
                              format::Format::msgpack, format::Format::cbor, format::Format::csv});
  choose(input, format::MsgpackTimestamp::text, options.msgpack_timestamp);
  choose(input, format::CborDecimal::decimal_fraction, options.cbor_decimal);
  options.csv_quote_all = input.ConsumeBool();
  if (input.ConsumeBool()) options.csv_null = "1";
  if (input.ConsumeBool()) return options;
  format::JsonOptions& json = options.json;
  choose(input, format::NaiveTimestamp::utc, json.naive_timestamp);
  choose(input, format::TimestampDigits::nine, json.timestamp_digits);
  choose(input, format::BinaryEncoding::hex, json.binary_encoding);
  choose(input, format::NonFinite::error, json.non_finite);
  choose(input, format::Nulls::omit, json.nulls);
  choose(input, format::KeyNaming::camel_case, json.key_naming);
  choose(input, format::InvalidJson::string, json.invalid_json);
  json.include_schema = options.format != format::Format::csv && input.ConsumeBool();
  if (json.include_schema) {  // with what may be combined with it
    options.timestamp_format = format::TimestampFormat::automatic;
    options.decimal_encoding = format::DecimalEncoding::automatic;
    json.binary_encoding = format::BinaryEncoding::automatic;
    json.invalid_json = format::InvalidJson::error;
  }
  return options;
}

template <typename Plan>
format::RowStatus write(Plan& plan, std::int64_t row, std::size_t room, std::string& text) {
  const auto block = std::make_unique<std::uint8_t[]>(room);
  const format::RowResult result = plan.write_row(row, block.get(), block.get() + room);
  text.assign(block.get(), result.end);
  return result.status;
}

void check_json(const std::string& text, bool is_wide) {
  require(format::compact_json_size(text) == text.size());
  if (is_wide) return;
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  require(parser.parse(text).get(element) == simdjson::SUCCESS);
}

template <typename Plan>
constexpr bool kIsJson =
    !std::is_same_v<Plan, format::AvroPlan> && !std::is_same_v<Plan, format::CsvPlan> &&
    !std::is_same_v<Plan, format::MsgpackPlan> && !std::is_same_v<Plan, format::CborPlan>;

template <typename Plan>
void check_row(Plan& plan, std::int64_t row, bool is_wide) {
  std::string text;
  const format::RowStatus status = write(plan, row, std::size_t{1} << 16, text);
  if (status == format::RowStatus::invalid) {
    require(!plan.error().column.empty());
    return;
  }
  if (status != format::RowStatus::written) return;
  if constexpr (kIsJson<Plan>) check_json(text, is_wide);
  std::string tight;
  require(write(plan, row, text.size(), tight) == format::RowStatus::written && tight == text);
  if (text.empty()) return;
  require(write(plan, row, text.size() - 1, tight) == format::RowStatus::no_room);
}

}  // namespace
}  // namespace kinesink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  FuzzedDataProvider input(data, size);
  if (input.ConsumeIntegralInRange(0, 31) == 0) {
    const auto at = input.ConsumeIntegral<std::int64_t>();
    const auto zone = format::TimeZone::parse(input.ConsumeRemainingBytesAsString());
    if (zone) require(zone->span_at(at).offset % 60 == 0);
    return 0;
  }
  format::FormatOptions options = make_options(input);
  options.kernel = size % 2 == 0 ? format::Kernel::automatic : format::Kernel::portable;
  test_support::ArrowData batch = fuzz::BatchMaker(input).batch();
  Result<columnar::Schema> schema = columnar::import_schema(batch.schema());
  require(schema.has_value());
  bool is_wide = false;
  for (std::size_t i = 0; i < schema->fields.size(); ++i) {
    rename(schema->fields[i], "c" + std::to_string(i), input, is_wide);
  }
  if (options.format == format::Format::debezium_json && !schema->fields.empty()) {
    make_meta(schema->fields.back());
  }
  auto serializer = format::ArrowSerializer::make(*schema, options);
  columnar::Batch view;
  if (!serializer || !columnar::view_batch(*schema, batch.array(), view)) return 0;
  require(serializer->bind(view).has_value());
  serializer->visit([&](auto& plan) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(plan)>, format::RawPlan>) {
      for (std::int64_t row = 0; row < view.length; ++row) check_row(plan, row, is_wide);
    }
  });
  return 0;
}
