// Log records handed to the embedding program. kinesink itself never prints.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace kinesink {

enum class LogLevel : int { error = 1, warning = 2, info = 3, debug = 4, trace = 5 };

struct LogField {
  std::string_view name;
  std::string_view value;
};

// Valid during the callback only. Carries no payload and no secret.
struct LogRecord {
  LogLevel level = LogLevel::info;
  std::string_view component;  // room that speaks: "delivery", "http", "crt", ...
  std::string_view message;
  std::span<const LogField> fields;
};

// Called from any thread, also concurrently; must not throw and must not call back into the sink.
using LogCallback = std::function<void(const LogRecord&)>;

}  // namespace kinesink
