#include "format/avro_block.h"

#include "format/avro_writer.h"

namespace kinesink::format {
namespace {

// What a row may scribble behind its end, where the next one stands.
constexpr std::uint32_t kRowSlack = 64;
static_assert(kRowSlack >= kAvroBlock + kMaxVarint);

// Bytes of a value of fixed width with its branch; 0: they depend on the value.
std::uint32_t fixed_bound(const AvroStep& step) {
  switch (step.kind) {
    case AvroStepKind::bytes:
    case AvroStepKind::large_bytes:
    case AvroStepKind::other_bytes:
    case AvroStepKind::fixed:
    case AvroStepKind::text_as_uuid:
    case AvroStepKind::structure:
    case AvroStepKind::list:
    case AvroStepKind::map:
    case AvroStepKind::entries:
    case AvroStepKind::dictionary:
    case AvroStepKind::runs:
    case AvroStepKind::one_of:
      return 0;
    default:
      return static_cast<std::uint32_t>(step.bound_of(0, 1));
  }
}

}  // namespace

// Rows stand apart by what they need at most.
void AvroBlock::place(const std::vector<AvroStep>& fields, std::int64_t first, std::size_t rows) {
  std::array<std::uint32_t, kRows> at{};  // first: bytes in front of the row that depend on values
  std::uint32_t fixed = kRowSlack;
  for (const AvroStep& field : fields) {
    if (const std::uint32_t bound = fixed_bound(field); bound != 0) {
      fixed += bound;
    } else if (field.kind == AvroStepKind::bytes) {
      fixed += 1 + kMaxVarint;
      const std::uint8_t* const offsets = field.offsets + first * 4;
      const auto base = columnar::load<std::uint32_t>(offsets, 0);
      for (std::size_t i = 0; i < rows; ++i)
        at[i] += columnar::load<std::uint32_t>(offsets, static_cast<std::int64_t>(i)) - base;
    } else {
      std::uint32_t sum = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        at[i] += sum;
        const std::int64_t row = first + static_cast<std::int64_t>(i);
        sum += static_cast<std::uint32_t>(field.bound_of(row, row + 1));
      }
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    ends_[i] = bytes_.data() + at[i] + i * fixed;
    begins_[i] = ends_[i];
  }
}

// What a loop needs is copied out of the step: the bytes that it stores might be the step's, for
// all the compiler knows.
template <typename Write>
inline void AvroBlock::values(const AvroStep& step, std::int64_t first, std::size_t rows,
                              Write write) {
  std::uint8_t** const ends = ends_.data();
  const std::uint8_t branch = step.value_branch;
  if (const std::uint8_t* const validity = step.validity; validity != nullptr) {
    const std::uint8_t null_branch = step.null_branch;
    const auto bit = static_cast<std::size_t>(step.offset + first);
    for (std::size_t i = 0; i < rows; ++i) {
      std::uint8_t* const out = ends[i];
      const bool is_valid = (validity[(bit + i) >> 3] >> ((bit + i) & 7) & 1) != 0;
      *out = is_valid ? branch : null_branch;
      ends[i] = is_valid ? write(i, out + 1) : out + 1;
    }
  } else if (step.has_branch != 0) {
    for (std::size_t i = 0; i < rows; ++i) {
      std::uint8_t* const out = ends[i];
      *out = branch;
      ends[i] = write(i, out + 1);
    }
  } else {
    for (std::size_t i = 0; i < rows; ++i) ends[i] = write(i, ends[i]);
  }
}

void AvroBlock::other(const AvroStep& step, std::int64_t first, std::size_t rows) {
  AvroWriter<false> writer(nullptr);
  for (std::size_t i = 0; i < rows; ++i) {
    std::uint8_t* const end = writer.value(step, first + static_cast<std::int64_t>(i), ends_[i]);
    // What is written of such a row is of no use, but stays within its bounds.
    if (end == nullptr) [[unlikely]]
      has_failed_[i] = true;
    else
      ends_[i] = end;
  }
}

void AvroBlock::column(const AvroStep& step, std::int64_t first, std::size_t rows) {
  const std::uint8_t* const begin = step.values;
  if (!step.is_plain) return other(step, first, rows);
  switch (step.kind) {
    case AvroStepKind::boolean: {
      const std::int64_t bit = step.offset + first;
      return values(step, first, rows, [begin, bit](std::size_t i, std::uint8_t* out) {
        const auto at = static_cast<std::size_t>(bit) + i;
        *out = begin[at >> 3] >> (at & 7) & 1;
        return out + 1;
      });
    }
    case AvroStepKind::int32:
      return values(step, first, rows, [in = begin + first * 4](std::size_t i, std::uint8_t* out) {
        return write_long(columnar::load<std::int32_t>(in, static_cast<long>(i)), out);
      });
    case AvroStepKind::int64:
      return values(step, first, rows, [in = begin + first * 8](std::size_t i, std::uint8_t* out) {
        return write_long(columnar::load<std::int64_t>(in, static_cast<long>(i)), out);
      });
    case AvroStepKind::float64:
      return values(step, first, rows, [in = begin + first * 8](std::size_t i, std::uint8_t* out) {
        std::memcpy(out, in + i * 8, 8);
        return out + 8;
      });
    case AvroStepKind::bytes:
      return values(step, first, rows,
                    [begin, offsets = step.offsets, padded = step.padded_rows, first](
                        std::size_t i, std::uint8_t* out) {
                      const std::int64_t row = first + static_cast<std::int64_t>(i);
                      return write_text<std::int32_t>(begin, offsets, row, row < padded, out);
                    });
    default:
      return other(step, first, rows);
  }
}

void AvroBlock::make(const std::vector<AvroStep>& fields, std::int64_t first, std::int64_t last,
                     std::int64_t bound) {
  const auto rows = static_cast<std::size_t>(last - first);
  const std::size_t size = static_cast<std::size_t>(bound) + kRows * kRowSlack + kSlack;
  if (bytes_.size() < size) bytes_.resize(size);
  has_failed_.fill(false);
  place(fields, first, rows);
  for (const AvroStep& field : fields) column(field, first, rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (has_failed_[i]) begins_[i] = ends_[i] = nullptr;
  }
}

}  // namespace kinesink::format
