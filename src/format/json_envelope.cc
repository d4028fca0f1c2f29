#include "format/json_envelope.h"

#include "format/json_connect.h"
#include "format/json_writer.h"

namespace kinesink::format {
namespace {

using columnar::Field;
using columnar::TimeUnit;
using columnar::TypeId;

constexpr std::string_view kValueColumn = "value";

bool loses_fraction(const JsonStep& step) {
  const bool is_time = step.kind == StepKind::time_millis || step.kind == StepKind::epoch64;
  if (is_time && (step.unit == TimeUnit::microsecond || step.unit == TimeUnit::nanosecond)) {
    return true;
  }
  for (const JsonStep& child : step.children) {
    if (loses_fraction(child)) return true;
  }
  return false;
}

Error refuse_value(const std::string& what) {
  Error error = make_error(ErrorKind::invalid_argument,
                           "json.unstructured = true writes one column, `value`, whose extension "
                           "type is arroyo.json or arrow.json; " +
                               what);
  error.column = kValueColumn;
  return error;
}

bool is_json(const JsonStep& step) {
  return step.kind == StepKind::bytes_as_json ||
         (step.kind == StepKind::dictionary && is_json(step.children[0]));
}

}  // namespace

std::string schema_and_payload(std::string_view schema) {
  return "{\"schema\":" + std::string(schema) + ",\"payload\":";
}

std::vector<std::string> notes_of_schema(std::span<const JsonStep> members) {
  std::vector<std::string> notes;
  for (const JsonStep& member : members) {
    if (!loses_fraction(member)) continue;
    notes.push_back("Column " + member.path +
                    " is finer than the milliseconds of Kafka Connect's types and is rounded down "
                    "to them.");
  }
  return notes;
}

Result<JsonSchemaPlan> JsonSchemaPlan::make(const columnar::Schema& schema,
                                            const FormatOptions& options) {
  KINESINK_ASSIGN(JsonPlan rows, JsonPlan::make(schema, options));
  JsonSchemaPlan plan(std::move(rows));
  KINESINK_ASSIGN(const std::string described,
                  connect_schema(schema, plan.columns(), plan.members(), {.name = "kinesink.Row"}));
  plan.before_ = schema_and_payload(described);
  plan.notes_ = plan.rows_.notes();
  for (std::string& note : notes_of_schema(plan.members())) plan.notes_.push_back(std::move(note));
  return plan;
}

RowResult JsonSchemaPlan::write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  constexpr std::string_view kEnd = "}";
  EnvelopeText text(begin, limit);
  if (!text.put(before_)) return {RowStatus::no_room, begin};
  const RowResult written = rows_.write_row(row, text.out(), limit - kEnd.size());
  if (written.status != RowStatus::written) return {written.status, begin};
  text.go_to(written.end);
  return text.put(kEnd) ? RowResult{RowStatus::written, text.out()}
                        : RowResult{RowStatus::no_room, begin};
}

Result<JsonValuePlan> JsonValuePlan::make(const columnar::Schema& schema,
                                          const FormatOptions& options) {
  KINESINK_ASSIGN(JsonPlan rows, JsonPlan::make(schema, options));
  if (rows.members().size() != 1 || rows.members()[0].path != kValueColumn) {
    return refuse_value("there are others, or it is missing. Choose it with include_columns.");
  }
  if (!is_json(rows.members()[0])) {
    return refuse_value("its type is " + std::string(columnar::name_of(rows.members()[0].type)) +
                        " without it. For text as it is, set format = raw_string.");
  }
  return JsonValuePlan(std::move(rows));
}

RowResult JsonValuePlan::write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  if (limit < begin) return {RowStatus::no_room, begin};
  JsonStep& step = rows_.members()[0];
  char* const out = reinterpret_cast<char*>(begin);
  const auto finish = [&](char* end, const RowFailure& failure) -> RowResult {
    if (end != nullptr) return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
    if (failure.step == nullptr) return {RowStatus::no_room, begin};
    failure_ = failure;
    failed_row_ = row;
    return {RowStatus::invalid, begin};
  };
  if (limit - begin >= step.bound_of(row, row + 1) + kRowSlack) {
    RowWriter<false> writer(nullptr, nullptr);
    char* const end = writer.other(step, row, out);
    return finish(end, writer.failure());
  }
  RowWriter<true> writer(reinterpret_cast<char*>(limit), nullptr);
  char* const end = writer.other(step, row, out);
  return finish(end, writer.failure());
}

}  // namespace kinesink::format
