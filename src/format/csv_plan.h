// CSV: one line per row, without its end; cells in the order of the columns. docs/formats/csv.md
// has the text of each type.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "format/block_plan.h"
#include "format/csv_writer.h"

namespace kinesink::format {

// One thread. Bound to one batch at a time.
class CsvPlan : public BlockPlan<CsvPlan, JsonStep, RowFailure> {
 public:
  static Result<CsvPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  // Options that contradict each other, or that no text of CSV can be written by.
  static Result<void> check(const FormatOptions& options);

  // As ArrowSerializer says.
  std::vector<std::string> describe() const;
  Error error() const;

 private:
  friend BlockPlan;
  CsvPlan(std::unique_ptr<const CsvRules> rules, WriteMembers write_members)
      : rules_(std::move(rules)), writer_(*rules_, nullptr, write_members) {}

  std::int64_t rows_bound(std::int64_t begin, std::int64_t end) const;
  RowResult write_unchecked(std::int64_t row, std::uint8_t* begin) {
    char* const end = writer_.row(members_, row, reinterpret_cast<char*>(begin));
    return result(end, row, begin, writer_);
  }
  RowResult write_checked(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
    CsvWriter<true> writer(*rules_, reinterpret_cast<char*>(limit), nullptr);
    char* const end = writer.row(members_, row, reinterpret_cast<char*>(begin));
    return result(end, row, begin, writer);
  }

  std::unique_ptr<const CsvRules> rules_;  // where writer_ finds them when the plan has moved
  CsvWriter<false> writer_;
};

}  // namespace kinesink::format
