#include "format/debezium_plan.h"

#include <algorithm>

#include "columnar/text.h"
#include "format/json_choices.h"
#include "format/json_connect.h"
#include "format/json_text.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::TimeUnit;
using columnar::TypeId;

constexpr std::string_view kOps[] = {"c", "u", "d"};  // by Change::Op
constexpr std::string_view kAfter = ",\"after\":";
constexpr std::string_view kNull = "null";

// `before` and `after` have the columns, but for what says how they change.
FormatOptions options_of_rows(const columnar::Schema& schema, FormatOptions options) {
  const bool is_updating = schema.index_of(kUpdatingMeta) >= 0;
  std::vector<std::string>& excluded = options.exclude_columns;
  if (is_updating && options.include_columns.empty() &&
      std::find(excluded.begin(), excluded.end(), kUpdatingMeta) == excluded.end()) {
    excluded.emplace_back(kUpdatingMeta);
  }
  return options;
}

std::string compact(const std::string& json) {
  std::string text(json.size(), '\0');
  char* const end = compact_json(json, text.data());
  text.resize(end == nullptr ? 0 : static_cast<std::size_t>(end - text.data()));
  return text;
}

}  // namespace

Result<DebeziumPlan> DebeziumPlan::make(const columnar::Schema& schema,
                                        const FormatOptions& given) {
  const FormatOptions options = options_of_rows(schema, given);
  KINESINK_ASSIGN(JsonPlan rows, JsonPlan::make(schema, options));
  KINESINK_ASSIGN(DebeziumChanges changes, DebeziumChanges::make(schema));
  DebeziumPlan plan(std::move(rows), std::move(changes));
  plan.notes_ = plan.rows_.notes();
  if (options.debezium.ts_ms) KINESINK_TRY(plan.set_ts_ms(schema, options));
  KINESINK_TRY(plan.set_texts(schema, options));
  return plan;
}

Result<void> DebeziumPlan::set_ts_ms(const columnar::Schema& schema, const FormatOptions& options) {
  const std::string& name = options.debezium.ts_ms_column;
  ts_ms_column_ = schema.index_of(name);
  const bool is_timestamp =
      ts_ms_column_ >= 0 &&
      schema.fields[static_cast<std::size_t>(ts_ms_column_)].type == TypeId::timestamp;
  if (!is_timestamp) {
    Error error = make_error(ErrorKind::invalid_argument,
                             "debezium.ts_ms needs a column of timestamps: name one in "
                             "debezium.ts_ms_column, or set debezium.ts_ms = false.");
    error.column = name;
    return error;
  }
  const std::int64_t source =
      per_second(schema.fields[static_cast<std::size_t>(ts_ms_column_)].unit);
  const std::int64_t target = per_second(TimeUnit::millisecond);
  ts_ms_multiplier_ = std::max(std::int64_t{1}, target / source);
  ts_ms_divisor_ = std::max(std::int64_t{1}, source / target);
  ts_ms_name_ = name;
  return {};
}

Result<void> DebeziumPlan::set_texts(const columnar::Schema& schema, const FormatOptions& options) {
  const bool has_ts_ms = ts_ms_column_ >= 0;
  const std::string source = compact(options.debezium.source);
  begin_ = "{\"before\":";
  close_ = "}";
  for (std::size_t op = 0; op < ends_.size(); ++op) {
    std::string& text = ends_[op];
    if (!source.empty()) text += ",\"source\":" + source;
    text += ",\"op\":\"" + std::string(kOps[op]) + "\"";
    if (has_ts_ms) text += ",\"ts_ms\":";
  }
  if (!options.json.include_schema) return {};
  std::string described = "{\"type\":\"struct\",\"fields\":[";
  for (const char* member : {"\"before\"", "\"after\""}) {
    KINESINK_ASSIGN(const std::string state,
                    connect_schema(schema, columns(), members(),
                                   {.name = "kinesink.Value", .optional = true, .member = member}));
    described += state + ",";
  }
  described += R"({"type":"string","optional":false,"field":"op"})";
  if (has_ts_ms) described += R"(,{"type":"int64","optional":true,"field":"ts_ms"})";
  described += R"(],"optional":false,"name":"kinesink.Envelope"})";
  begin_ = schema_and_payload(described) + begin_;
  close_ += "}";
  for (std::string& note : notes_of_schema(members())) notes_.push_back(std::move(note));
  return {};
}

