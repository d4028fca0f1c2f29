// The two encodings behind kinesis/value.h.
#pragma once

#include "kinesis/value.h"

namespace kinesink::kinesis {

void encode_cbor(const Value& value, std::string& out);
Result<Value> decode_cbor(std::string_view body);
void encode_json(const Value& value, std::string& out);
Result<Value> decode_json(std::string_view body);

}  // namespace kinesink::kinesis
