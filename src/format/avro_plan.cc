#include "format/avro_plan.h"

#include <algorithm>

#include "format/avro_match.h"
#include "format/projection.h"

namespace kinesink::format {
namespace {

using Reason = AvroFailure::Reason;

std::string text_of(const AvroFailure& failure) {
  switch (failure.reason) {
    case Reason::null:
      return "The value is null, which its type in the Avro schema does not take.";
    case Reason::range:
      return "The value lies outside of what its type in the Avro schema holds (for a time: "
             "outside the day).";
    case Reason::inexact:
      return "The date has a time of day, which Avro's date does not hold.";
    case Reason::digits:
      return "The decimal has more digits than the " + std::to_string(failure.step->digits) +
             " that its types allow.";
    case Reason::size:
      return "The value does not have the " + std::to_string(failure.step->size) +
             " bytes of its type in the Avro schema.";
    case Reason::symbol:
      return "The value is none of the symbols of its enum in the Avro schema.";
    case Reason::uuid:
      return "The text is not a UUID: 8-4-4-4-12 hexadecimal digits.";
    case Reason::interval:
      return "The interval has a negative part, a part of a millisecond, or more milliseconds than "
             "Avro's duration holds.";
    case Reason::null_key:
      return "A key of a map is null.";
    case Reason::none:
      break;
  }
  return "No row has failed.";
}

Result<void> check_options(const FormatOptions& options) {
  const bool needs_id = options.avro_encoding == AvroEncoding::confluent;
  if (needs_id && options.schema_id == 0) {
    return make_error(ErrorKind::invalid_argument,
                      "avro.encoding = confluent needs schema_id, the number of the schema in the "
                      "registry.");
  }
  if (!needs_id && options.schema_id != 0) {
    return make_error(ErrorKind::invalid_argument,
                      "schema_id is set, but avro.encoding is not confluent.");
  }
  return {};
}

// The enumerations that are still open, and those that a batch has opened.
void each_symbols(const std::vector<AvroStep>& steps, const auto& visit) {
  for (const AvroStep& step : steps) {
    if (step.symbols != nullptr) visit(*step.symbols);
    each_symbols(step.children, visit);
  }
}

void append_long(std::string& out, std::size_t value) {
  std::uint8_t aside[2 * kMaxVarint];
  const std::uint8_t* const end = write_long(static_cast<std::int64_t>(value), aside);
  out.append(reinterpret_cast<const char*>(aside), static_cast<std::size_t>(end - aside));
}

void append_string(std::string& out, std::string_view text) {
  append_long(out, text.size());
  out += text;
}

}  // namespace

Result<AvroPlan> AvroPlan::make(const columnar::Schema& schema, const FormatOptions& options) {
  KINESINK_TRY(check_options(options));
  KINESINK_ASSIGN(Projection projection, project(schema, options));
  std::vector<const columnar::Field*> fields;
  for (const int index : projection.columns) {
    fields.push_back(&schema.fields[static_cast<std::size_t>(index)]);
  }
  AvroPlan plan;
  plan.notes_ = std::move(projection.notes);
  if (options.avro_schema.empty()) {
    KINESINK_ASSIGN(plan.schema_, derive_avro_schema(fields, options, plan.notes_));
  } else {
    KINESINK_ASSIGN(plan.schema_, parse_avro_schema(options.avro_schema));
    plan.given_ = options.avro_schema;
  }
  KINESINK_ASSIGN(plan.fields_, match_record(plan.schema_, fields, plan.notes_));
  for (AvroStep& field : plan.fields_) {
    if (field.source >= 0)
      field.source = projection.columns[static_cast<std::size_t>(field.source)];
  }
  plan.encoding_ = options.avro_encoding;
  plan.schema_id_ = options.schema_id;
  plan.batch_width_ = schema.fields.size();
  plan.complete();
  return plan;
}

std::string AvroPlan::schema_text() const {
  return given_.empty() ? avro_json(schema_, 2) : given_;
}

// What stands before the datum, once the symbols of the schema are known.
void AvroPlan::complete() {
  each_symbols(fields_, [this](const AvroSymbols& symbols) {
    AvroNode& node = schema_.nodes[symbols.node];
    if (!node.symbols.empty()) return;
    node.symbols.resize(symbols.places.size());
    for (const auto& [text, place] : symbols.places)
      node.symbols[static_cast<std::size_t>(place)] = text;
  });
  const std::uint64_t fingerprint = avro_fingerprint(schema_);
  prefix_size_ = 0;
  const auto put = [this](std::uint64_t byte) {
    prefix_[prefix_size_++] = static_cast<std::uint8_t>(byte);
  };
  if (encoding_ == AvroEncoding::confluent) {
    put(0);
    for (int shift = 24; shift >= 0; shift -= 8) put(schema_id_ >> shift);
  } else if (encoding_ == AvroEncoding::single_object) {
    put(0xc3);
    put(0x01);
    for (int shift = 0; shift < 64; shift += 8) put(fingerprint >> shift);
  } else if (encoding_ == AvroEncoding::container) {
    // A marker has to differ between files only where blocks are looked for in the middle of one;
    // these have one block.
    std::uint64_t word = fingerprint;
    for (std::size_t i = 0; i < kSyncSize; ++i, word = word * 6'364'136'223'846'793'005 + 1)
      sync_[i] = static_cast<char>(word >> 56);
    header_ = "Obj\1";
    append_long(header_, 2);
    append_string(header_, "avro.schema");
    append_string(header_, given_.empty() ? avro_json(schema_, 0) : given_);
    append_string(header_, "avro.codec");
    append_string(header_, "null");
    append_long(header_, 0);
    header_.append(sync_.data(), kSyncSize);
    append_long(header_, 1);  // objects of the block
  }
}

Result<void> AvroPlan::bind(const columnar::Batch& batch) {
  batch_length_ = 0;
  block_begin_ = 0;
  block_rows_ = 0;
  if (batch.columns.size() != batch_width_) {
    return make_error(ErrorKind::internal, "A batch does not have the shape of its plan.");
  }
  bool was_open = false;
  each_symbols(fields_, [&](const AvroSymbols& symbols) { was_open |= symbols.are_open; });
  KINESINK_TRY(bind_fields(fields_, batch.columns));
  if (was_open) complete();
  batch_length_ = batch.length;
  return {};
}

void AvroPlan::start_block(std::int64_t row) {
  const std::int64_t end = std::min(batch_length_, row + AvroBlock::kRows);
  block_begin_ = row;
  block_rows_ = static_cast<std::uint64_t>(end - row);
  const std::int64_t bound = bound_of_fields(fields_, row, end);
  is_made_ = bound <= AvroBlock::kMaxBytes && encoding_ != AvroEncoding::container;
  if (is_made_) block_.make(fields_, row, end, bound);
}

RowResult AvroPlan::fail(std::int64_t row, std::uint8_t* begin, const AvroFailure& failure) {
  if (failure.step == nullptr) return {RowStatus::no_room, begin};
  failure_ = failure;
  failed_row_ = row;
  return {RowStatus::invalid, begin};
}

RowResult AvroPlan::write_alone(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  if (limit < begin) return {RowStatus::no_room, begin};
  if (encoding_ == AvroEncoding::container) return write_container(row, begin, limit);
  if (static_cast<std::size_t>(limit - begin) < prefix_size_) return {RowStatus::no_room, begin};
  const RowResult written = write_datum(row, begin + prefix_size_, limit);
  if (written.status != RowStatus::written) return {written.status, begin};
  std::memcpy(begin, prefix_.data(), prefix_size_);
  return written;
}

RowResult AvroPlan::write_datum(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  const std::int64_t bound = bound_of_fields(fields_, row, row + 1) + kAvroSlack;
  if (limit - begin >= bound) {
    AvroWriter<false> writer(nullptr);
    std::uint8_t* const end = writer.fields(fields_, row, begin);
    if (end == nullptr) return fail(row, begin, writer.failure());
    return {RowStatus::written, end};
  }
  AvroWriter<true> writer(limit);
  std::uint8_t* const end = writer.fields(fields_, row, begin);
  if (end == nullptr) return fail(row, begin, writer.failure());
  return {RowStatus::written, end};
}

// The size of the datum stands before it, so that the datum is moved once its size is known.
RowResult AvroPlan::write_container(std::int64_t row, std::uint8_t* begin, std::uint8_t* limit) {
  if (static_cast<std::size_t>(limit - begin) < header_.size()) return {RowStatus::no_room, begin};
  std::uint8_t* const body = begin + header_.size();
  const RowResult written = write_datum(row, body, limit);
  if (written.status != RowStatus::written) return {written.status, begin};
  const auto size = static_cast<std::size_t>(written.end - body);
  std::uint8_t count[2 * kMaxVarint];
  const auto count_size =
      static_cast<std::size_t>(write_long(static_cast<std::int64_t>(size), count) - count);
  if (static_cast<std::size_t>(limit - written.end) < count_size + kSyncSize)
    return {RowStatus::no_room, begin};
  std::memmove(body + count_size, body, size);
  std::memcpy(begin, header_.data(), header_.size());
  std::memcpy(body, count, count_size);
  std::uint8_t* const end = body + count_size + size;
  std::memcpy(end, sync_.data(), kSyncSize);
  return {RowStatus::written, end + kSyncSize};
}

Error AvroPlan::error() const {
  Error error = make_error(failure_.step == nullptr ? ErrorKind::internal : ErrorKind::invalid_data,
                           text_of(failure_));
  if (failure_.step != nullptr) {
    error.column = failure_.step->path;
    error.row = failed_row_;
  }
  return error;
}

}  // namespace kinesink::format
