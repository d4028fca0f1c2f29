// Rows of JSON inside something, or without their braces: json.include_schema and
// json.unstructured.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "format/json_plan.h"

namespace kinesink::format {

// Texts that are the same for all rows, around those that are not.
class EnvelopeText {
 public:
  EnvelopeText(std::uint8_t* begin, const std::uint8_t* limit) : out_(begin), limit_(limit) {}

  // False: there is no room.
  bool put(std::string_view text) {
    if (limit_ < out_ || static_cast<std::size_t>(limit_ - out_) < text.size()) return false;
    if (!text.empty()) std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
    return true;
  }
  std::uint8_t* out() const { return out_; }
  void go_to(std::uint8_t* out) { out_ = out; }

 private:
  std::uint8_t* out_;
  const std::uint8_t* limit_;
};

// {"schema":...,"payload":ROW}. One thread. Bound to one batch at a time.
class JsonSchemaPlan {
 public:
  static Result<JsonSchemaPlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return notes_; }
  Result<void> bind(const columnar::Batch& batch) { return rows_.bind(batch); }
  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  Error error() const { return rows_.error(); }
  std::span<const JsonStep> members() const { return rows_.members(); }
  std::span<const int> columns() const { return rows_.columns(); }

 private:
  explicit JsonSchemaPlan(JsonPlan rows) : rows_(std::move(rows)) {}

  JsonPlan rows_;
  std::string before_;  // the row
  std::vector<std::string> notes_;
};

// `{"schema":SCHEMA,"payload":`, with the schema of these rows or of what holds them.
std::string schema_and_payload(std::string_view schema);
// What a user should know: what the types of Kafka Connect cannot hold.
std::vector<std::string> notes_of_schema(std::span<const JsonStep> members);

// The bare value of the column `value`, which holds JSON. One thread. Bound to one batch at a time.
class JsonValuePlan {
 public:
  static Result<JsonValuePlan> make(const columnar::Schema& schema, const FormatOptions& options);

  const std::vector<std::string>& notes() const { return rows_.notes(); }
  Result<void> bind(const columnar::Batch& batch) { return rows_.bind(batch); }
  // As ArrowSerializer says. Exact: a row that just fits before `limit` is written.
  RowResult write_row(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit);
  Error error() const { return row_error(failure_, failed_row_); }
  std::span<const JsonStep> members() const { return rows_.members(); }
  std::span<const int> columns() const { return rows_.columns(); }

 private:
  explicit JsonValuePlan(JsonPlan rows) : rows_(std::move(rows)) {}

  JsonPlan rows_;  // of one member
  RowFailure failure_;
  std::int64_t failed_row_ = 0;
};

}  // namespace kinesink::format
