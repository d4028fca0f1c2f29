#include "http/response_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace kinesink::http {

namespace beast = boost::beast;

ResponseReader::ResponseReader(std::size_t max_body, bool head_only)
    : max_body_(max_body), head_only_(head_only) {
  reset();
}

void ResponseReader::reset() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(kMaxResponseHead));
  parser_->body_limit(max_body_);
  parser_->eager(true);
  if (head_only_) parser_->skip(true);
  begun_ = false;
  problem_.clear();
}

ResponseReader::State ResponseReader::received(std::string_view bytes) {
  begun_ = begun_ || !bytes.empty();
  if (!pending_.empty()) {
    pending_.append(bytes);
    return advance();
  }
  // The usual way: the parser takes all, without a copy.
  beast::error_code error;
  const std::size_t taken = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  pending_.assign(bytes.substr(taken));
  if (error == beast::http::error::need_more) return State::incomplete;
  if (error) {
    problem_ = error.message();
    return State::malformed;
  }
  if (!parser_->is_done()) return State::incomplete;
  return skip_interim() ? advance() : State::complete;
}

ResponseReader::State ResponseReader::advance() {
  while (!pending_.empty()) {
    beast::error_code error;
    const std::size_t taken = parser_->put(boost::asio::buffer(pending_), error);
    pending_.erase(0, taken);
    if (error == beast::http::error::need_more) return State::incomplete;
    if (error) {
      problem_ = error.message();
      return State::malformed;
    }
    if (parser_->is_done() && !skip_interim()) return State::complete;
    if (taken == 0) return State::incomplete;
  }
  return State::incomplete;
}

// 1xx answers announce another (RFC 9110, section 15.2).
bool ResponseReader::skip_interim() {
  if (parser_->get().result_int() >= 200) return false;
  std::string kept = std::move(pending_);
  reset();
  pending_ = std::move(kept);
  return true;
}

ResponseReader::State ResponseReader::ended(bool cleanly) {
  problem_ = "the connection was closed before the answer";
  if (!parser_->got_some()) return State::malformed;
  beast::error_code error;
  parser_->put_eof(error);
  if (cleanly && !error && parser_->is_done()) return State::complete;
  problem_ = "the connection was closed in the middle of the answer";
  return State::malformed;
}

bool ResponseReader::keep_alive() const { return parser_->keep_alive() && pending_.empty(); }

Response ResponseReader::take() {
  Response response;
  auto& message = parser_->get();
  response.status = static_cast<int>(message.result_int());
  response.headers = std::move(spare_headers_);
  std::size_t count = 0;
  for (const auto& field : message) {
    if (response.headers.size() == count) response.headers.emplace_back();
    response.headers[count].name = field.name_string();
    response.headers[count].value = field.value();
    ++count;
  }
  response.headers.resize(count);
  response.body = std::move(message.body());
  pending_.clear();
  reset();
  return response;
}

void ResponseReader::recycle(Response&& response) {
  spare_headers_ = std::move(response.headers);
  // Answers to PutRecords are 52 KB; a rare larger one is not kept.
  constexpr std::size_t kMostKept = 128 * kKiB;
  if (response.body.capacity() > kMostKept || begun_) return;
  response.body.clear();
  parser_->get().body() = std::move(response.body);
}

}  // namespace kinesink::http
