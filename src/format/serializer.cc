#include "format/serializer.h"

#include <exception>

#include "format/json_choices.h"
#include "format/json_describe.h"

namespace kinesink::format {

template <typename P>
Result<ArrowSerializer::Plan> ArrowSerializer::make_plan(const columnar::Schema& schema,
                                                         const FormatOptions& options) {
  KINESINK_ASSIGN(P plan, P::make(schema, options));
  return Plan(std::make_unique<P>(std::move(plan)));
}

Result<ArrowSerializer::Plan> ArrowSerializer::plan_of(const columnar::Schema& schema,
                                                       const FormatOptions& options) {
  switch (options.format) {
    case Format::json:
      if (options.json.unstructured) return make_plan<JsonValuePlan>(schema, options);
      if (options.json.include_schema) return make_plan<JsonSchemaPlan>(schema, options);
      return make_plan<JsonPlan>(schema, options);
    case Format::debezium_json:
      return make_plan<DebeziumPlan>(schema, options);
    case Format::avro:
      return make_plan<AvroPlan>(schema, options);
    case Format::msgpack:
      return make_plan<MsgpackPlan>(schema, options);
    case Format::cbor:
      return make_plan<CborPlan>(schema, options);
    case Format::csv:
      return make_plan<CsvPlan>(schema, options);
    default:
      return make_plan<RawPlan>(schema, options);
  }
}

Result<void> ArrowSerializer::check(const FormatOptions& options) {
  switch (options.format) {
    case Format::json:
    case Format::debezium_json:
      KINESINK_TRY(resolve_json_options(options));
      return {};
    case Format::csv:
      return CsvPlan::check(options);
    default:
      return {};
  }
}

ArrowSerializer::ArrowSerializer(Plan plan) : plan_(std::move(plan)) {}
ArrowSerializer::ArrowSerializer(ArrowSerializer&&) noexcept = default;
ArrowSerializer& ArrowSerializer::operator=(ArrowSerializer&&) noexcept = default;
ArrowSerializer::~ArrowSerializer() = default;

Result<ArrowSerializer> ArrowSerializer::make(const columnar::Schema& schema,
                                              const FormatOptions& options) {
  try {
    KINESINK_ASSIGN(Plan plan, plan_of(schema, options));
    return ArrowSerializer(std::move(plan));
  } catch (const std::exception&) {
    return make_error(ErrorKind::resource, "There is no memory for the plan of a format.");
  }
}

std::span<const std::string> ArrowSerializer::notes() const {
  return std::visit([](const auto& plan) { return std::span<const std::string>(plan->notes()); },
                    plan_);
}

std::vector<std::string> ArrowSerializer::describe(const columnar::Schema& schema) const {
  return std::visit(
      [&](const auto& plan) -> std::vector<std::string> {
        if constexpr (requires { plan->describe(); }) {
          return plan->describe();
        } else if constexpr (requires { plan->members(); }) {
          return format::describe(std::as_const(*plan).members(), plan->columns(),
                                  schema.fields.size());
        }
        return {};
      },
      plan_);
}

std::string ArrowSerializer::schema_text() const {
  const auto* const avro = std::get_if<std::unique_ptr<AvroPlan>>(&plan_);
  return avro == nullptr ? std::string() : (*avro)->schema_text();
}

Result<void> ArrowSerializer::bind(const columnar::Batch& batch) {
  return std::visit([&](auto& plan) { return plan->bind(batch); }, plan_);
}

}  // namespace kinesink::format
