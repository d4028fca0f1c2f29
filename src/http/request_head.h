// Writes the head of an HTTP/1.1 request (RFC 9112): request line and headers, no I/O.
#pragma once

#include <string>
#include <string_view>

#include "http/client.h"
#include "http/transport.h"

namespace kinesink::http {

// Host and Content-Length are added where the request does not have them. `proxy`: the one that
// passes on plain requests, which name their target in full; nullptr: none.
void append_request_head(std::string& out, const Request& request, std::string_view authority,
                         const Proxy* proxy = nullptr);

}  // namespace kinesink::http
