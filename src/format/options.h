// What a user can choose about a format, under the names of this room.
#pragma once

#include "kinesink/format_options.h"

namespace kinesink::format {

using kinesink::AvroDecimal;
using kinesink::AvroDictionary;
using kinesink::AvroEncoding;
using kinesink::AvroUint64;
using kinesink::AvroUuid;
using kinesink::BinaryEncoding;
using kinesink::CborDecimal;
using kinesink::DecimalEncoding;
using kinesink::Format;
using kinesink::FormatOptions;
using kinesink::InvalidJson;
using kinesink::JsonOptions;
using kinesink::Kernel;
using kinesink::KeyNaming;
using kinesink::MsgpackTimestamp;
using kinesink::NaiveTimestamp;
using kinesink::NonFinite;
using kinesink::Nulls;
using kinesink::NullValue;
using kinesink::TimestampDigits;
using kinesink::TimestampFormat;

}  // namespace kinesink::format
