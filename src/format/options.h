// What a user can choose about a format, under the names of this room.
#pragma once

#include "kinesink/format_options.h"

namespace kinesink::format {

using kinesink::BinaryEncoding;
using kinesink::DecimalEncoding;
using kinesink::Format;
using kinesink::FormatOptions;
using kinesink::InvalidJson;
using kinesink::JsonOptions;
using kinesink::Kernel;
using kinesink::KeyNaming;
using kinesink::NaiveTimestamp;
using kinesink::NonFinite;
using kinesink::Nulls;
using kinesink::NullValue;
using kinesink::TimestampDigits;
using kinesink::TimestampFormat;

}  // namespace kinesink::format
