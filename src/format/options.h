// What a user can choose about a format, under the names of this room.
#pragma once

#include "kinesink/format_options.h"

namespace kinesink::format {

using kinesink::DecimalEncoding;
using kinesink::Format;
using kinesink::FormatOptions;
using kinesink::Kernel;
using kinesink::NullValue;
using kinesink::TimestampFormat;

}  // namespace kinesink::format
