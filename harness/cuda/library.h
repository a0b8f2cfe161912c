// Library: a shared library that may be missing, opened at run time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <string>
#include <utility>
#include <vector>

namespace attest::cuda {

class Library {
 public:
  /// The first of these names that opens.
  /// Errors  Code::unsupported with why none does.
  static Result<Library> open(const std::vector<std::string>& names);
  Library(Library&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Library& operator=(Library&&) = delete;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() = default;  // stays open: libraries of CUDA do not unload cleanly

  /// Sets `function` to the symbol. Errors  Code::unsupported when the library lacks it.
  template <class Function>
  Status find(const char* symbol, Function*& function) const {
    void* found = look_up(symbol);
    if (found == nullptr) return Error{Code::unsupported, std::string("lacks ") + symbol, ""};
    function = reinterpret_cast<Function*>(found);
    return Done{};
  }

 private:
  explicit Library(void* handle) : handle_(handle) {}
  [[nodiscard]] void* look_up(const char* symbol) const;
  void* handle_;
};

}  // namespace attest::cuda
