// Payloads of hand-made batches, for tests of formats.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/serializer.h"
#include "tests/support/arrow_data.h"

namespace kinesink::test_support {

// A batch with everything that its payloads are made from.
struct Bound {
  std::unique_ptr<columnar::Schema> schema;
  std::unique_ptr<columnar::Batch> batch;
  std::unique_ptr<format::ArrowSerializer> serializer;
  std::string error;  // of whatever went wrong on the way here; then the rest may be missing

  struct Outcome {
    format::RowStatus status;
    std::string text;  // the payload, or the error
  };
  // Writes a row into a block of exactly `room` bytes.
  Outcome write(std::int64_t row, std::size_t room) const {
    const auto block = std::make_unique<std::uint8_t[]>(room);
    return serializer->visit([&](auto& plan) -> Outcome {
      const auto [status, end] = plan.write_row(row, block.get(), block.get() + room);
      if (status == format::RowStatus::invalid) return {status, plan.error().to_string()};
      return {status, {block.get(), end}};
    });
  }
};

inline Bound bind(ArrowData& data, const format::FormatOptions& options = {}) {
  Bound bound;
  auto schema = columnar::import_schema(data.schema());
  if (!schema) {
    bound.error = schema.error().to_string();
    return bound;
  }
  bound.schema = std::make_unique<columnar::Schema>(*std::move(schema));
  bound.batch = std::make_unique<columnar::Batch>();
  auto serializer = format::ArrowSerializer::make(*bound.schema, options);
  if (!serializer) {
    bound.error = serializer.error().to_string();
    return bound;
  }
  bound.serializer = std::make_unique<format::ArrowSerializer>(*std::move(serializer));
  auto done = columnar::view_batch(*bound.schema, data.array(), *bound.batch);
  if (done) done = bound.serializer->bind(*bound.batch);
  if (!done) bound.error = done.error().to_string();
  return bound;
}

// The payload of a row (or its error, or `skipped`), which must be the same with room to spare and
// with just enough room, and must have no room in less.
inline std::string payload(const Bound& bound, std::int64_t row) {
  constexpr std::size_t kMostSteps = 300;
  const auto [status, text] = bound.write(row, std::size_t{1} << 18);
  if (status == format::RowStatus::skipped) return "skipped";
  if (status != format::RowStatus::written) return text;
  if (bound.write(row, text.size()).text != text) return text + " but not in tight room";
  for (std::size_t less = 1; less <= std::min(text.size(), kMostSteps); ++less) {
    if (bound.write(row, text.size() - less).status != format::RowStatus::no_room) {
      return text + " but also in too little room";
    }
  }
  // Where room is asked for in bulk, and text is stored by the block.
  for (std::size_t more = 1; more <= 150; ++more) {
    if (bound.write(row, text.size() + more).text != text) return text + " but not in more room";
  }
  return text;
}

// The payloads of all rows, or one error: the same by every kernel that this processor can run.
inline std::vector<std::string> payloads(ArrowData data, format::FormatOptions options = {}) {
  std::vector<std::string> texts;
  for (const format::Kernel kernel : {format::Kernel::automatic, format::Kernel::portable}) {
    options.kernel = kernel;
    const Bound bound = bind(data, options);
    if (!bound.error.empty()) return {bound.error};
    std::vector<std::string> by_kernel;
    for (std::int64_t row = 0; row < bound.batch->length; ++row)
      by_kernel.push_back(payload(bound, row));
    if (kernel != format::Kernel::automatic && by_kernel != texts)
      return {"the kernels do not agree"};
    texts = std::move(by_kernel);
  }
  return texts;
}

// The texts of one column's values: {"c":TEXT} each.
inline std::vector<std::string> values(ArrowData column,
                                       const format::FormatOptions& options = {}) {
  const std::int64_t length = column.array().length;
  std::vector<std::string> texts =
      payloads(make_batch(length, std::move(column).named("c")), options);
  for (std::string& text : texts) {
    if (text.starts_with("{\"c\":") && text.ends_with("}")) text = text.substr(5, text.size() - 6);
  }
  return texts;
}

}  // namespace kinesink::test_support
