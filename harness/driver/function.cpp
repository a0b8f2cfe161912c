// Entry points: what functions are, and their attributes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Kernel;
using attest::driver::kernel_of;
using attest::driver::Need;

namespace {

CUresult parameter(const Kernel* kernel, std::size_t nth, std::size_t* offset, std::size_t* bytes) {
  if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  const auto& parameters = kernel->program->parameters;
  if (offset == nullptr || nth >= parameters.size()) return CUDA_ERROR_INVALID_VALUE;
  *offset = static_cast<std::size_t>(parameters[nth].offset);
  if (bytes != nullptr) *bytes = static_cast<std::size_t>(parameters[nth].size_bytes);
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto kernel = kernel_of(driver, function);
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::get_attribute(driver, *kernel, attribute, value);
  });
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto kernel = kernel_of(driver, function);
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return attest::driver::set_attribute(driver, *kernel, attribute, value);
  });
}

CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache config) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (kernel_of(driver, function) == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return config < 0 || config > CU_FUNC_CACHE_PREFER_EQUAL ? CUDA_ERROR_INVALID_VALUE
                                                             : CUDA_SUCCESS;
  });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction function) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (module == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto kernel = driver.functions.find(function);
    const auto owner = kernel == nullptr ? nullptr : kernel->module.lock();
    if (owner == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (owner->as_module == nullptr) owner->as_module = driver.modules.add(owner);
    *module = owner->as_module;
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncGetName(const char** name, CUfunction function) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto kernel = kernel_of(driver, function);
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *name = kernel->program->entry.c_str();
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncGetParamInfo(CUfunction function,
                            std::size_t nth,
                            std::size_t* offset,
                            std::size_t* bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return parameter(kernel_of(driver, function).get(), nth, offset, bytes);
  });
}

CUresult cuKernelGetParamInfo(CUkernel kernel,
                              std::size_t nth,
                              std::size_t* offset,
                              std::size_t* bytes) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    return parameter(driver.kernels.find(kernel).get(), nth, offset, bytes);
  });
}

}  // extern "C"
