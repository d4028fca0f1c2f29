// A callback with a threshold. Copies share the callback.
#pragma once

#include <initializer_list>
#include <string_view>

#include "kinesink/log.h"

namespace kinesink {

class Log {
 public:
  Log() = default;
  Log(LogCallback callback, LogLevel level) : callback_(std::move(callback)), level_(level) {}

  bool enabled(LogLevel level) const { return callback_ && level <= level_; }
  void write(LogLevel level, std::string_view component, std::string_view message,
             std::initializer_list<LogField> fields = {}) const {
    if (enabled(level)) {
      callback_(LogRecord{level, component, message, {fields.begin(), fields.size()}});
    }
  }

 private:
  LogCallback callback_;
  LogLevel level_ = LogLevel::info;
};

}  // namespace kinesink
