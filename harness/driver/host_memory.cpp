// Entry points: host memory that copies may use after the call.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <memory>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;
using attest::driver::PinnedMemory;

namespace {

CUresult allocate(Driver& driver, void** pointer, std::size_t bytes, unsigned flags) {
  if (pointer == nullptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  const CUresult refused = driver.refuse_in_capture();
  if (refused != CUDA_SUCCESS) return refused;
  if (bytes > static_cast<std::size_t>(driver.settings().memory_bytes)) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  PinnedMemory memory;
  memory.size_bytes = bytes;
  memory.flags = flags;
  memory.storage = std::make_unique<std::byte[]>(bytes);
  memory.context = driver.current();
  *pointer = memory.storage.get();
  driver.host_memory.emplace(reinterpret_cast<std::uintptr_t>(*pointer), std::move(memory));
  return CUDA_SUCCESS;
}

/// `is_registered`: it was, not allocated.
CUresult release(Driver& driver, void* pointer, bool is_registered) {
  const auto found = driver.host_memory.find(reinterpret_cast<std::uintptr_t>(pointer));
  if (found == driver.host_memory.end()) {
    return is_registered ? CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED : CUDA_ERROR_INVALID_VALUE;
  }
  if ((found->second.storage == nullptr) != is_registered) return CUDA_ERROR_INVALID_VALUE;
  const CUresult result = driver.synchronise_outside_capture();
  if (result == CUDA_SUCCESS) driver.host_memory.erase(found);
  return result;
}

}  // namespace

extern "C" {

CUresult cuMemAllocHost(void** pointer, std::size_t bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return allocate(driver, pointer, bytes, 0);
  });
}

CUresult cuMemHostAlloc(void** pointer, std::size_t bytes, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    constexpr unsigned kKnown =
        CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
    if ((flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    return allocate(driver, pointer, bytes, flags);
  });
}

CUresult cuMemFreeHost(void* pointer) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return release(driver, pointer, false);
  });
}

CUresult cuMemHostRegister(void* pointer, std::size_t bytes, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (pointer == nullptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    if (driver.pinned(pointer, 1) != nullptr) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    PinnedMemory memory;
    memory.size_bytes = bytes;
    memory.flags = flags;
    memory.context = driver.current();
    driver.host_memory.emplace(reinterpret_cast<std::uintptr_t>(pointer), std::move(memory));
    return CUDA_SUCCESS;
  });
}

CUresult cuMemHostUnregister(void* pointer) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return release(driver, pointer, true);
  });
}

CUresult cuMemHostGetFlags(unsigned* flags, void* pointer) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const PinnedMemory* found = driver.pinned(pointer, 1);
    if (found == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *flags = found->flags;
    return CUDA_SUCCESS;
  });
}

// Kernels do not reach host memory: CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY is 0.
CUresult cuMemHostGetDevicePointer(CUdeviceptr* address, void* pointer, unsigned /*flags*/) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (address == nullptr || driver.pinned(pointer, 1) == nullptr) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    return CUDA_ERROR_NOT_SUPPORTED;
  });
}

}  // extern "C"
