// Entry points: contexts, the primary one included, and which is current on a thread.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <algorithm>
#include <memory>

using attest::driver::Context;
using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;

namespace {

constexpr unsigned kApiVersion = 3020;

CUcontext create(Driver& driver, unsigned flags, bool is_primary) {
  auto context = std::make_shared<Context>();
  context->flags = flags;
  context->number = driver.next_number++;
  context->is_primary = is_primary;
  return driver.contexts.add(std::move(context));
}

CUresult create_and_push(Driver& driver, CUcontext* context, unsigned flags, CUdevice device) {
  if (context == nullptr || (flags & ~unsigned{CU_CTX_FLAGS_MASK}) != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
  *context = create(driver, flags, false);
  driver.context_stack().push_back(*context);
  return CUDA_SUCCESS;
}

void destroy(Driver& driver, CUcontext context) {
  if (const auto taken = driver.contexts.take(context)) driver.destroy(taken);
}

void destroy_primary(Driver& driver) {
  (void)driver.synchronise();
  destroy(driver, driver.primary);
  driver.primary = nullptr;
}

std::size_t default_limit(CUlimit limit) {
  switch (limit) {
    case CU_LIMIT_STACK_SIZE:
      return 1024;
    case CU_LIMIT_PRINTF_FIFO_SIZE:
      return std::size_t{1} << 20;
    case CU_LIMIT_MALLOC_HEAP_SIZE:
      return std::size_t{8} << 20;
    default:
      return 0;
  }
}

}  // namespace

extern "C" {

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (context == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    if (driver.primary == nullptr) driver.primary = create(driver, driver.primary_flags, true);
    ++driver.primary_users;
    *context = driver.primary;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    if (driver.primary_users == 0) return CUDA_ERROR_INVALID_CONTEXT;
    if (--driver.primary_users == 0) destroy_primary(driver);
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxReset(CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    if (driver.primary != nullptr) destroy_primary(driver);
    driver.primary_users = 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    if ((flags & ~unsigned{CU_CTX_FLAGS_MASK}) != 0) return CUDA_ERROR_INVALID_VALUE;
    driver.primary_flags = flags;
    if (const auto primary = driver.contexts.find(driver.primary)) primary->flags = flags;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* is_active) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (flags == nullptr || is_active == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (device != 0) return CUDA_ERROR_INVALID_DEVICE;
    *flags = driver.primary_flags;
    *is_active = driver.primary != nullptr ? 1 : 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxCreate(CUcontext* context,
                     CUctxCreateParams* parameters,
                     unsigned flags,
                     CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (parameters != nullptr && parameters->numExecAffinityParams != 0) {
      return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY;
    }
    return create_and_push(driver, context, flags, device);
  });
}

CUresult cuCtxCreate_v2(CUcontext* context, unsigned flags, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    return create_and_push(driver, context, flags, device);
  });
}

CUresult cuCtxDestroy(CUcontext context) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    const auto found = driver.contexts.find(context);
    if (found == nullptr || found->is_primary) return CUDA_ERROR_INVALID_CONTEXT;
    (void)driver.synchronise();
    std::vector<CUcontext>& stack = driver.context_stack();
    if (!stack.empty() && stack.back() == context) stack.pop_back();
    destroy(driver, context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxPushCurrent(CUcontext context) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (driver.contexts.find(context) == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
    driver.context_stack().push_back(context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxPopCurrent(CUcontext* context) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    std::vector<CUcontext>& stack = driver.context_stack();
    if (stack.empty()) return CUDA_ERROR_INVALID_CONTEXT;
    if (context != nullptr) *context = stack.back();
    stack.pop_back();
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetCurrent(CUcontext context) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    std::vector<CUcontext>& stack = driver.context_stack();
    if (context != nullptr && driver.contexts.find(context) == nullptr) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (!stack.empty()) stack.pop_back();
    if (context != nullptr) stack.push_back(context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (context == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const std::vector<CUcontext>& stack = driver.context_stack();
    *context = stack.empty() ? nullptr : stack.back();
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return enter(__func__, Need::context, [&](Driver& /*driver*/) -> CUresult {
    if (device == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *device = 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetFlags(unsigned* flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *flags = driver.current()->flags;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetId(CUcontext context, unsigned long long* id) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (id == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = context == nullptr ? driver.current() : driver.contexts.find(context);
    if (found == nullptr) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    *id = found->number;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetApiVersion(CUcontext context, unsigned* version) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (context != nullptr && driver.contexts.find(context) == nullptr) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    *version = kApiVersion;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSynchronize() {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return driver.synchronise_outside_capture();
  });
}

CUresult cuCtxSetLimit(CUlimit limit, std::size_t value) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (limit < 0 || limit >= CU_LIMIT_MAX) return CUDA_ERROR_INVALID_VALUE;
    if (default_limit(limit) == 0) return CUDA_ERROR_UNSUPPORTED_LIMIT;
    driver.current()->limits[limit] = value;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetLimit(std::size_t* value, CUlimit limit) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (value == nullptr || limit < 0 || limit >= CU_LIMIT_MAX) return CUDA_ERROR_INVALID_VALUE;
    if (default_limit(limit) == 0) return CUDA_ERROR_UNSUPPORTED_LIMIT;
    const auto& limits = driver.current()->limits;
    const auto found = limits.find(limit);
    *value = found == limits.end() ? default_limit(limit) : found->second;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return enter(__func__, Need::context, [&](Driver& /*driver*/) -> CUresult {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = attest::driver::kGreatestPriority;
    return CUDA_SUCCESS;
  });
}

}  // extern "C"
