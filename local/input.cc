#include "local/input.h"

#include <algorithm>
#include <cctype>

namespace kinesink::local {
namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char character) {
    return is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '_' || character == '.' ||
           character == '-';
  });
}

bool is_number(std::string_view text, std::size_t most_digits) {
  return text == "0" || (!text.empty() && text.size() <= most_digits && text[0] != '0' &&
                         std::ranges::all_of(text, is_digit));
}

// arn:aws.*:kinesis:.*:\d{12}:stream/\S+
bool is_arn(std::string_view text) {
  if (!text.starts_with("arn:aws")) return false;
  const std::size_t kinesis = text.find(":kinesis:");
  const std::size_t stream = text.find(":stream/");
  if (kinesis == text.npos || stream == text.npos || stream < kinesis + 9 + 1 + 12) return false;
  const std::string_view account = text.substr(stream - 12, 12);
  const std::string_view name = text.substr(stream + 8);
  return text[stream - 13] == ':' && std::ranges::all_of(account, is_digit) && !name.empty() &&
         name.find_first_of(" \t\r\n") == name.npos;
}

// "ShardFilter.Type" as the service spells paths: "shardFilter.type".
std::string lower_first(std::string_view path) {
  std::string text(path);
  bool first = true;
  for (char& character : text) {
    if (first) character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    first = character == '.';
  }
  return text;
}

constexpr std::size_t kShownCharacters = 256;

}  // namespace

const Pattern kNamePattern = {"[a-zA-Z0-9_.-]+", is_name};
const Pattern kHashKeyPattern = {"0|([1-9]\\d{0,38})",
                                 [](std::string_view text) { return is_number(text, 39); }};
const Pattern kSequencePattern = {"0|([1-9]\\d{0,128})",
                                  [](std::string_view text) { return is_number(text, 129); }};
const Pattern kArnPattern = {"arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+", is_arn};

Error refusal(std::string_view code, std::string message) {
  Error error = make_error(ErrorKind::permanent, std::move(message));
  error.aws_code = code;
  return error;
}

std::size_t character_count(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char byte) { return (byte & 0xc0) != 0x80; }));
}

void Violations::add(std::string_view at, std::string_view value, std::string_view constraint) {
  std::string text = "Value '";
  text.append(value.substr(0, kShownCharacters));
  text.append("' at '").append(at).append("' failed to satisfy constraint: ").append(constraint);
  found_.push_back(std::move(text));
}

void Violations::add_null(std::string_view at) {
  found_.push_back("Value null at '" + std::string(at) +
                   "' failed to satisfy constraint: Member must not be null");
}

void Violations::check_length(std::string_view at, std::string_view value, std::size_t shortest,
                              std::size_t longest) {
  const std::size_t length = character_count(value);
  if (length < shortest) {
    add(at, value, "Member must have length greater than or equal to " + std::to_string(shortest));
  } else if (longest != 0 && length > longest) {
    add(at, value, "Member must have length less than or equal to " + std::to_string(longest));
  }
}

void Violations::check_pattern(std::string_view at, std::string_view value,
                               const Pattern& pattern) {
  if (!pattern.matches(value)) {
    add(at, value, "Member must satisfy regular expression pattern: " + std::string(pattern.text));
  }
}

Result<void> Violations::verdict() const {
  if (found_.empty()) return {};
  std::string text = std::to_string(found_.size());
  text += found_.size() == 1 ? " validation error detected: " : " validation errors detected: ";
  for (const auto& one : found_) {
    if (&one != &found_.front()) text += "; ";
    text += one;
  }
  return refusal("ValidationException", std::move(text));
}

const kinesis::Value& Input::find(std::string_view path) const {
  const kinesis::Value* at = &root_;
  while (true) {
    const std::size_t dot = path.find('.');
    at = &(*at)[path.substr(0, dot)];
    if (dot == path.npos) return *at;
    path.remove_prefix(dot + 1);
  }
}

void Input::wrong_type(std::string_view path, std::string_view wanted) {
  if (wrong_type_) return;
  wrong_type_ =
      refusal("SerializationException", "The value of " + std::string(path) +
                                            " can not be converted to " + std::string(wanted));
}

std::optional<std::string_view> Input::text(std::string_view path, const TextRule& rule) {
  const kinesis::Value& found = find(path);
  const std::string at = lower_first(path);
  if (found.is_null()) {
    if (rule.required) violations_.add_null(at);
    return std::nullopt;
  }
  const auto text = found.text();
  if (!text) {
    wrong_type(path, "a String");
    return std::nullopt;
  }
  if (!rule.choices.empty()) {
    if (std::ranges::find(rule.choices, *text) == rule.choices.end()) {
      std::string choices;
      for (const auto choice : rule.choices) {
        choices.append(choices.empty() ? "" : ", ").append(choice);
      }
      violations_.add(at, *text, "Member must satisfy enum value set: [" + choices + "]");
    }
    return text;
  }
  violations_.check_length(at, *text, rule.shortest, rule.longest);
  if (rule.pattern != nullptr) violations_.check_pattern(at, *text, *rule.pattern);
  return text;
}

std::optional<std::int64_t> Input::integer(std::string_view path, const IntegerRule& rule) {
  const kinesis::Value& found = find(path);
  const std::string at = lower_first(path);
  if (found.is_null()) {
    if (rule.required) violations_.add_null(at);
    return std::nullopt;
  }
  const auto number = found.integer();
  if (!number) {
    wrong_type(path, "an Integer");
  } else if (*number < rule.least) {
    violations_.add(
        at, std::to_string(*number),
        "Member must have value greater than or equal to " + std::to_string(rule.least));
  } else if (*number > rule.most) {
    violations_.add(at, std::to_string(*number),
                    "Member must have value less than or equal to " + std::to_string(rule.most));
  }
  return number;
}

std::optional<std::int64_t> Input::timestamp(std::string_view path) {
  const kinesis::Value& found = find(path);
  if (found.is_null()) return std::nullopt;
  const auto milliseconds = found.timestamp();
  if (!milliseconds) wrong_type(path, "a Timestamp");
  return milliseconds;
}

std::optional<std::string> Input::blob(std::string_view path) {
  const kinesis::Value& found = find(path);
  if (found.is_null()) {
    violations_.add_null(lower_first(path));
    return std::nullopt;
  }
  auto bytes = found.bytes();
  if (!bytes) wrong_type(path, "a Blob");
  return bytes;
}

Result<void> Input::verdict() const {
  if (wrong_type_) return *wrong_type_;
  return violations_.verdict();
}

}  // namespace kinesink::local
