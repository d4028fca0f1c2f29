// Decimals and times in MessagePack and CBOR.
#include <array>
#include <bit>

#include "base/units.h"
#include "format/binary_writer.h"
#include "format/cbor_encoding.h"
#include "format/msgpack_encoding.h"
#include "format/time_parts.h"

namespace kinesink::format {
namespace {

using columnar::TimeUnit;

struct Division {
  std::int64_t quotient;
  std::int64_t rest;  // never negative
};

Division divide(std::int64_t value, std::int64_t divisor) {
  return {floor_divide(value, divisor), floor_rest(value, divisor)};
}

// Seconds and their nanoseconds; by divisors that are known when this is compiled.
Division split(std::int64_t value, TimeUnit unit) {
  switch (unit) {
    case TimeUnit::second:
      return {value, 0};
    case TimeUnit::millisecond: {
      const auto [seconds, rest] = divide(value, 1'000);
      return {seconds, rest * 1'000'000};
    }
    case TimeUnit::microsecond: {
      const auto [seconds, rest] = divide(value, 1'000'000);
      return {seconds, rest * 1'000};
    }
    case TimeUnit::nanosecond:
      break;
  }
  return divide(value, 1'000'000'000);
}

// An integer in two's complement as a number of CBOR: a bignum where it needs more than 64 bits.
char* write_mantissa(const std::uint8_t* bytes, std::size_t width, char* out) {
  const bool is_negative = (bytes[width - 1] & 0x80) != 0;
  std::array<char, 32> magnitude;  // of -1 - n for a negative n: its bits inverted
  std::size_t size = 0;
  for (std::size_t i = width; i-- > 0;) {
    const auto byte = static_cast<std::uint8_t>(is_negative ? ~bytes[i] : bytes[i]);
    if (size > 0 || byte != 0) magnitude[size++] = static_cast<char>(byte);
  }
  if (size <= 8) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i) {
      number = number << 8 | static_cast<std::uint8_t>(magnitude[i]);
    }
    return is_negative ? CborEncoding::negative(number, out)
                       : CborEncoding::unsigned_integer(number, out);
  }
  out = CborEncoding::tag(
      is_negative ? CborEncoding::kNegativeBigTag : CborEncoding::kPositiveBigTag, out);
  out = CborEncoding::bytes_head(size, out);
  std::memcpy(out, magnitude.data(), size);
  return out + size;
}

}  // namespace

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::decimal(BinaryStep& step, std::int64_t row, char* out) {
  const std::size_t width = step.decimal_width;
  const std::uint8_t* bytes = step.values + row * static_cast<std::int64_t>(width);
  if (columnar::exceeds_precision(bytes, step.decimal_width, step.precision)) {
    return fail(step, BinaryFailure::Reason::decimal_precision);
  }
  if (step.kind == BinaryKind::decimal_text) {
    return aside(out, [&](char* at) {
      return columnar::write_decimal(bytes, static_cast<int>(width), step.scale, at);
    });
  }
  return small(out, [&](char* at) {
    at = CborEncoding::tag(CborEncoding::kDecimalTag, at);
    at = CborEncoding::array_head(2, at);
    at = CborEncoding::integer(-std::int64_t{step.scale}, at);
    return write_mantissa(bytes, width, at);
  });
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::instant_text(BinaryStep& step, std::int64_t row,
                                                     char* out) {
  return temporal<0>(step, out, [&](char* at) -> char* {
    at = columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, at);
    if (at == nullptr) return nullptr;
    *at = 'Z';
    return at + 1;
  });
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::instant(BinaryStep& step, std::int64_t row, char* out) {
  if constexpr (Encoding::kIsCbor) {
    return instant_text(step, row, out);
  } else {
    const auto [seconds, nanoseconds] = split(step.value<std::int64_t>(row), step.unit);
    return small(out, [&](char* at) {
      return Encoding::timestamp(seconds, static_cast<std::uint32_t>(nanoseconds), at);
    });
  }
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::epoch(BinaryStep& step, std::int64_t value, TimeUnit unit,
                                              char* out) {
  const std::int64_t from = per_second(unit);
  const std::int64_t to = per_second(step.epoch_unit);
  if (from > to) {
    value = floor_divide(value, from / to);
  } else if (__builtin_mul_overflow(value, to / from, &value)) {
    return fail(step, BinaryFailure::Reason::epoch_range);
  }
  return small(out, [&](char* at) { return Encoding::integer(value, at); });
}

template <typename Encoding, bool kChecked>
char* BinaryWriter<Encoding, kChecked>::time(BinaryStep& step, std::int64_t row, char* out) {
  switch (step.kind) {
    case BinaryKind::date_text:
      return temporal<static_cast<std::int64_t>(CborEncoding::kDateTag)>(step, out, [&](char* at) {
        return columnar::write_date(step.value<std::int32_t>(row), at);
      });
    case BinaryKind::date_epoch:
      return epoch(step, step.value<std::int32_t>(row) * kMillisPerDay, TimeUnit::millisecond, out);
    case BinaryKind::time32_text:
      return temporal(step, out, [&](char* at) {
        return columnar::write_time_of_day(step.value<std::int32_t>(row), step.unit, at);
      });
    case BinaryKind::time64_text:
      return temporal(step, out, [&](char* at) {
        return columnar::write_time_of_day(step.value<std::int64_t>(row), step.unit, at);
      });
    case BinaryKind::instant:
      return instant(step, row, out);
    case BinaryKind::instant_text:
      return instant_text(step, row, out);
    case BinaryKind::timestamp_epoch:
      return epoch(step, step.value<std::int64_t>(row), step.unit, out);
    case BinaryKind::duration_text:
      return temporal(step, out, [&](char* at) {
        return columnar::write_duration(step.value<std::int64_t>(row), step.unit, at);
      });
    case BinaryKind::interval_text:
      return aside(
          out, [&](char* at) { return columnar::write_interval(step.column->interval(row), at); });
    default:  // date_time_text
      return temporal(step, out, [&](char* at) {
        return columnar::write_timestamp(step.value<std::int64_t>(row), step.unit, step.date, at);
      });
  }
}

template char* BinaryWriter<MsgpackEncoding, false>::decimal(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<MsgpackEncoding, false>::time(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<MsgpackEncoding, true>::decimal(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<MsgpackEncoding, true>::time(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<CborEncoding, false>::decimal(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<CborEncoding, false>::time(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<CborEncoding, true>::decimal(BinaryStep&, std::int64_t, char*);
template char* BinaryWriter<CborEncoding, true>::time(BinaryStep&, std::int64_t, char*);

}  // namespace kinesink::format
