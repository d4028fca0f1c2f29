// Writes the head of an HTTP/1.1 response (RFC 9112): status line and headers, no I/O.
#pragma once

#include <string>
#include <string_view>

#include "http/transport.h"

namespace kinesink::local {

// Content-Length is added; `keep_alive` false also says that the connection ends.
void append_response_head(std::string& out, const http::Response& response, bool keep_alive);
std::string_view reason_of(int status);

}  // namespace kinesink::local
