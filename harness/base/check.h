// ATTEST_CHECK: our own broken invariants become InternalError, in every build type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace attest {

/// A broken invariant of attest itself. The command line maps it to exit 70.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void fail_check(const char* condition, const char* file, int line) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": " + condition);
}

}  // namespace attest

#define ATTEST_CHECK(condition) \
  ((condition) ? void(0) : ::attest::fail_check(#condition, __FILE__, __LINE__))
