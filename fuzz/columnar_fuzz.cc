// Batches that may contradict themselves (batch_maker.h): what view_batch accepts is read to the
// last value, and its text must be UTF-8.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "columnar/column.h"
#include "columnar/text_check.h"
#include "fuzz/batch_maker.h"
#include "tests/support/render_column.h"

namespace kinesink {
namespace {

using columnar::Column;
using columnar::TypeId;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_rows(const Column& column) {
  const TypeId type = column.field->type;
  for (std::int64_t row = 0; row < column.length; ++row) {
    const std::string text = test_support::render(column, row);
    const bool is_text =
        type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::utf8_view;
    // Text within nested values stands between characters of ASCII: the whole stays UTF-8.
    require(!text.empty() || is_text || type == TypeId::dictionary);
    require(columnar::is_utf8(text));
  }
}

}  // namespace
}  // namespace kinesink

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  FuzzedDataProvider input(data, size);
  if (input.ConsumeIntegralInRange(0, 31) == 0) {
    test_support::ArrowData any(input.ConsumeRandomLengthString(40), 0);
    test_support::ArrowData batch = test_support::make_batch(0, std::move(any));
    (void)columnar::import_schema(batch.schema()).has_value();
    return 0;
  }
  test_support::ArrowData batch = fuzz::BatchMaker(input).batch();
  const Result<columnar::Schema> schema = columnar::import_schema(batch.schema());
  require(schema.has_value());
  columnar::Batch view;
  for (int round = 0; round < 2; ++round) {  // the second time into a used view
    if (!columnar::view_batch(*schema, batch.array(), view)) continue;
    for (const Column& column : view.columns) check_rows(column);
  }
  return 0;
}
