// Writes an answer straight into its buffer, in either encoding. CBOR is of definite length: a map
// or list is opened with its size. Timestamps: tag 1 with integer milliseconds in CBOR, seconds
// with a fraction in JSON; blobs: byte strings or base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kinesis/request_body.h"

namespace kinesink::local {

class AnswerWriter {
 public:
  // Appends to `out`, which must outlive this.
  AnswerWriter(kinesis::Wire wire, std::string& out) : wire_(wire), out_(out) {}

  kinesis::Wire wire() const { return wire_; }
  std::string& out() { return out_; }

  void map(std::size_t members);
  void end_map() { close('}'); }
  void list(std::size_t items);
  void end_list() { close(']'); }

  // A member's name; its value comes next.
  AnswerWriter& key(std::string_view name);
  void text(std::string_view value);
  void blob(std::string_view value);
  void integer(std::int64_t value);
  void boolean(bool value);
  void timestamp(std::int64_t milliseconds);

  // Before and after an item that the caller writes into out() itself.
  void begin_raw_item() { separate(); }
  void end_raw_item() { comma_ = true; }

 private:
  bool is_cbor() const { return wire_ == kinesis::Wire::cbor; }
  void head(unsigned major, std::uint64_t number);
  void json_text(std::string_view value);
  void open(char bracket);
  void close(char bracket);
  void separate();

  kinesis::Wire wire_;
  std::string& out_;
  bool comma_ = false;
};

}  // namespace kinesink::local
