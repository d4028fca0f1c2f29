// Transport: one endpoint, to which requests can be sent. The seam between the service rooms and
// the network.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kinesink/result.h"

namespace kinesink::http {

struct Endpoint {
  std::string host;
  std::uint16_t port = 443;
  bool tls = true;

  // `kinesis.us-east-1.amazonaws.com`, or with `:port` when it is not the scheme's own: the Host
  // header.
  std::string authority() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// http://host[:port][/] or https://...; anything else is refused.
Result<Endpoint> parse_endpoint(std::string_view url);

struct Header {
  std::string name;
  std::string value;
};

// Headers that many requests have, checked and written out once. Host must be among them.
class SharedHeaders {
 public:
  // invalid_argument: one would break the message.
  static Result<std::shared_ptr<const SharedHeaders>> make(std::vector<Header> headers);

  const std::vector<Header>& headers() const { return headers_; }
  // As they stand in a head: `Name: value` and CRLF each.
  const std::string& lines() const { return lines_; }

 private:
  std::vector<Header> headers_;
  std::string lines_;
};

struct Request {
  std::string method = "POST";
  std::string target = "/";
  std::shared_ptr<const SharedHeaders> shared_headers = {};  // perhaps; before the other ones
  std::vector<Header> headers = {};  // complete but for Host and Content-Length, which the
                                     // transport writes if they are absent
  std::string_view body = {};        // borrowed until the completion has run

  // Value of the first header of that name (any case), shared or not, or empty.
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  // Value of the first header of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
};

// Header names are the same in any case.
bool same_name(std::string_view a, std::string_view b);
// False if it would break the message, and could so smuggle another one in.
bool is_well_formed(std::string_view text);
bool is_well_formed(const Header& header);
Error malformed_request();

// What came of a request: a response, or an error of kind transient, timeout, cancelled, resource
// not_found (no such host) or invalid_argument (TLS verification failed, the proxy wants a user,
// a header that would break the message).
struct Exchange {
  std::optional<Response> response;
  std::optional<Error> error;
  bool may_have_been_received =
      false;  // with an error: the server may have got and obeyed the whole request
};

class Transport {
 public:
  using RequestId = std::uint64_t;
  // May take the exchange, or leave it: what is left is used again.
  using Completion = std::function<void(Exchange&&)>;

  virtual ~Transport() = default;
  // Never waits, never calls back before it returns; may write the request on the calling thread.
  // `complete` runs exactly once, on a loop thread.
  virtual RequestId send(Request request, Completion complete) = 0;
  // The completion runs soon, with kind cancelled unless the answer was there first.
  virtual void cancel(RequestId id) = 0;
};

}  // namespace kinesink::http
