#include "format/serializer.h"

#include <exception>

namespace kinesink::format {
namespace {

Result<std::variant<std::unique_ptr<JsonPlan>, std::unique_ptr<RawPlan>>> make_plan(
    const columnar::Schema& schema, const FormatOptions& options) {
  using Plan = std::variant<std::unique_ptr<JsonPlan>, std::unique_ptr<RawPlan>>;
  if (options.format == Format::json) {
    KINESINK_ASSIGN(JsonPlan plan, JsonPlan::make(schema, options));
    return Plan(std::make_unique<JsonPlan>(std::move(plan)));
  }
  KINESINK_ASSIGN(RawPlan plan, RawPlan::make(schema, options));
  return Plan(std::make_unique<RawPlan>(std::move(plan)));
}

}  // namespace

ArrowSerializer::ArrowSerializer(Plan plan) : plan_(std::move(plan)) {}
ArrowSerializer::ArrowSerializer(ArrowSerializer&&) noexcept = default;
ArrowSerializer& ArrowSerializer::operator=(ArrowSerializer&&) noexcept = default;
ArrowSerializer::~ArrowSerializer() = default;

Result<ArrowSerializer> ArrowSerializer::make(const columnar::Schema& schema,
                                              const FormatOptions& options) {
  try {
    KINESINK_ASSIGN(Plan plan, make_plan(schema, options));
    return ArrowSerializer(std::move(plan));
  } catch (const std::exception&) {
    return make_error(ErrorKind::resource, "There is no memory for the plan of a format.");
  }
}

std::span<const std::string> ArrowSerializer::notes() const {
  return std::visit([](const auto& plan) { return std::span<const std::string>(plan->notes()); },
                    plan_);
}

Result<void> ArrowSerializer::bind(const columnar::Batch& batch) {
  return std::visit([&](auto& plan) { return plan->bind(batch); }, plan_);
}

}  // namespace kinesink::format
