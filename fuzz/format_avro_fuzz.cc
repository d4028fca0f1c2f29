// Batches that may contradict themselves (batch_maker.h), as Avro: what view_batch accepts becomes
// a datum that its schema reads, or an error of the row, the same in just enough room, and nothing
// in less.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "format/avro_plan.h"
#include "fuzz/batch_maker.h"
#include "tests/support/avro_reader.h"

namespace kinesink {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Names that differ, as records need them.
void rename(columnar::Field& field, std::string name) {
  field.name = std::move(name);
  for (std::size_t i = 0; i < field.children.size(); ++i)
    rename(field.children[i], "m" + std::to_string(i));
}

format::RowStatus write(format::AvroPlan& plan, std::int64_t row, std::size_t room,
                        std::string& datum) {
  const auto block = std::make_unique<std::uint8_t[]>(room);
  const format::RowResult result = plan.write_row(row, block.get(), block.get() + room);
  datum.assign(block.get(), result.end);
  return result.status;
}

void check_row(format::AvroPlan& plan, std::int64_t row) {
  std::string datum;
  const format::RowStatus status = write(plan, row, std::size_t{1} << 16, datum);
  if (status == format::RowStatus::invalid) require(!plan.error().column.empty());
  if (status != format::RowStatus::written) return;
  require(test_support::AvroReader(plan.schema_text()).read(datum).starts_with("{"));
  std::string tight;
  require(write(plan, row, datum.size(), tight) == format::RowStatus::written && tight == datum);
  if (datum.empty()) return;
  require(write(plan, row, datum.size() - 1, tight) == format::RowStatus::no_room);
}

}  // namespace
}  // namespace kinesink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  FuzzedDataProvider input(data, size);
  test_support::ArrowData batch = fuzz::BatchMaker(input).batch();
  Result<columnar::Schema> schema = columnar::import_schema(batch.schema());
  require(schema.has_value());
  for (std::size_t i = 0; i < schema->fields.size(); ++i)
    rename(schema->fields[i], "c" + std::to_string(i));
  format::FormatOptions options;
  options.format = format::Format::avro;
  if (size % 2 == 0) options.avro_dictionary = format::AvroDictionary::enumeration;
  auto plan = format::AvroPlan::make(*schema, options);
  columnar::Batch view;
  if (!plan || !columnar::view_batch(*schema, batch.array(), view)) return 0;
  if (!plan->bind(view)) return 0;
  for (std::int64_t row = 0; row < view.length; ++row) check_row(*plan, row);
  return 0;
}
