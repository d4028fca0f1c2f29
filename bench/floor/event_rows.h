// The rows of bench/gen_events.py as JSON, by code that knows their columns at compile time: the
// upper bound of what a writer with a plan made at run time can reach.
#pragma once

#include <arrow/api.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "columnar/text.h"
#include "format/json_escape.h"

namespace kinesink::bench {

// A text in a block that one store copies.
struct Piece {
  constexpr explicit Piece(std::string_view text) : size(text.size()) {
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = text[i];
  }
  char bytes[32] = {};
  std::size_t size;
};

// Columns of one batch, as plain pointers. Borrows the batch.
class EventColumns {
 public:
  explicit EventColumns(const arrow::RecordBatch& batch)
      : rows_(batch.num_rows()),
        id_(column<arrow::Int64Array>(batch, 0).raw_values()),
        ts_(column<arrow::TimestampArray>(batch, 1).raw_values()),
        user_(batch, 2),
        country_(batch, 3),
        amount_(column<arrow::DoubleArray>(batch, 4).raw_values()),
        qty_(column<arrow::Int32Array>(batch, 5).raw_values()),
        flag_(column<arrow::BooleanArray>(batch, 6)),
        note_(batch, 7),
        notes_(column<arrow::StringArray>(batch, 7)) {}

  std::int64_t rows() const { return rows_; }

  // No capacity check: the row is at most kMostBytes, what is scribbled behind it included.
  static constexpr std::size_t kMostBytes = 1024;
  char* write(std::int64_t row, char* out) {
    out = columnar::write_integer(id_[row], put<kId>(out));
    out = put<kTs>(out);
    out = columnar::write_timestamp(ts_[row], columnar::TimeUnit::nanosecond, date_, out);
    out = text(user_, row, put<kUser>(out));
    out = text(country_, row, put<kCountry>(out));
    out = columnar::write_double(amount_[row], put<kAmount>(out));
    out = columnar::write_integer(qty_[row], put<kQty>(out));
    out = put<kFlag>(out);
    const bool flag = flag_.Value(row);
    std::memcpy(out, flag ? "true\0\0\0" : "false\0\0", 8);
    out += flag ? 4 : 5;
    if (notes_.IsNull(row)) return put<kNullNote>(out);
    return put<kEnd>(text(note_, row, put<kNote>(out)));
  }

 private:
  struct Text {
    Text(const arrow::RecordBatch& batch, int index)
        : offsets(column<arrow::StringArray>(batch, index).raw_value_offsets()),
          data(reinterpret_cast<const char*>(column<arrow::StringArray>(batch, index).raw_data())) {
    }
    const std::int32_t* offsets;
    const char* data;
  };
  template <typename Array>
  static const Array& column(const arrow::RecordBatch& batch, int index) {
    return static_cast<const Array&>(*batch.column(index));
  }

  static constexpr Piece kId{R"({"id":)"}, kTs{R"(,"ts":")"}, kUser{R"(","user":")"},
      kCountry{R"(","country":")"}, kAmount{R"(","amount":)"}, kQty{R"(,"qty":)"},
      kFlag{R"(,"flag":)"}, kNote{R"(,"note":")"}, kNullNote{R"(,"note":null})"}, kEnd{R"("})"};
  template <const Piece& kPiece>
  static char* put(char* out) {
    std::memcpy(out, kPiece.bytes, sizeof(kPiece.bytes));
    return out + kPiece.size;
  }
  // Arrow pads its buffers, so that a block may be read behind the last text.
  static char* text(const Text& column, std::int64_t row, char* out) {
    const std::int32_t begin = column.offsets[row];
    return format::escape_padded(column.data + begin,
                                 static_cast<std::size_t>(column.offsets[row + 1] - begin), out);
  }

  std::int64_t rows_;
  const std::int64_t* id_;
  const std::int64_t* ts_;
  Text user_;
  Text country_;
  const double* amount_;
  const std::int32_t* qty_;
  const arrow::BooleanArray& flag_;
  Text note_;
  const arrow::StringArray& notes_;
  columnar::DateText date_;
};

}  // namespace kinesink::bench
