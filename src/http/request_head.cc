#include "http/request_head.h"

namespace kinesink::http {

void append_request_head(std::string& out, const Request& request, std::string_view authority,
                         const Proxy* proxy) {
  out.append(request.method).append(" ");
  if (proxy != nullptr) out.append("http://").append(authority);
  out.append(request.target).append(" HTTP/1.1\r\n");
  bool has_host = request.shared_headers != nullptr;
  if (has_host) out.append(request.shared_headers->lines());
  bool has_length = false;
  for (const Header& header : request.headers) {
    has_host = has_host || same_name(header.name, "Host");
    has_length = has_length || same_name(header.name, "Content-Length");
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!has_host) out.append("Host: ").append(authority).append("\r\n");
  if (!has_length)
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  if (proxy != nullptr && !proxy->authorization.empty())
    out.append("Proxy-Authorization: ").append(proxy->authorization).append("\r\n");
  out.append("\r\n");
}

}  // namespace kinesink::http
