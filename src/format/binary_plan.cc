#include "format/binary_plan.h"

#include <algorithm>
#include <limits>

#include "format/binary_describe.h"
#include "format/projection.h"

namespace kinesink::format {
namespace {

std::string text_of(const BinaryFailure& failure) {
  switch (failure.reason) {
    case BinaryFailure::Reason::temporal_range:
      return "The value lies outside the years 0000 to 9999 (or, for a time, outside the day), "
             "which its text cannot express.";
    case BinaryFailure::Reason::epoch_range: {
      constexpr const char* kUnits[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
      return "The value does not fit into 64 bits as " +
             std::string(kUnits[static_cast<int>(failure.step->epoch_unit)]) + ".";
    }
    case BinaryFailure::Reason::decimal_precision:
      return "The decimal has more digits than the " + std::to_string(failure.step->precision) +
             " that its type declares.";
    default:
      return "No row has failed.";
  }
}

}  // namespace

template <typename Encoding>
Result<BinaryPlan<Encoding>> BinaryPlan<Encoding>::make(const columnar::Schema& schema,
                                                        const FormatOptions& options) {
  KINESINK_ASSIGN(Projection projection, project(schema, options));
  std::vector<const columnar::Field*> fields;
  for (const int index : projection.columns) {
    fields.push_back(&schema.fields[static_cast<std::size_t>(index)]);
  }
  BinaryPlan plan;
  const BinaryRules rules{options, Encoding::kIsCbor, Encoding::text_head};
  KINESINK_ASSIGN(plan.members_, make_binary_members(fields, "", rules));
  plan.columns_ = std::move(projection.columns);
  plan.notes_ = std::move(projection.notes);
  plan.batch_width_ = schema.fields.size();
  return plan;
}

template <typename Encoding>
std::vector<std::string> BinaryPlan<Encoding>::describe() const {
  std::vector<std::string> texts(batch_width_);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    texts[static_cast<std::size_t>(columns_[i])] = written_as(members_[i], Encoding::kIsCbor);
  }
  return texts;
}

template <typename Encoding>
Result<void> BinaryPlan<Encoding>::bind(const columnar::Batch& batch) {
  batch_length_ = 0;
  block_begin_ = 0;
  block_bound_ = 0;
  if (batch.columns.size() != batch_width_) {
    return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
  }
  for (std::size_t i = 0; i < members_.size(); ++i) {
    KINESINK_TRY(members_[i].bind(batch.columns[static_cast<std::size_t>(columns_[i])]));
  }
  batch_length_ = batch.length;
  if (batch_length_ > 0) start_block(0);
  return {};
}

template <typename Encoding>
void BinaryPlan<Encoding>::start_block(std::int64_t row) {
  const auto end = std::min(batch_length_, row + static_cast<std::int64_t>(kBlockRows));
  block_begin_ = row;
  block_bound_ = binary_members_bound(members_, row, end) + kBinarySlack;
  if (block_bound_ >= kMaxBinaryRow) block_bound_ = std::numeric_limits<std::int64_t>::max();
}

template <typename Encoding>
RowResult BinaryPlan<Encoding>::fail(std::int64_t row, std::uint8_t* begin,
                                     const BinaryFailure& failure) {
  if (failure.step == nullptr) return {RowStatus::no_room, begin};
  failure_ = failure;
  failed_row_ = row;
  return {RowStatus::invalid, begin};
}

template <typename Encoding>
RowResult BinaryPlan<Encoding>::write_near_limit(std::int64_t row, std::uint8_t* begin,
                                                 std::uint8_t* limit) {
  if (limit < begin) return {RowStatus::no_room, begin};
  limit = begin + std::min(std::int64_t{limit - begin}, kMaxBinaryRow - 1);
  const std::int64_t bound = binary_members_bound(members_, row, row + 1) + kBinarySlack;
  if (limit - begin >= bound) return write_unchecked(row, begin);
  BinaryWriter<Encoding, true> writer(reinterpret_cast<char*>(limit));
  char* const end = writer.structure(members_, row, reinterpret_cast<char*>(begin));
  if (end == nullptr) return fail(row, begin, writer.failure());
  return {RowStatus::written, reinterpret_cast<std::uint8_t*>(end)};
}

template <typename Encoding>
Error BinaryPlan<Encoding>::error() const {
  Error error = make_error(failure_.step == nullptr ? ErrorKind::internal : ErrorKind::invalid_data,
                           text_of(failure_));
  if (failure_.step != nullptr) {
    error.column = failure_.step->path;
    error.row = failed_row_;
  }
  return error;
}

template class BinaryPlan<MsgpackEncoding>;
template class BinaryPlan<CborEncoding>;

}  // namespace kinesink::format
