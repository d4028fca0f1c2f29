// Request bodies, bounded in committed bytes.
//
// A body that is being filled is charged with its whole capacity, a sealed one with what was ever
// written into it, because memory that was never written is never committed: a stream of small rows
// still has many requests in flight.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kinesis/request_body.h"

namespace kinesink::sink {

struct BodyShape {
  kinesis::Wire wire = kinesis::Wire::cbor;
  kinesis::StreamReference stream;
  std::size_t max_record_count = 0;
  std::size_t max_data_size = 0;
  std::size_t max_record_size = 0;

  std::unique_ptr<kinesis::RequestBody> make() const {
    return std::make_unique<kinesis::RequestBody>(wire, stream, max_record_count, max_data_size,
                                                  max_record_size);
  }
};

// Not thread-safe: the engine's lock guards it.
class BodyPool {
 public:
  // Bodies whose capacity is set aside: the open one, delivery's reserve, and the halves of a
  // refused one.
  static constexpr std::size_t kSetAside = 3;

  BodyPool(BodyShape shape, std::size_t max_bytes)
      : shape_(std::move(shape)), max_bytes_(max_bytes), capacity_(shape_.make()->capacity()) {}

  // True if one more body may be opened. `buffered`: committed bytes of the bodies that are out.
  bool can_take(std::size_t buffered) const {
    return buffered + kSetAside * capacity_ <= max_bytes_;
  }
  // The smallest bound that lets anything through.
  static std::size_t smallest_bound(const BodyShape& shape) {
    return kSetAside * shape.make()->capacity();
  }

  std::unique_ptr<kinesis::RequestBody> take() {
    if (idle_.empty()) return shape_.make();
    std::unique_ptr<kinesis::RequestBody> body = std::move(idle_.back());
    idle_.pop_back();
    idle_bytes_ -= body->committed_bytes();
    return body;
  }

  // What would not fit beside the bodies that are out is freed.
  void give_back(std::unique_ptr<kinesis::RequestBody> body, std::size_t buffered) {
    if (buffered + idle_bytes_ + body->committed_bytes() + kSetAside * capacity_ > max_bytes_)
      return;
    idle_bytes_ += body->committed_bytes();
    body->clear();
    idle_.push_back(std::move(body));
  }
  // Idle bodies make room for those that are out.
  void trim(std::size_t buffered) {
    while (!idle_.empty() && buffered + idle_bytes_ + kSetAside * capacity_ > max_bytes_) {
      idle_bytes_ -= idle_.back()->committed_bytes();
      idle_.pop_back();
    }
  }

  std::size_t idle_bytes() const { return idle_bytes_; }
  std::size_t max_bytes() const { return max_bytes_; }
  const BodyShape& shape() const { return shape_; }

 private:
  const BodyShape shape_;
  const std::size_t max_bytes_;
  const std::size_t capacity_;  // bytes of one body
  std::size_t idle_bytes_ = 0;
  std::vector<std::unique_ptr<kinesis::RequestBody>> idle_;
};

}  // namespace kinesink::sink
