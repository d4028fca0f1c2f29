#include "format/json_names.h"

#include <map>

namespace kinesink::format {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }
char small(char c) { return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char capital(char c) { return is_small(c) ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_separator(char c) { return std::string_view("_-.: ").find(c) != std::string_view::npos; }

// True if a word begins at `at` without a separator before it.
bool begins_word(std::string_view name, std::size_t at) {
  if (at == 0 || !is_capital(name[at])) return false;
  if (!is_capital(name[at - 1])) return true;
  return at + 1 < name.size() && is_small(name[at + 1]);
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (is_separator(name[at])) {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (begins_word(name, at) && !words.back().empty()) words.emplace_back();
    words.back() += small(name[at]);
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string spelling_of(KeyNaming naming) {
  return naming == KeyNaming::snake_case ? "snake_case" : "camel_case";
}

}  // namespace

std::string renamed(std::string_view name, KeyNaming naming) {
  if (naming == KeyNaming::as_is) return std::string(name);
  const std::size_t begin = name.find_first_not_of('_');
  if (begin == std::string_view::npos) return std::string(name);
  const std::size_t end = name.find_last_not_of('_') + 1;
  std::vector<std::string> words = words_of(name.substr(begin, end - begin));
  if (words.empty()) return std::string(name);
  std::string made(name.substr(0, begin));
  bool is_first = true;
  for (std::string& word : words) {
    if (!is_first && naming == KeyNaming::snake_case) made += '_';
    if (!is_first && naming == KeyNaming::camel_case) word[0] = capital(word[0]);
    made += word;
    is_first = false;
  }
  return made.append(name.substr(end));
}

Result<void> check_keys(const std::vector<const columnar::Field*>& fields, const std::string& path,
                        KeyNaming naming) {
  std::map<std::string, std::string_view> keys;
  for (const columnar::Field* field : fields) {
    const auto [same, is_new] = keys.emplace(renamed(field->name, naming), field->name);
    if (is_new) continue;
    Error error = make_error(
        ErrorKind::invalid_argument,
        same->second == field->name
            ? "Two columns have this name, which a JSON object cannot express. Rename one."
            : "The names " + std::string(same->second) + " and " + field->name + " both become " +
                  same->first + " by json.key_naming = " + spelling_of(naming) +
                  ". Rename one, or set json.key_naming = as_is.");
    error.column = path.empty() ? field->name : path + "." + field->name;
    return error;
  }
  return {};
}

}  // namespace kinesink::format
