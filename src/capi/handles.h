// What the opaque handles of the C ABI hold.
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "kinesink/kinesink.h"
#include "kinesink/sink.h"
#include "local/server.h"

struct kinesink_error {
  kinesink::Error error;
};

struct kinesink_options {
  kinesink::SinkOptions options;
};

struct kinesink_client {
  kinesink::Client client;
};

struct kinesink_sink {
  kinesink::KinesisSink sink;
};

namespace kinesink::capi {

// Hands `error` to the caller, who releases it; returns its number. Without memory for it, the
// number alone must do.
inline std::int32_t give(Error error, kinesink_error** out) {
  const auto kind = static_cast<std::int32_t>(error.kind);
  if (out != nullptr) *out = new (std::nothrow) kinesink_error{std::move(error)};
  return kind;
}

template <typename T>
std::int32_t give(Result<T> result, kinesink_error** out) {
  return result ? 0 : give(std::move(result).error(), out);
}

inline std::int32_t refuse_null(const char* what, kinesink_error** out) {
  return give(make_error(ErrorKind::invalid_argument, std::string(what) + " must not be NULL"),
              out);
}

// Runs `body` (which returns the number of its result); memory that ran out becomes an error, not
// an exception.
template <typename Body>
std::int32_t guarded(kinesink_error** out, Body&& body) noexcept {
  if (out != nullptr) *out = nullptr;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return give(make_error(ErrorKind::resource, "out of memory"), out);
  } catch (const std::exception& exception) {
    return give(make_error(ErrorKind::internal, exception.what()), out);
  }
}

}  // namespace kinesink::capi
