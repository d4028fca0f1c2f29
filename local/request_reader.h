// Reads HTTP/1.1 requests out of a stream of bytes (RFC 9112): bytes in, requests out, no I/O.
// Content-Length and chunked bodies; several requests may stand in the buffer (pipelining).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/units.h"
#include "http/transport.h"

namespace kinesink::local {

inline constexpr std::size_t kMaxRequestHead = 64 * kKiB;
inline constexpr std::size_t kMaxRequestHeaders = 100;

class RequestReader {
 public:
  explicit RequestReader(std::size_t max_body) : max_body_(max_body) {}

  // Where the next bytes go; never empty.
  std::span<char> room();
  void received(std::size_t bytes) { end_ += bytes; }

  enum class State : std::uint8_t {
    incomplete,      // more bytes are needed
    wants_continue,  // the same, and the client waits for "100 Continue" (told once)
    complete,        // request() is there until next()
    refused,         // not a request that can be read on: answer refusal_status() and close
  };
  State advance();
  const http::Request& request() const { return request_; }
  bool keep_alive() const { return keep_alive_; }
  int refusal_status() const { return refusal_; }
  // True if any byte of an unfinished request has come.
  bool in_request() const { return end_ > begin_; }

  // Forgets the complete request; its bytes make room.
  void next();

 private:
  State parse_head(std::string_view head);
  bool parse_header_line(std::string_view line, std::size_t at);
  bool apply_header(const http::Header& header);
  State parse_chunks();
  State refuse(int status);

  std::size_t max_body_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of the request in the buffer
  std::size_t end_ = 0;      // of what was received
  std::size_t scanned_ = 0;  // no end of the head before this place

  bool has_head_ = false;
  std::size_t body_begin_ = 0;  // in the buffer
  std::size_t body_size_ = 0;
  std::size_t consumed_ = 0;  // end of the request, once complete
  bool chunked_ = false;
  std::size_t chunk_at_ = 0;  // next chunk's size line
  std::string chunked_body_;
  bool has_length_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = true;
  int refusal_ = 0;
  http::Request request_;
};

}  // namespace kinesink::local
