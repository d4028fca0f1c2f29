// Values of types that rows seldom hold.
#include "format/json_writer.h"

namespace kinesink::format {

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
    case StepKind::one_of: {
      const auto child = static_cast<std::size_t>(column->union_child(row));
      return value(step.children[child], column->union_row(row), out);
    }
    case StepKind::run:
      step.last_run = column->run_of(row, step.last_run);
      return value(step.children[0], step.last_run, out);
    default:
      return copy("null", 4, out);
  }
}

template char* RowWriter<false>::rare(JsonStep&, std::int64_t, char*);
template char* RowWriter<true>::rare(JsonStep&, std::int64_t, char*);

}  // namespace kinesink::format
