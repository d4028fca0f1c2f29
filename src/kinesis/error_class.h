// Which AWS error means what for a retry. One table (design: section 4, "Retries").
#pragma once

#include <cstdint>
#include <string_view>

#include "kinesink/result.h"

namespace kinesink::kinesis {

enum class ErrorClass : std::uint8_t { throttled, transient, auth, clock, refused, permanent };

// `code`: bare (after `#`, before `:`), may be empty. `http_status`: of the answer.
ErrorClass classify(std::string_view code, int http_status);
ErrorKind kind_of(ErrorClass error_class);
// `prefix#Name` and `Name:uri` become Name.
std::string_view bare_code(std::string_view code);

}  // namespace kinesink::kinesis
