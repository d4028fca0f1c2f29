#include "local/request_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace kinesink::local {
namespace {

constexpr std::size_t kSmallestRoom = 16 * kKiB;
constexpr std::size_t kFirstBuffer = 64 * kKiB;
constexpr std::size_t kMaxChunkLine = 1 * kKiB;

bool same_text(std::string_view one, std::string_view lower_case) {
  return one.size() == lower_case.size() &&
         std::equal(one.begin(), one.end(), lower_case.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
         });
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char character) { return character == ' ' || character == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The whole of `digits` as a number of that base.
bool parse_size(std::string_view digits, int base, std::size_t& size) {
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), size, base);
  return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
}

}  // namespace

std::span<char> RequestReader::room() {
  if (begin_ == end_ && !has_head_) begin_ = end_ = scanned_ = 0;
  std::size_t needed = end_ + kSmallestRoom;
  if (has_head_ && !chunked_) needed = std::max(needed, body_begin_ + body_size_);
  if (needed > capacity_) {
    // What is read of this request moves to the front of a buffer that holds the rest.
    const std::size_t kept = end_ - begin_;
    const std::size_t wanted = needed - begin_;
    if (wanted > capacity_) {
      const std::size_t capacity = std::max({wanted, 2 * kept, kFirstBuffer});
      auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
      std::copy_n(buffer_.get() + begin_, kept, buffer.get());
      buffer_ = std::move(buffer);
      capacity_ = capacity;
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
    }
    scanned_ -= std::min(scanned_, begin_);
    body_begin_ -= std::min(body_begin_, begin_);
    chunk_at_ -= std::min(chunk_at_, begin_);
    begin_ = 0;
    end_ = kept;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

RequestReader::State RequestReader::refuse(int status) {
  refusal_ = status;
  keep_alive_ = false;
  return State::refused;
}

RequestReader::State RequestReader::advance() {
  if (refusal_ != 0) return State::refused;
  if (!has_head_) {
    const std::string_view seen(buffer_.get() + begin_, end_ - begin_);
    const std::size_t from = scanned_ > begin_ + 3 ? scanned_ - begin_ - 3 : 0;
    const std::size_t head_end = seen.find("\r\n\r\n", from);
    if (head_end == seen.npos || head_end > kMaxRequestHead) {
      scanned_ = end_;
      return seen.size() > kMaxRequestHead ? refuse(431) : State::incomplete;
    }
    const State parsed = parse_head(seen.substr(0, head_end + 2));
    if (parsed == State::refused) return parsed;
    has_head_ = true;
    body_begin_ = begin_ + head_end + 4;
    chunk_at_ = body_begin_;
  }
  if (chunked_) {
    const State state = parse_chunks();
    if (state != State::incomplete) return state;
  } else if (end_ - body_begin_ >= body_size_) {
    request_.body = {buffer_.get() + body_begin_, body_size_};
    consumed_ = body_begin_ + body_size_;
    return State::complete;
  }
  return std::exchange(expects_continue_, false) ? State::wants_continue : State::incomplete;
}

RequestReader::State RequestReader::parse_head(std::string_view head) {
  const std::string_view first = head.substr(0, head.find("\r\n"));
  const std::size_t space = first.find(' ');
  const std::size_t last = first.rfind(' ');
  if (space == first.npos || last == space) return refuse(400);
  const std::string_view version = first.substr(last + 1);
  if (!version.starts_with("HTTP/1.")) return refuse(version.starts_with("HTTP/") ? 505 : 400);
  request_.method.assign(first.substr(0, space));
  request_.target.assign(first.substr(space + 1, last - space - 1));
  keep_alive_ = version != "HTTP/1.0";
  head.remove_prefix(first.size() + 2);

  chunked_ = has_length_ = expects_continue_ = false;
  body_size_ = 0;
  std::size_t count = 0;
  for (; !head.empty(); ++count) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    if (count == kMaxRequestHeaders) return refuse(431);
    if (!parse_header_line(line, count)) return refuse(400);
    if (!apply_header(request_.headers[count])) return refuse(refusal_ != 0 ? refusal_ : 400);
  }
  request_.headers.resize(count);
  if (chunked_ && has_length_) return refuse(400);
  return body_size_ > max_body_ ? refuse(413) : State::incomplete;
}

bool RequestReader::parse_header_line(std::string_view line, std::size_t at) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0 || line[colon - 1] == ' ' || line[0] == ' ' ||
      line[0] == '\t') {
    return false;
  }
  if (request_.headers.size() <= at) request_.headers.resize(at + 1);
  request_.headers[at].name.assign(line.substr(0, colon));
  request_.headers[at].value.assign(trim(line.substr(colon + 1)));
  return true;
}

// What a header says about the connection or the body; false if it cannot be right.
bool RequestReader::apply_header(const http::Header& header) {
  if (same_text(header.name, "content-length")) {
    std::size_t size = 0;
    if (!parse_size(header.value, 10, size) || (has_length_ && size != body_size_)) return false;
    has_length_ = true;
    body_size_ = size;
  } else if (same_text(header.name, "transfer-encoding")) {
    chunked_ = same_text(header.value, "chunked");
    if (!chunked_) refusal_ = 501;
    chunked_body_.clear();
    return chunked_;
  } else if (same_text(header.name, "expect")) {
    expects_continue_ = same_text(header.value, "100-continue");
  } else if (same_text(header.name, "connection")) {
    if (same_text(header.value, "close")) keep_alive_ = false;
    if (same_text(header.value, "keep-alive")) keep_alive_ = true;
  }
  return true;
}

RequestReader::State RequestReader::parse_chunks() {
  while (true) {
    const std::string_view rest(buffer_.get() + chunk_at_, end_ - chunk_at_);
    const std::size_t line_end = rest.find("\r\n");
    if (line_end == rest.npos) {
      return rest.size() > kMaxChunkLine ? refuse(400) : State::incomplete;
    }
    const std::string_view line = rest.substr(0, line_end);
    std::size_t size = 0;
    if (!parse_size(trim(line.substr(0, line.find(';'))), 16, size)) return refuse(400);
    if (size > max_body_ - std::min(max_body_, chunked_body_.size())) return refuse(413);
    // Trailers are not read: the last chunk must be followed by the empty line.
    if (rest.size() < line_end + 2 + size + 2) return State::incomplete;
    if (rest.substr(line_end + 2 + size, 2) != "\r\n") return refuse(400);
    chunked_body_.append(rest.substr(line_end + 2, size));
    chunk_at_ += line_end + 2 + size + 2;
    begin_ = chunk_at_;
    if (size > 0) continue;
    request_.body = chunked_body_;
    consumed_ = chunk_at_;
    return State::complete;
  }
}

void RequestReader::next() {
  begin_ = scanned_ = consumed_;
  has_head_ = false;
  request_.body = {};
}

}  // namespace kinesink::local