Result<void> DebeziumPlan::bind(const columnar::Batch& batch) {
  KINESINK_TRY(rows_.bind(batch));
  KINESINK_TRY(changes_.bind(batch));
  ts_ms_ = ts_ms_column_ < 0 ? nullptr : &batch.columns[static_cast<std::size_t>(ts_ms_column_)];
  return {};
}

RowResult DebeziumPlan::write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  if (!changes_.is_updating()) return write({row, row, Change::Op::create}, begin, limit);
  const Change* const change = changes_.change_of(row);
  if (change == nullptr) return fail(row, begin, Failure::no_meta);
  if (change->op == Change::Op::nothing || change->first != row) {
    return {RowStatus::skipped, begin};
  }
  return write(*change, begin, limit);
}

RowResult DebeziumPlan::write(const Change& change, std::uint8_t* begin, std::uint8_t* limit) {
  if (!write_end(change, end_)) return {RowStatus::invalid, begin};
  EnvelopeText text(begin, limit);
  // `after` bytes of other text stand behind a state.
  const auto put_state = [&](bool exists, std::int64_t row, std::size_t after) {
    if (!exists) return text.put(kNull) ? RowStatus::written : RowStatus::no_room;
    const RowResult written = rows_.write_row(row, text.out(), limit - after);
    if (written.status == RowStatus::written) text.go_to(written.end);
    return written.status;
  };
  if (static_cast<std::size_t>(std::max(limit - begin, std::ptrdiff_t{0})) <
      begin_.size() + kAfter.size() + end_.size()) {
    return {RowStatus::no_room, begin};
  }
  const bool has_before = change.op != Change::Op::create;
  const bool has_after = change.op != Change::Op::remove;
  text.put(begin_);
  RowStatus status = put_state(has_before, change.first, kAfter.size() + end_.size());
  if (status == RowStatus::written) {
    if (!text.put(kAfter)) return {RowStatus::no_room, begin};
    status = put_state(has_after, change.last, end_.size());
  }
  if (status == RowStatus::invalid) {
    failure_ = Failure::of_row;
    return {status, begin};
  }
  if (status != RowStatus::written || !text.put(end_)) return {RowStatus::no_room, begin};
  return {RowStatus::written, text.out()};
}

bool DebeziumPlan::write_end(const Change& change, std::string& end) {
  end = ends_[static_cast<std::size_t>(change.op)];
  if (ts_ms_ != nullptr && !ts_ms_of(change, end)) return false;
  end += close_;
  return true;
}

// The latest of the change's rows.
bool DebeziumPlan::ts_ms_of(const Change& change, std::string& text) {
  bool is_null = true;
  std::int64_t latest = 0;
  for (std::int64_t row = change.first; row >= 0;
       row = changes_.is_updating() ? changes_.next_of(row) : -1) {
    if (ts_ms_->is_null(row)) continue;
    auto value = ts_ms_->value<std::int64_t>(row);
    if (ts_ms_divisor_ != 1) {
      value = floor_divide(value, ts_ms_divisor_);
    } else if (__builtin_mul_overflow(value, ts_ms_multiplier_, &value)) {
      fail(row, nullptr, Failure::ts_ms_range);
      return false;
    }
    latest = is_null ? value : std::max(latest, value);
    is_null = false;
  }
  char digits[columnar::kMaxIntegerText + 1];
  if (is_null) {
    text += kNull;
  } else {
    text.append(digits, columnar::write_integer(latest, digits));
  }
  return true;
}

Error DebeziumPlan::error() const {
  if (failure_ == Failure::of_row) return rows_.error();
  Error error = make_error(ErrorKind::invalid_data,
                           failure_ == Failure::no_meta
                               ? "The column, or is_retract or id in it, is null: it is not known "
                                 "which row changes, and how."
                               : "The value does not fit into 64 bits as milliseconds.");
  error.column = failure_ == Failure::no_meta ? std::string(kUpdatingMeta) : ts_ms_name_;
  error.row = failed_row_;
  return error;
}

}  // namespace kinesink::format
