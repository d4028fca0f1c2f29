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
  BinaryPlan plan;
  const BinaryRules rules{options, Encoding::kIsCbor, Encoding::text_head};
  KINESINK_ASSIGN(auto members, make_binary_members(fields_of(schema, projection), "", rules));
  plan.take(schema, std::move(members), std::move(projection));
  return plan;
}

template <typename Encoding>
std::vector<std::string> BinaryPlan<Encoding>::describe() const {
  return this->texts_of([](const BinaryStep& step) { return written_as(step, Encoding::kIsCbor); });
}

template <typename Encoding>
std::int64_t BinaryPlan<Encoding>::rows_bound(std::int64_t begin, std::int64_t end) const {
  const std::int64_t bound = binary_members_bound(this->members_, begin, end) + kBinarySlack;
  return bound < kMaxBinaryRow ? bound : std::numeric_limits<std::int64_t>::max();
}

template <typename Encoding>
RowResult BinaryPlan<Encoding>::write_checked(std::int64_t row, std::uint8_t* begin,
                                              std::uint8_t* limit) {
  limit = begin + std::min(std::int64_t{limit - begin}, kMaxBinaryRow - 1);
  BinaryWriter<Encoding, true> writer(reinterpret_cast<char*>(limit));
  char* const end = writer.structure(this->members_, row, reinterpret_cast<char*>(begin));
  return this->result(end, row, begin, writer);
}

template <typename Encoding>
Error BinaryPlan<Encoding>::error() const {
  const BinaryFailure& failure = this->failure();
  Error error = make_error(failure.step == nullptr ? ErrorKind::internal : ErrorKind::invalid_data,
                           text_of(failure));
  if (failure.step != nullptr) {
    error.column = failure.step->path;
    error.row = this->failed_row();
  }
  return error;
}

template class BinaryPlan<MsgpackEncoding>;
template class BinaryPlan<CborEncoding>;

}  // namespace kinesink::format
