// What can be kept of a row that is rejected before it became a record.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "columnar/column.h"
#include "delivery/delivery.h"
#include "format/serializer.h"
#include "partition/partitioner.h"

namespace kinesink::sink {

// Not on the usual way: it takes its time, and memory of the row's size.
class RowKeeper {
 public:
  explicit RowKeeper(format::FormatOptions options) : options_(std::move(options)) {}

  // The payload, however large, and the keys; or, where the format cannot express the row, its
  // columns as JSON. All are bound to `batch`. An error of kind resource: the row is larger than
  // what is kept of one.
  Result<delivery::Keepsake> keep(format::ArrowSerializer& serializer,
                                  partition::Partitioner& partitioner,
                                  const columnar::Schema& schema, const columnar::Batch& batch,
                                  std::int64_t row);

 private:
  enum class Written : std::uint8_t { whole, invalid, too_large };
  Written write(format::ArrowSerializer& serializer, std::int64_t row);
  Result<std::string> columns_of(const columnar::Schema& schema, const columnar::Batch& batch,
                                 std::int64_t row);

  format::FormatOptions options_;
  std::vector<std::uint8_t> buffer_;
  std::size_t size_ = 0;  // written into it
  Error error_;           // of an invalid row
};

}  // namespace kinesink::sink
