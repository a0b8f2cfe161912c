// Entry points: libraries, which belong to no context, and their kernels.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <string>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Kernel;
using attest::driver::LoadedModule;
using attest::driver::Need;

namespace {

CUresult get_kernel(Driver& driver, LoadedModule& library, const char* name, CUkernel* to) {
  std::shared_ptr<Kernel> kernel;
  const CUresult result = attest::driver::find_kernel(driver, library, name, &kernel);
  if (result != CUDA_SUCCESS) return result;
  CUkernel& handle = library.kernel_handles[name];
  if (handle == nullptr) handle = driver.kernels.add(kernel);
  *to = handle;
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuLibraryLoadData(CUlibrary* library,
                           const void* code,
                           CUjit_option* jit_options,
                           void** jit_values,
                           unsigned jit_count,
                           CUlibraryOption* /*options*/,
                           void** /*values*/,
                           unsigned /*count*/) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (library == nullptr) return CUDA_ERROR_INVALID_VALUE;
    std::shared_ptr<LoadedModule> loaded;
    std::string log;
    const CUresult result = attest::driver::load_module(driver, code, &loaded, &log);
    const CUresult logged = attest::driver::put_jit_log(jit_count, jit_options, jit_values, log);
    if (result != CUDA_SUCCESS) return result;
    if (logged != CUDA_SUCCESS) return logged;
    *library = driver.libraries.add(loaded);
    loaded->as_library = *library;
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryUnload(CUlibrary library) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    const CUresult result = driver.synchronise_outside_capture();
    if (result == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED) return result;
    driver.libraries.take(library);
    driver.modules.take(found->as_module);
    attest::driver::unload(driver, *found);
    return result;
  });
}

CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary library, const char* name) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (kernel == nullptr || name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return get_kernel(driver, *found, name, kernel);
  });
}

CUresult cuLibraryGetKernelCount(unsigned* count, CUlibrary library) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *count = static_cast<unsigned>(found->entries().size());
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryEnumerateKernels(CUkernel* kernels, unsigned count, CUlibrary library) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (kernels == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    for (const std::string& entry : found->entries()) {
      if (count-- == 0) break;
      const CUresult result = get_kernel(driver, *found, entry.c_str(), kernels++);
      if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryGetModule(CUmodule* module, CUlibrary library) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (module == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->as_module == nullptr) found->as_module = driver.modules.add(found);
    *module = found->as_module;
    return CUDA_SUCCESS;
  });
}

CUresult cuLibraryGetGlobal(CUdeviceptr* address,
                            std::size_t* bytes,
                            CUlibrary library,
                            const char* name) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.libraries.find(library);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::find_variable(*found, name, address, bytes);
  });
}

CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (function == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.kernels.find(kernel);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    const auto library = found->module.lock();
    if (library == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    CUfunction& handle = library->function_handles[found->program->entry];
    if (handle == nullptr) handle = driver.functions.add(found);
    *function = handle;
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelGetLibrary(CUlibrary* library, CUkernel kernel) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (library == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.kernels.find(kernel);
    const auto owner = found == nullptr ? nullptr : found->module.lock();
    if (owner == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *library = owner->as_library;
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelGetName(const char** name, CUkernel kernel) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.kernels.find(kernel);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *name = found->program->entry.c_str();
    return CUDA_SUCCESS;
  });
}

CUresult cuKernelGetAttribute(int* value,
                              CUfunction_attribute attribute,
                              CUkernel kernel,
                              CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    const auto found = driver.kernels.find(kernel);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::get_attribute(driver, *found, attribute, value);
  });
}

CUresult cuKernelSetAttribute(CUfunction_attribute attribute,
                              int value,
                              CUkernel kernel,
                              CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    const auto found = driver.kernels.find(kernel);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::set_attribute(driver, *found, attribute, value);
  });
}

}  // extern "C"
