#include "format/json_plan.h"

#include <string>

#include "format/json_choices.h"
#include "format/json_writer.h"
#include "format/projection.h"

namespace kinesink::format {
namespace {

std::string text_of(const RowFailure& failure) {
  switch (failure.reason) {
    case RowFailure::Reason::temporal_range:
      return "The value lies outside the years 0000 to 9999 (or, for a time, outside the day), "
             "which its text cannot express.";
    case RowFailure::Reason::epoch_range: {
      constexpr const char* kUnits[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
      return "The value does not fit into 64 bits as " +
             std::string(kUnits[static_cast<int>(failure.step->epoch_unit)]) + ".";
    }
    case RowFailure::Reason::day_range:
      return "The date does not fit into 32 bits as days, which its schema declares.";
    case RowFailure::Reason::signed_range:
      return "The number does not fit into 64 bits with a sign, which its schema declares. Cast "
             "the column to decimal128(20, 0).";
    case RowFailure::Reason::not_finite:
      return "The number is NaN or infinite, which json.non_finite = error does not allow.";
    case RowFailure::Reason::decimal_precision:
      return "The decimal has more digits than the " + std::to_string(failure.step->precision) +
             " that its type declares.";
    case RowFailure::Reason::invalid_json:
      return "The value of a JSON column is not valid JSON, or nests deeper than " +
             std::to_string(kMaxJsonTextDepth) + " levels.";
    case RowFailure::Reason::null_key:
      return "A key of a map is null.";
    default:
      return "No row has failed.";
  }
}

}  // namespace

Result<JsonPlan> JsonPlan::make(const columnar::Schema& schema, const FormatOptions& given) {
  KINESINK_ASSIGN(const FormatOptions options, resolve_json_options(given));
  KINESINK_ASSIGN(Projection projection, project(schema, options));
  const WriteMembers write_members = members_kernel(options.kernel);
  if (write_members == nullptr) {
    return make_error(ErrorKind::invalid_argument,
                      "This processor lacks the instructions of the kernel that was asked for.");
  }
  const bool omits_nulls = options.json.nulls == Nulls::omit;
  JsonPlan plan(omits_nulls ? write_members_without_nulls : write_members, omits_nulls);
  KINESINK_ASSIGN(auto members, make_members(fields_of(schema, projection), "", options));
  plan.take(schema, std::move(members), std::move(projection));
  return plan;
}

Error row_error(const RowFailure& failure, std::int64_t row) {
  Error error = make_error(failure.step == nullptr ? ErrorKind::internal : ErrorKind::invalid_data,
                           text_of(failure));
  if (failure.step != nullptr) {
    error.column = failure.step->path;
    error.row = row;
  }
  return error;
}

}  // namespace kinesink::format
