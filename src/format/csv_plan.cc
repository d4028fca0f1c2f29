#include "format/csv_plan.h"

#include <algorithm>

#include "format/json_choices.h"
#include "format/json_describe.h"
#include "format/json_plan.h"
#include "format/projection.h"

namespace kinesink::format {
namespace {

constexpr std::size_t kMaxNull = 64;

// None that stands in a number, a date, base64 or hexadecimal: those are never quoted for it.
bool can_delimit(char c) {
  return c == '\t' || std::string_view(",;|^~!#$%&*@_ ").find(c) != std::string_view::npos;
}

Error refuse(std::string message) {
  return make_error(ErrorKind::invalid_argument, std::move(message));
}

Result<std::unique_ptr<const CsvRules>> make_rules(const FormatOptions& options) {
  auto rules = std::make_unique<CsvRules>();
  const std::string& delimiter =
      options.csv_delimiter == "tab" ? std::string("\t") : options.csv_delimiter;
  if (delimiter.size() != 1 || !can_delimit(delimiter[0])) {
    return refuse(
        "csv.delimiter must be a tab (or the word tab) or one of , ; | ^ ~ ! # $ % & * @ "
        "_ or a space; other characters stand in numbers, dates or encoded bytes.");
  }
  if (delimiter == "_" && options.json.binary_encoding == BinaryEncoding::base64url) {
    return refuse(
        "csv.delimiter = _ stands in the text of json.binary_encoding = base64url. Choose another "
        "of both.");
  }
  rules->delimiter = delimiter[0];
  rules->quote_all = options.csv_quote_all;
  rules->null = options.csv_null;
  rules->omits_nulls = options.json.nulls == Nulls::omit;
  const auto is_special = [&](char c) {
    return static_cast<std::uint8_t>(c) < 0x20 || c == '"' || c == rules->delimiter;
  };
  if (rules->null.size() > kMaxNull || std::ranges::any_of(rules->null, is_special)) {
    return refuse("csv.null must have at most " + std::to_string(kMaxNull) +
                  " bytes, and no quote, delimiter or control character.");
  }
  return std::unique_ptr<const CsvRules>(std::move(rules));
}

// The options of the JSON writer, which writes what stands in a cell.
Result<FormatOptions> resolve(const FormatOptions& options) {
  if (options.json.include_schema || options.json.unstructured) {
    return refuse(
        "json.include_schema and json.unstructured are about records that are JSON. Leave them "
        "out, or set format = json.");
  }
  return resolve_json_options(options);
}

// Whether the cell is JSON in quotes.
bool is_json(StepKind kind) {
  switch (kind) {
    case StepKind::list:
    case StepKind::list_view:
    case StepKind::structure:
    case StepKind::map:
    case StepKind::map_pairs:
    case StepKind::bytes_as_json:
      return true;
    default:
      return false;
  }
}

// Whether the JSON text of a value may hold quotes, which a cell doubles.
bool may_double(const JsonStep& step) {
  if (is_json(step.kind)) return true;
  switch (step.kind) {
    case StepKind::dictionary:
    case StepKind::run:
    case StepKind::one_of:
      return std::ranges::any_of(step.children, may_double);
    default:
      return false;
  }
}

}  // namespace

Result<void> CsvPlan::check(const FormatOptions& options) {
  KINESINK_TRY(resolve(options));
  KINESINK_TRY(make_rules(options));
  return {};
}

Result<CsvPlan> CsvPlan::make(const columnar::Schema& schema, const FormatOptions& given) {
  KINESINK_ASSIGN(const FormatOptions options, resolve(given));
  KINESINK_ASSIGN(Projection projection, project(schema, options));
  KINESINK_ASSIGN(std::unique_ptr<const CsvRules> rules, make_rules(options));
  const WriteMembers write_members = members_kernel(options.kernel);
  if (write_members == nullptr) {
    return refuse("This processor lacks the instructions of the kernel that was asked for.");
  }
  const bool omits_nulls = rules->omits_nulls;
  CsvPlan plan(std::move(rules), omits_nulls ? write_members_without_nulls : write_members);
  std::vector<JsonStep> cells;
  for (const columnar::Field* field : fields_of(schema, projection)) {
    // One by one: their names may be equal.
    KINESINK_ASSIGN(std::vector<JsonStep> made, make_members({field}, "", options));
    cells.push_back(std::move(made[0]));
  }
  if (cells.size() == 1 && options.csv_null.empty()) {
    projection.notes.push_back(
        "A null of the only column becomes a record of no bytes; set csv.null to name it.");
  }
  plan.take(schema, std::move(cells), std::move(projection));
  return plan;
}

std::vector<std::string> CsvPlan::describe() const {
  return texts_of([](const JsonStep& cell) {
    const JsonStep* step = &cell;
    while (step->kind == StepKind::dictionary || step->kind == StepKind::run) {
      step = step->children.data();
    }
    return is_json(step->kind) ? "JSON in quotes" : written_as(*step);
  });
}

std::int64_t CsvPlan::rows_bound(std::int64_t begin, std::int64_t end) const {
  const auto fixed = static_cast<std::int64_t>(rules_->null.size() + sizeof(",\"\"") - 1);
  std::int64_t sum = kRowSlack;
  for (const JsonStep& cell : members_) {
    sum += (end - begin) * fixed + (may_double(cell) ? 2 : 1) * cell.bound_of(begin, end);
  }
  return sum;
}

Error CsvPlan::error() const { return row_error(failure(), failed_row()); }

}  // namespace kinesink::format
