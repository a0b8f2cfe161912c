// Opens libcuda.so.1, and says in one line what a failed call was.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/driver.h"

#include <fmt/format.h>

#include <dlfcn.h>

namespace attest::cuda {
namespace {

constexpr const char* kLibrary = "libcuda.so.1";

/// Takes the text up to the next comma off `names`, without spaces before it.
std::string_view next_name(std::string_view& names) {
  const std::size_t end = names.find(',');
  std::string_view name = names.substr(0, end);
  names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  while (name.starts_with(' '))
    name.remove_prefix(1);
  return name;
}

}  // namespace

Status Outcome::status() const {
  if (is_ok()) return Done{};
  return Error{result == CUDA_ERROR_OUT_OF_MEMORY ? Code::limit : Code::io, text, ""};
}

Result<std::unique_ptr<Driver>> Driver::open() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return Error{Code::unsupported,
                 fmt::format("no NVIDIA driver: {}", why != nullptr ? why : kLibrary),
                 ""};
  }
  std::unique_ptr<Driver> driver(new Driver(library));
  if (!driver->missing_.empty()) {
    return Error{Code::unsupported,
                 fmt::format("the driver is too old: {} has no {}", kLibrary, driver->missing_),
                 ""};
  }
  return driver;
}

void* Driver::look_up_optional(const char* symbol) {
  symbols_.emplace_back(symbol);

  return dlsym(library_, symbol);
}

Outcome Driver::lacking(const char* symbol) {
  return {CUDA_ERROR_NOT_FOUND, fmt::format("the driver has no {}", symbol)};
}

void* Driver::look_up(const char* symbol) {
  void* function = look_up_optional(symbol);
  if (function == nullptr) missing_ += (missing_.empty() ? "" : ", ") + std::string(symbol);
  return function;
}

std::string Driver::pointer_text(std::uintptr_t value) {
  return fmt::format("{:#x}", value);
}

Outcome Driver::failure(const char* symbol,
                        std::string_view names,
                        CUresult result,
                        const std::vector<std::string>& values) const {
  std::string arguments;
  for (const std::string& value : values) {
    const std::string_view name = next_name(names);
    if (name == "_") continue;
    arguments += fmt::format("{}{}={}", arguments.empty() ? "" : ", ", name, value);
  }
  const char* name = nullptr;
  const char* words = nullptr;
  get_error_name.function(result, &name);
  get_error_string.function(result, &words);
  return {result,
          fmt::format("{}({}) = {} ({}){}{}",
                      symbol,
                      arguments,
                      name != nullptr ? name : "an unknown error",
                      static_cast<int>(result),
                      words != nullptr ? ": " : "",
                      words != nullptr ? words : "")};
}

}  // namespace attest::cuda
