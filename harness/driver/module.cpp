// Entry points: modules, and their functions and variables by name.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <fstream>
#include <iterator>
#include <string>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Kernel;
using attest::driver::LoadedModule;
using attest::driver::Need;

namespace {

struct JitOptions {
  unsigned count = 0;
  CUjit_option* options = nullptr;
  void** values = nullptr;
};

CUresult load(Driver& driver, CUmodule* module, const void* image, const JitOptions& jit) {
  if (module == nullptr) return CUDA_ERROR_INVALID_VALUE;
  CUresult result = driver.refuse_in_capture();
  if (result != CUDA_SUCCESS) return result;
  std::shared_ptr<LoadedModule> loaded;
  std::string log;
  result = attest::driver::load_module(driver, image, &loaded, &log);
  const CUresult logged = attest::driver::put_jit_log(jit.count, jit.options, jit.values, log);
  if (result != CUDA_SUCCESS) return result;
  if (logged != CUDA_SUCCESS) return logged;
  loaded->context = driver.current();
  *module = driver.modules.add(loaded);
  loaded->as_module = *module;
  return CUDA_SUCCESS;
}

CUresult get_function(Driver& driver, LoadedModule& module, const char* name, CUfunction* to) {
  std::shared_ptr<Kernel> kernel;
  const CUresult result = attest::driver::find_kernel(driver, module, name, &kernel);
  if (result != CUDA_SUCCESS) return result;
  CUfunction& handle = module.function_handles[name];
  if (handle == nullptr) handle = driver.functions.add(kernel);
  *to = handle;
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return load(driver, module, image, {});
  });
}

CUresult cuModuleLoadDataEx(
    CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return load(driver, module, image, {count, options, values});
  });
}

CUresult cuModuleLoadFatBinary(CUmodule* module, const void* image) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return load(driver, module, image, {});
  });
}

CUresult cuModuleLoad(CUmodule* module, const char* path) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (path == nullptr) return CUDA_ERROR_INVALID_VALUE;
    std::ifstream file(path, std::ios::binary);
    if (!file) return CUDA_ERROR_FILE_NOT_FOUND;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return load(driver, module, text.c_str(), {});
  });
}

CUresult cuModuleUnload(CUmodule module) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.modules.find(module);
    if (found == nullptr || found->as_library != nullptr) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult result = driver.synchronise_outside_capture();
    if (result == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) return result;
    driver.modules.take(module);
    attest::driver::unload(driver, *found);
    return result;
  });
}

CUresult cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return enter(__func__, Need::initialised, [&](Driver& /*driver*/) -> CUresult {
    if (mode == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *mode = CU_MODULE_LAZY_LOADING;
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (function == nullptr || name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.modules.find(module);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return get_function(driver, *found, name, function);
  });
}

CUresult cuModuleGetFunctionCount(unsigned* count, CUmodule module) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.modules.find(module);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *count = static_cast<unsigned>(found->entries().size());
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleEnumerateFunctions(CUfunction* functions, unsigned count, CUmodule module) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (functions == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.modules.find(module);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    for (const std::string& entry : found->entries()) {
      if (count-- == 0) break;
      const CUresult result = get_function(driver, *found, entry.c_str(), functions++);
      if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuModuleGetGlobal(CUdeviceptr* address,
                           std::size_t* bytes,
                           CUmodule module,
                           const char* name) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.modules.find(module);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::find_variable(*found, name, address, bytes);
  });
}

}  // extern "C"
