#include "aws/crt.h"

#include <aws/auth/auth.h>
#include <aws/common/error.h>
#include <aws/common/logging.h>
#include <aws/common/string.h>
#include <aws/sdkutils/sdkutils.h>

#include <cstdarg>
#include <cstdio>
#include <mutex>

namespace kinesink::aws {
namespace {

struct RoutedLog {
  std::mutex mutex;
  Log log;
};

RoutedLog& routed_log() {
  static RoutedLog* const kRouted = new RoutedLog;  // outlives every thread of the CRT
  return *kRouted;
}

LogLevel level_of(aws_log_level level) {
  switch (level) {
    // What the CRT calls an error (a missing ~/.aws/config) is mostly news to nobody.
    case AWS_LL_FATAL:
      return LogLevel::error;
    case AWS_LL_ERROR:
    case AWS_LL_WARN:
    case AWS_LL_INFO:
    case AWS_LL_DEBUG:
      return LogLevel::debug;
    default:
      return LogLevel::trace;
  }
}

int write_log(aws_logger*, aws_log_level level, aws_log_subject_t, const char* format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  RoutedLog& routed = routed_log();
  Log log;
  {
    const std::lock_guard lock(routed.mutex);
    log = routed.log;
  }
  log.write(level_of(level), "crt", line);
  return AWS_OP_SUCCESS;
}

// Signing prints what it signs, session tokens among it; the sources of credentials print their
// commands and headers. None of that is asked for: which sources were tried is in our own error.
aws_log_level wanted_level(aws_logger*, aws_log_subject_t) { return AWS_LL_FATAL; }

void clean_up_log(aws_logger*) {}
int set_log_level(aws_logger*, aws_log_level) { return AWS_OP_SUCCESS; }

}  // namespace

aws_allocator* crt_for_files() {
  static std::once_flag once;
  std::call_once(once, [] {
    static aws_logger_vtable methods{write_log, wanted_level, clean_up_log, set_log_level};
    static aws_logger logger{&methods, aws_default_allocator(), nullptr};
    aws_sdkutils_library_init(aws_default_allocator());
    aws_logger_set(&logger);
  });
  return aws_default_allocator();
}

aws_allocator* crt() {
  crt_for_files();
  static std::once_flag once;
  std::call_once(once, [] { aws_auth_library_init(aws_default_allocator()); });
  return aws_default_allocator();
}

std::string crt_error(int code) {
  return std::string(aws_error_name(code)) + ": " + aws_error_str(code);
}

std::string last_crt_error() { return crt_error(aws_last_error()); }

void route_crt_log(const Log& log) {
  RoutedLog& routed = routed_log();
  const std::lock_guard lock(routed.mutex);
  routed.log = log;
}

}  // namespace kinesink::aws
