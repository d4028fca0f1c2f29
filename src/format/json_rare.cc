// Values of types that rows seldom hold, and the bounds of their texts.
#include "format/json_writer.h"
#include "format/scattered_bound.h"

namespace kinesink::format {

std::int64_t scattered_bound(const JsonStep& step, std::int64_t begin, std::int64_t end) {
  return scattered_bound_of(step, begin, end, kMaxEmpty, 1);  // a comma behind each element
}

template <bool kChecked>
char* RowWriter<kChecked>::rare(JsonStep& step, std::int64_t row, char* out) {
  const columnar::Column* const column = step.column;
  switch (step.kind) {
    case StepKind::bool8:
      return column->value<std::int8_t>(row) != 0 ? copy("true", 4, out) : copy("false", 5, out);
    case StepKind::uuid:
      return temporal(step, out, [&](char* at) {
        return columnar::write_uuid(column->fixed_bytes(row).data(), at);
      });
    case StepKind::interval:
      return temporal(
          step, out, [&](char* at) { return columnar::write_interval(column->interval(row), at); });
    case StepKind::list_view:
      return list(step, row, out);
    case StepKind::one_of: {
      const auto child = static_cast<std::size_t>(column->union_child(row));
      return value(step.children[child], column->union_row(row), out);
    }
    case StepKind::run:
      step.last_run = column->run_of(row, step.last_run);
      return value(step.children[0], step.last_run, out);
    default:
      return chosen(step, row, out);
  }
}

template char* RowWriter<false>::rare(JsonStep&, std::int64_t, char*);
template char* RowWriter<true>::rare(JsonStep&, std::int64_t, char*);

}  // namespace kinesink::format
