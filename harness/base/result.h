// Result<T>: a value, or one Error that a person can act on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/check.h"

#include <string>
#include <utility>
#include <variant>

namespace attest {

/// What kind of thing went wrong outside attest.
enum class Code {
  bad_input,    // a value that is not allowed: text, flag, file content
  unsupported,  // well formed, but not implemented or not claimed
  io,           // a file or folder that cannot be read or written
  limit,        // a limit set by an option was reached
};

/// One line for a person: what, which limit, and where.
struct Error {
  Code code = Code::bad_input;
  std::string message;  // names the value and what is allowed
  std::string where;    // "case, column 12", "kernel.ptx:31", a path; may be empty

  /// "where: message", or the message alone.
  [[nodiscard]] std::string to_string() const {
    return where.empty() ? message : where + ": " + message;
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() & {
    ATTEST_CHECK(has_value());
    return std::get<0>(state_);
  }
  [[nodiscard]] const T& value() const& {
    ATTEST_CHECK(has_value());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    ATTEST_CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  [[nodiscard]] const Error& error() const {
    ATTEST_CHECK(!has_value());
    return std::get<1>(state_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

/// A Result without a value: `return Status{Done{}}` or an Error.
struct Done {};
using Status = Result<Done>;

}  // namespace attest

#define ATTEST_CONCAT_INNER(a, b) a##b
#define ATTEST_CONCAT(a, b) ATTEST_CONCAT_INNER(a, b)

/// `ATTEST_TRY(auto x, expr);` binds the value or returns the Error from the enclosing function.
#define ATTEST_TRY(declaration, ...)                         \
  auto ATTEST_CONCAT(attest_try_, __LINE__) = (__VA_ARGS__); \
  if (!ATTEST_CONCAT(attest_try_, __LINE__).has_value()) {   \
    return ATTEST_CONCAT(attest_try_, __LINE__).error();     \
  }                                                          \
  declaration = std::move(ATTEST_CONCAT(attest_try_, __LINE__)).value()
