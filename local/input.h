// The members of a request, checked as the service's model says. All violations of one request are
// told together, in the service's words:
//   1 validation error detected: Value '' at 'streamName' failed to satisfy constraint: Member must
//   have length greater than or equal to 1
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kinesink/result.h"
#include "kinesis/value.h"

namespace kinesink::local {

// What the service answers when it refuses; `aws_code` is the answer's __type.
Error refusal(std::string_view code, std::string message);

// A pattern of the model: its text as the service prints it, and whether a text matches it.
struct Pattern {
  std::string_view text;
  bool (*matches)(std::string_view);
};
extern const Pattern kNamePattern;      // [a-zA-Z0-9_.-]+
extern const Pattern kHashKeyPattern;   // 0|([1-9]\d{0,38})
extern const Pattern kSequencePattern;  // 0|([1-9]\d{0,128})
extern const Pattern kArnPattern;       // arn:aws.*:kinesis:.*:\d{12}:stream/\S+

// Number of Unicode characters of UTF-8 text.
std::size_t character_count(std::string_view utf8);

// The violations found so far in one request.
class Violations {
 public:
  // `at`: path of the member ("records.1.member.partitionKey").
  void add(std::string_view at, std::string_view value, std::string_view constraint);
  void add_null(std::string_view at);
  void check_length(std::string_view at, std::string_view value, std::size_t shortest,
                    std::size_t longest);
  void check_pattern(std::string_view at, std::string_view value, const Pattern& pattern);
  bool empty() const { return found_.empty(); }
  Result<void> verdict() const;

 private:
  std::vector<std::string> found_;
};

class Input {
 public:
  explicit Input(const kinesis::Value& root) : root_(root) {}

  // A member ("ShardFilter.Type" for one of a structure) with its rules. Absent is nothing (and a
  // violation if required); of another type is a SerializationException.
  struct TextRule {
    std::size_t shortest = 1;
    std::size_t longest = 0;  // 0: no bound
    const Pattern* pattern = nullptr;
    std::span<const std::string_view> choices = {};
    bool required = false;
  };
  std::optional<std::string_view> text(std::string_view path, const TextRule& rule);
  struct IntegerRule {
    std::int64_t least = 1;
    std::int64_t most = 0x7fff'ffff;
    bool required = false;
  };
  std::optional<std::int64_t> integer(std::string_view path, const IntegerRule& rule);
  std::optional<std::int64_t> timestamp(std::string_view path);
  // A required blob, decoded.
  std::optional<std::string> blob(std::string_view path);

  const kinesis::Value& value(std::string_view path) const { return find(path); }
  Violations& violations() { return violations_; }
  // The wrong type of a member, else all violations.
  Result<void> verdict() const;

 private:
  const kinesis::Value& find(std::string_view path) const;
  void wrong_type(std::string_view path, std::string_view wanted);

  const kinesis::Value& root_;
  Violations violations_;
  std::optional<Error> wrong_type_;
};

}  // namespace kinesink::local
