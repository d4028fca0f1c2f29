// ArrowSerializer: a format's plan for one schema, which turns rows into record payloads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "columnar/column.h"
#include "format/avro_plan.h"
#include "format/binary_plan.h"
#include "format/csv_plan.h"
#include "format/debezium_plan.h"
#include "format/json_envelope.h"
#include "format/json_plan.h"
#include "format/options.h"
#include "format/raw_plan.h"
#include "format/row_result.h"

namespace kinesink::format {

// One thread. Built once per schema; bound to one batch at a time.
class ArrowSerializer {
 public:
  // Options that contradict each other, whatever the schema.
  static Result<void> check(const FormatOptions& options);
  // Refuses, naming the column, what the format cannot express. `notes()` then lists what a user
  // should know (such as that `_timestamp` is left out).
  static Result<ArrowSerializer> make(const columnar::Schema& schema, const FormatOptions& options);
  ArrowSerializer(ArrowSerializer&&) noexcept;
  ArrowSerializer& operator=(ArrowSerializer&&) noexcept;
  ~ArrowSerializer();

  std::span<const std::string> notes() const;
  // For each column of the schema how it is written, in words; empty: it is left out. Nothing at
  // all for formats that write no columns.
  std::vector<std::string> describe(const columnar::Schema& schema) const;

  // The schema that a reader of the records needs; empty: the format has none.
  std::string schema_text() const;

  // Points the plan at a batch; borrowed until the next bind. Errors are those of the whole batch.
  Result<void> bind(const columnar::Batch& batch);

  // Calls `visitor` once with the concrete plan, which has
  //   RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  //   Error error() const;      // of the last invalid row, with column and row
  // so that the loop over rows is free of dispatch. write_row may scribble up to `limit`, never
  // beyond.
  template <typename Visitor>
  decltype(auto) visit(Visitor&& visitor);

 private:
  // Behind a pointer, so that a bound plan may move.
  template <typename... Plans>
  using OneOf = std::variant<std::unique_ptr<Plans>...>;
  using Plan = OneOf<JsonPlan, RawPlan, JsonSchemaPlan, JsonValuePlan, DebeziumPlan, AvroPlan,
                     MsgpackPlan, CborPlan, CsvPlan>;
  template <typename P>
  static Result<Plan> make_plan(const columnar::Schema& schema, const FormatOptions& options);
  static Result<Plan> plan_of(const columnar::Schema& schema, const FormatOptions& options);
  explicit ArrowSerializer(Plan plan);
  Plan plan_;
};

template <typename Visitor>
decltype(auto) ArrowSerializer::visit(Visitor&& visitor) {
  return std::visit([&](auto& plan) -> decltype(auto) { return visitor(*plan); }, plan_);
}

}  // namespace kinesink::format
