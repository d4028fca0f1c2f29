// The AWS Common Runtime, as far as kinesink uses it: credentials and signatures. Its one-time
// initialisation is the one piece of process-wide state in kinesink; it is never undone, because
// other users of the library may be in the process too.
#pragma once

#include <aws/common/byte_buf.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"

namespace kinesink::aws {

// Initialises on first use. Thread-safe. The whole of it reads the system's certificates, which
// takes some twenty milliseconds; for files, JSON and XML the small part will do.
aws_allocator* crt();
aws_allocator* crt_for_files();

inline aws_byte_cursor cursor_of(std::string_view text) {
  return aws_byte_cursor_from_array(text.data(), text.size());
}
inline std::string string_of(aws_byte_cursor cursor) {
  return {reinterpret_cast<const char*>(cursor.ptr), cursor.len};
}
// "AWS_AUTH_...: text" of the last CRT error of this thread, or of `code`.
std::string crt_error(int code);
std::string last_crt_error();
// The CRT's own log lines go to `log` from now on (the last caller wins).
void route_crt_log(const Log& log);

// Releases a CRT object at the end of its scope.
template <typename T, auto Release>
struct CrtRelease {
  void operator()(T* object) const { Release(object); }
};
template <typename T, auto Release>
using CrtPointer = std::unique_ptr<T, CrtRelease<T, Release>>;

}  // namespace kinesink::aws
