// Decimals and times in MessagePack and CBOR.
#include <array>
#include <bit>

#include "base/units.h"
#include "format/binary_writer.h"
#include "format/cbor_encoding.h"
#include "format/msgpack_encoding.h"

namespace kinesink::format {
namespace {

using columnar::TimeUnit;

constexpr std::int64_t kPerSecond[] = {1, 1'000, 1'000'000, 1'000'000'000};  // by TimeUnit
constexpr std::int64_t kMillisPerDay = 86'400'000;

struct Division {
  std::int64_t quotient;
  std::int64_t rest;  // never negative
};

Division floor_divide(std::int64_t value, std::int64_t divisor) {
  const Division division{value / divisor, value % divisor};
  if (division.rest >= 0) return division;
  return {division.quotient - 1, division.rest + divisor};
}

// Seconds and their nanoseconds; by divisors that are known when this is compiled.
Division split(std::int64_t value, TimeUnit unit) {
  switch (unit) {
    case TimeUnit::second:
      return {value, 0};
    case TimeUnit::millisecond: {
      const auto [seconds, rest] = floor_divide(value, 1'000);
      return {seconds, rest * 1'000'000};
    }
    case TimeUnit::microsecond: {
      const auto [seconds, rest] = floor_divide(value, 1'000'000);
      return {seconds, rest * 1'000};
    }
    case TimeUnit::nanosecond:
      break;
  }
  return floor_divide(value, 1'000'000'000);
}

// 10^0 to 10^38.
constexpr auto kPowersOfTen = [] {
  std::array<Uint128, 39> powers{};
  Uint128 power = 1;
  for (Uint128& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

bool exceeds_precision(const BinaryStep& step, const std::uint8_t* bytes) {
  if (step.decimal_width == 32) return columnar::decimal_digits(bytes, 32) > step.precision;
  if (step.precision < 0 || step.precision > 38) return true;
  const Int128 number = step.decimal_width == 16  ? columnar::load<Int128>(bytes, 0)
                        : step.decimal_width == 8 ? Int128{columnar::load<std::int64_t>(bytes, 0)}
                                                  : Int128{columnar::load<std::int32_t>(bytes, 0)};
  const auto magnitude = number < 0 ? ~static_cast<Uint128>(number) + 1  //
                                    : static_cast<Uint128>(number);
  return magnitude >= kPowersOfTen[static_cast<std::size_t>(step.precision)];
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
  if (exceeds_precision(step, bytes)) {
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
  const std::int64_t from = kPerSecond[static_cast<int>(unit)];
  const std::int64_t to = kPerSecond[static_cast<int>(step.epoch_unit)];
  if (from > to) {
    value = floor_divide(value, from / to).quotient;
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
