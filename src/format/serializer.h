// ArrowSerializer: a format's plan for one schema, which turns rows into record payloads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "columnar/column.h"
#include "format/options.h"

namespace kinesink::format {

enum class RowStatus : std::uint8_t {
  written,  // [begin, end) holds the payload
  skipped,  // a documented policy leaves this row out
  no_room,  // the payload does not fit before the limit; nothing is to be kept
  invalid,  // the row cannot be expressed; error() says why
};

struct RowResult {
  RowStatus status;
  std::uint8_t* end;
};

class JsonPlan;
class RawPlan;

// One thread. Built once per schema; bound to one batch at a time.
class ArrowSerializer {
 public:
  // Refuses, naming the column, what the format cannot express. `notes()` then lists what a user
  // should know (such as that `_timestamp` is left out).
  static Result<ArrowSerializer> make(const columnar::Schema& schema, const FormatOptions& options);
  ArrowSerializer(ArrowSerializer&&) noexcept;
  ArrowSerializer& operator=(ArrowSerializer&&) noexcept;
  ~ArrowSerializer();

  std::span<const std::string> notes() const;

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
  explicit ArrowSerializer(std::unique_ptr<JsonPlan> plan);
  explicit ArrowSerializer(std::unique_ptr<RawPlan> plan);
  std::variant<std::unique_ptr<JsonPlan>, std::unique_ptr<RawPlan>> plan_;
};

template <typename Visitor>
decltype(auto) ArrowSerializer::visit(Visitor&& visitor) {
  return std::visit([&](auto& plan) -> decltype(auto) { return visitor(*plan); }, plan_);
}

}  // namespace kinesink::format
