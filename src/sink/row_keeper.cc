#include "sink/row_keeper.h"

#include <algorithm>

#include "columnar/extension.h"

namespace kinesink::sink {
namespace {

constexpr std::size_t kUsual = 64 * kKiB;
constexpr std::size_t kLargest = 256 * kMiB;

Error too_large(std::int64_t row) {
  Error error = make_error(ErrorKind::resource,
                           "the rejected row has more than " + std::to_string(kLargest / kMiB) +
                               " MiB and is not kept in the dead-letter output");
  error.row = row;
  return error;
}

// Of what has a text whatever it holds the extension type stays.
void forget_extensions(columnar::Field& field) {
  const columnar::Extension extension = columnar::extension_of(field);
  if (extension != columnar::Extension::uuid && extension != columnar::Extension::bool8) {
    field.extension_name.clear();
  }
  for (columnar::Field& child : field.children) forget_extensions(child);
}

}  // namespace

RowKeeper::Written RowKeeper::write(format::ArrowSerializer& serializer, std::int64_t row) {
  for (std::size_t room = std::max(kUsual, buffer_.size()); room <= kLargest; room *= 2) {
    buffer_.resize(room);
    std::uint8_t* const begin = buffer_.data();
    const format::RowResult result = serializer.visit([&](auto& plan) {
      const format::RowResult written = plan.write_row(row, begin, begin + room);
      if (written.status == format::RowStatus::invalid) error_ = plan.error();
      return written;
    });
    switch (result.status) {
      case format::RowStatus::written:
        size_ = static_cast<std::size_t>(result.end - begin);
        return Written::whole;
      case format::RowStatus::skipped:
        size_ = 0;
        return Written::whole;
      case format::RowStatus::invalid:
        return Written::invalid;
      case format::RowStatus::no_room:
        break;
    }
  }
  return Written::too_large;
}

Result<delivery::Keepsake> RowKeeper::keep(format::ArrowSerializer& serializer,
                                           partition::Partitioner& partitioner,
                                           const columnar::Schema& schema,
                                           const columnar::Batch& batch, std::int64_t row) {
  delivery::Keepsake kept;
  if (const partition::RowKey key = partitioner.key(row); key.ok) {
    kept.partition_key = key.partition_key;
    kept.explicit_hash_key = key.explicit_hash_key;
  }
  switch (write(serializer, row)) {
    case Written::whole:
      kept.payload.assign(reinterpret_cast<const char*>(buffer_.data()), size_);
      break;
    case Written::invalid: {
      KINESINK_ASSIGN(kept.columns, columns_of(schema, batch, row));
      break;
    }
    case Written::too_large:
      return too_large(row);
  }
  // A huge row's memory is not held for the next one.
  if (buffer_.size() > kLargest / 16) buffer_ = {};
  return kept;
}

// JSON that takes what the user's format may not: times as numbers, JSON text as text, extension
// types as their storage. What is
// still not expressible is left out, column by column.
Result<std::string> RowKeeper::columns_of(const columnar::Schema& schema,
                                          const columnar::Batch& batch, std::int64_t row) {
  columnar::Schema lenient = schema;
  for (columnar::Field& field : lenient.fields) forget_extensions(field);
  format::FormatOptions options;
  options.timestamp_format = TimestampFormat::unix_millis;
  options.decimal_encoding = DecimalEncoding::string;
  options.exclude_columns = options_.exclude_columns;
  options.include_columns = options_.include_columns;
  if (options_.format == Format::raw_string || options_.format == Format::raw_bytes) {
    options.include_columns.clear();
    options.exclude_columns.clear();
  }
  for (std::size_t left_out = 0; left_out < schema.fields.size(); ++left_out) {
    Result<format::ArrowSerializer> serializer = format::ArrowSerializer::make(lenient, options);
    Result<void> bound = serializer ? serializer->bind(batch) : Result<void>(serializer.error());
    if (bound) {
      const Written written = write(*serializer, row);
      if (written == Written::too_large) return too_large(row);
      if (written == Written::whole)
        return std::string(reinterpret_cast<const char*>(buffer_.data()), size_);
    }
    const Error& error = bound ? error_ : bound.error();
    const std::string column = error.column.substr(0, error.column.find('.'));
    if (column.empty()) break;
    std::erase(options.include_columns, column);
    options.exclude_columns.push_back(column);
  }
  return std::string("{}");
}

}  // namespace kinesink::sink
