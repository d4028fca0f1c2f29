// Errors as values: every operation that can fail returns Result<T>, never throws.
//
//   kinesink::Result<void> stored = sink->handle_checkpoint({.epoch = 7});
//   if (!stored) {
//     std::fprintf(stderr, "%s\n", stored.error().to_string().c_str());
//   }
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "kinesink/export.h"

namespace kinesink {

// What went wrong, as far as a caller can act on it. Closed; the numbers are also the C ABI's.
enum class ErrorKind : std::int32_t {
  invalid_argument = 1,  // an option or an argument; nothing was accepted
  invalid_data = 2,      // a batch or a row cannot be expressed as asked
  not_found = 3,         // stream, file, column or profile does not exist
  auth = 4,              // credentials missing, expired or refused
  throttled = 5,         // the service asked to slow down
  transient = 6,         // network or service fault that may pass
  permanent = 7,         // the service will refuse this again
  exhausted = 8,         // retries or the reject limit are used up
  timeout = 9,           // a named time limit was reached
  would_block = 10,      // no room now; the caller asked not to wait
  cancelled = 11,        // the caller, or the sink's end, gave the work up
  closed = 12,           // the sink, client or server is closed
  resource = 13,         // memory, descriptors, disk
  internal = 14,         // a bug in kinesink
};

// "invalid_argument", "not_found", ...
KINESINK_EXPORT std::string_view name_of(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;     // one sentence: what was wrong, where, what to do; no payload, no secret
  std::string aws_code;    // such as ResourceNotFoundException; empty if the service did not answer
  std::string request_id;  // x-amzn-RequestId of the answer; empty if there was none
  std::string column;      // path of the column (`address.city`); empty if none is meant
  std::optional<std::int64_t> row;  // row, counted from 0, in the batch of the failing call

  // `kind: message (column c, row r; AWS code, request id)`.
  KINESINK_EXPORT std::string to_string() const;
};

inline Error make_error(ErrorKind kind, std::string message) {
  return Error{kind, std::move(message), {}, {}, {}, std::nullopt};
}

// A value or an Error, with std::expected's method names. Accessing the wrong one is a bug.
template <typename T>
class [[nodiscard]] Result {
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  using value_type = T;

  Result()
    requires std::is_void_v<T>
      : state_(std::in_place_index<0>) {}
  template <typename U = Stored>
    requires(!std::is_void_v<T> && std::is_constructible_v<Stored, U &&> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}      // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  Stored& value() & { return *stored(); }
  const Stored& value() const& { return *const_cast<Result*>(this)->stored(); }
  Stored&& value() && { return std::move(*stored()); }
  Stored& operator*() & { return *stored(); }
  const Stored& operator*() const& { return value(); }
  Stored&& operator*() && { return std::move(*stored()); }
  Stored* operator->() { return stored(); }
  const Stored* operator->() const { return &value(); }

  Error& error() & {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  template <typename U>
  Stored value_or(U&& fallback) && {
    return has_value() ? std::move(*stored()) : static_cast<Stored>(std::forward<U>(fallback));
  }

 private:
  Stored* stored() {
    assert(has_value());
    return std::get_if<0>(&state_);
  }

  std::variant<Stored, Error> state_;
};

}  // namespace kinesink

// Returns the error of `expression` (a Result) from the enclosing function; otherwise goes on.
#define KINESINK_TRY(expression)                                   \
  do {                                                             \
    if (auto kinesink_result_ = (expression); !kinesink_result_) { \
      return std::move(kinesink_result_).error();                  \
    }                                                              \
  } while (false)

#define KINESINK_CONCAT_INNER(a, b) a##b
#define KINESINK_CONCAT(a, b) KINESINK_CONCAT_INNER(a, b)

// KINESINK_ASSIGN(auto value, expression): declares `value` from a Result, or returns its error.
#define KINESINK_ASSIGN(declaration, expression)                           \
  auto KINESINK_CONCAT(kinesink_result_, __LINE__) = (expression);         \
  if (!KINESINK_CONCAT(kinesink_result_, __LINE__)) {                      \
    return std::move(KINESINK_CONCAT(kinesink_result_, __LINE__)).error(); \
  }                                                                        \
  declaration = *std::move(KINESINK_CONCAT(kinesink_result_, __LINE__))
