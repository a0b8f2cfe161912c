// dlopen(3) and dlsym(3).
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/library.h"

#include <dlfcn.h>

namespace attest::cuda {

Result<Library> Library::open(const std::vector<std::string>& names) {
  std::string why;
  for (const std::string& name : names) {
    void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr) return Library(handle);
    const char* error = dlerror();
    if (why.empty()) why = error != nullptr ? error : name;
  }
  return Error{Code::unsupported, why, ""};
}

void* Library::look_up(const char* symbol) const {
  return dlsym(handle_, symbol);
}

}  // namespace attest::cuda
