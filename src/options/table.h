// The one table of options: name, kind, range, unit, meaning. Validation, --help, docs/options.md
// and the accepted Arroyo names come from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "kinesink/options.h"

namespace kinesink::options {

// How an option is reached in SinkOptions; says its kind too.
using TextField = std::string& (*)(SinkOptions&);
using ListField = std::vector<std::string>& (*)(SinkOptions&);
using FlagField = bool& (*)(SinkOptions&);
using CountField = std::uint32_t& (*)(SinkOptions&);
using Count64Field = std::uint64_t& (*)(SinkOptions&);
using NumberField = int& (*)(SinkOptions&);
using TimeField = std::chrono::milliseconds& (*)(SinkOptions&);
// A number of bytes; a type of its own, because std::size_t is a plain number too.
struct SizeField {
  std::size_t& (*at)(SinkOptions&);
  std::size_t& operator()(SinkOptions& options) const { return at(options); }
};
// One of a closed set: index into the names.
struct ChoiceField {
  std::span<const std::string_view> names;
  std::size_t (*get)(const SinkOptions&);
  void (*set)(SinkOptions&, std::size_t);
};
using Field = std::variant<TextField, ListField, FlagField, SizeField, CountField, Count64Field,
                           NumberField, TimeField, ChoiceField>;

struct Option {
  std::string_view name;
  Field field;
  std::uint64_t least = 0;  // of sizes (bytes), counts and times (milliseconds)
  std::uint64_t most = 0;
  std::string_view meaning;      // one sentence
  std::string_view arroyo;       // other accepted names, separated by spaces
  bool zero_is_special = false;  // 0 is allowed below `least`; the meaning says what it stands for
};

std::span<const Option> table();
// By its name or an Arroyo name; nullptr if there is none.
const Option* find(std::string_view name);
// Sets one option from text; the error names option, value and what is allowed.
Result<void> set(const Option& option, SinkOptions& options, std::string_view value);
// The current value, as text that set() takes.
std::string value_of(const Option& option, const SinkOptions& options);
// "text", "bytes", "choice", ...; and "1 to 500 records" or the names of a choice.
std::string_view kind_of(const Option& option);
std::string range_of(const Option& option);
// docs/options.md.
std::string markdown();

}  // namespace kinesink::options
