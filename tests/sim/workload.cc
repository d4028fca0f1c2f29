#include "tests/sim/workload.h"

#include <array>

namespace kinesink::sim {

std::unique_ptr<tests::Rows> Workload::next_batch() {
  static const std::array<std::vector<const char*>, 3> kSchemas = {
      {{"id", "text"}, {"text", "id"}, {"count", "id", "text", "other"}}};
  if (random_.chance(scenario_.schema_change_chance)) schema_ = random_.below(kSchemas.size());
  std::vector<tests::Row> rows;
  const std::size_t count = random_.below(scenario_.max_rows_per_batch + 1);
  for (std::size_t i = 0; i < count; ++i) rows.push_back(draw_row());
  if (!scenario_.raw) return std::make_unique<tests::Rows>(rows, kSchemas[schema_]);
  return std::make_unique<tests::Rows>(rows, std::vector<const char*>{"value"});
}

std::size_t Workload::draw_size() {
  const std::size_t limit = scenario_.max_record_kib * 1024;
  if (random_.chance(scenario_.oversized_chance)) return limit + 1 + random_.below(kMostOver);
  if (random_.chance(scenario_.edge_chance)) return limit - random_.below(120);
  return random_.below(scenario_.max_text + 1);
}

tests::Row Workload::draw_row() {
  tests::Row row{next_row_++, std::nullopt};
  if (random_.below(10) == 0) {
    null_.insert(row.id);
    return row;
  }
  const std::size_t size = draw_size();
  row.text = std::string();
  // In the raw format the value itself bears the number.
  if (scenario_.raw && size > 0) *row.text = "\"id\":" + std::to_string(row.id) + ' ';
  if (scenario_.raw && size == 0) empty_.insert(row.id);
  if (size > row.text->size())
    row.text->append(size - row.text->size(), static_cast<char>('a' + random_.below(26)));
  return row;
}

}  // namespace kinesink::sim
