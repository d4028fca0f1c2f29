// A string that must not be printed. What prints it shows its length only.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace kinesink {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The one way to the text: easy to find in a review.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << "<secret of " << secret.value_.size() << " characters>";
  }

 private:
  std::string value_;
};

}  // namespace kinesink
