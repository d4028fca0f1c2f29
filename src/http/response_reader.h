// Reads one HTTP/1.1 response out of a stream of bytes (RFC 9112): bytes in, response out, no I/O.
// Parsing is Boost.Beast's.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "http/transport.h"

namespace kinesink::http {

// No more is waited for in a head of this size.
inline constexpr std::size_t kMaxResponseHead = 64 * kKiB;

// A body that is appended to a string. Beast's own string_body fills the string with zeros first.
struct AppendedBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool kIsRequest, typename Fields>
    reader(boost::beast::http::header<kIsRequest, Fields>&, std::string& body) : body_(body) {}
    // The parser has checked the length against its limit.
    void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& error) {
      if (length) body_.reserve(static_cast<std::size_t>(*length));
      error = {};
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      std::size_t taken = 0;
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(piece.data()), piece.size());
        taken += piece.size();
      }
      error = {};
      return taken;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

class ResponseReader {
 public:
  // `head_only`: the answer to CONNECT, after which other bytes come.
  explicit ResponseReader(std::size_t max_body, bool head_only = false);

  enum class State : std::uint8_t { incomplete, complete, malformed };
  State received(std::string_view bytes);
  // The stream ended: complete if the response is one that ends so, and it was not reset or cut
  // (`cleanly`).
  State ended(bool cleanly);

  // True once any byte of a response has come.
  bool begun() const { return begun_; }
  // The connection may carry another request. Only after complete.
  bool keep_alive() const;
  // Only after complete; leaves the reader empty.
  Response take();
  // A response that is no longer needed: its memory serves the next one.
  void recycle(Response&& response);
  // Why it is malformed.
  const std::string& problem() const { return problem_; }
  void reset();

 private:
  using Parser = boost::beast::http::response_parser<AppendedBody>;
  State advance();
  bool skip_interim();

  const std::size_t max_body_;
  const bool head_only_;
  std::optional<Parser> parser_;
  std::string pending_;  // bytes that the parser has not taken
  std::vector<Header> spare_headers_;
  bool begun_ = false;
  std::string problem_;
};

}  // namespace kinesink::http
