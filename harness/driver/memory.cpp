// Entry points: device memory, and what a pointer is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <cstring>
#include <string>
#include <vector>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;

namespace {

// Fresh memory holds what was there before; not zeros, so that who relies on them sees it.
constexpr std::byte kDirt{0xcd};

CUresult allocate(Driver& driver, std::size_t size_bytes, CUdeviceptr* to) {
  const auto size = static_cast<std::int64_t>(size_bytes);
  if (size_bytes > static_cast<std::size_t>(driver.settings().memory_bytes) ||
      !driver.memory->fits(size)) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  const std::string name = "allocation " + std::to_string(driver.next_number++);
  const std::vector<std::byte> dirt(size_bytes, kDirt);
  const CUdeviceptr base = driver.memory->allocate(name, size, 0, dirt, true);
  driver.allocations.emplace(base, attest::driver::DeviceAllocation{size, driver.current()});
  *to = base;
  return CUDA_SUCCESS;
}

/// Through whom a pointer was allocated; what cuPointerGetAttribute answers from.
CUresult put(const void* value, std::size_t bytes, void* to) {
  std::memcpy(to, value, bytes);
  return CUDA_SUCCESS;
}

CUresult device_attribute(Driver& driver,
                          CUdeviceptr base,
                          std::int64_t size_bytes,
                          CUpointer_attribute attribute,
                          CUdeviceptr pointer,
                          void* to) {
  const int device = 0;
  const unsigned kind = CU_MEMORYTYPE_DEVICE;
  const auto size = static_cast<std::size_t>(size_bytes);
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      return put(&kind, sizeof kind, to);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
      return put(&pointer, sizeof pointer, to);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      return put(&device, sizeof device, to);
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
      return put(&base, sizeof base, to);
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
      return put(&size, sizeof size, to);
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: {
      const bool is_managed = false;
      return put(&is_managed, sizeof is_managed, to);
    }
    case CU_POINTER_ATTRIBUTE_CONTEXT: {
      const CUcontext context = driver.context_stack().back();
      return put(&context, sizeof context, to);
    }
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult host_attribute(CUpointer_attribute attribute, CUdeviceptr pointer, void* to) {
  const int device = 0;
  const unsigned kind = CU_MEMORYTYPE_HOST;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      return put(&kind, sizeof kind, to);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      return put(&pointer, sizeof pointer, to);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      return put(&device, sizeof device, to);
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

}  // namespace

extern "C" {

CUresult cuMemGetInfo(std::size_t* free_bytes, std::size_t* total) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const std::int64_t all = driver.settings().memory_bytes;
    std::int64_t used = 0;
    for (const auto& a : driver.memory->allocations())
      used += a.is_freed ? 0 : a.size_bytes;
    if (free_bytes != nullptr) *free_bytes = static_cast<std::size_t>(all - used);
    if (total != nullptr) *total = static_cast<std::size_t>(all);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemAlloc(CUdeviceptr* address, std::size_t bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (address == nullptr || bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    const CUresult refused = driver.refuse_in_capture();
    return refused != CUDA_SUCCESS ? refused : allocate(driver, bytes, address);
  });
}

CUresult cuMemAllocPitch(CUdeviceptr* address,
                         std::size_t* pitch,
                         std::size_t width,
                         std::size_t height,
                         unsigned element_bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    constexpr std::size_t kPitch = 512;
    constexpr std::size_t kMost = std::size_t{1} << 31;
    const bool is_element = element_bytes == 4 || element_bytes == 8 || element_bytes == 16;
    if (address == nullptr || pitch == nullptr || width == 0 || height == 0 || !is_element) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    const CUresult refused = driver.refuse_in_capture();
    if (refused != CUDA_SUCCESS) return refused;
    if (width > kMost || height > kMost) return CUDA_ERROR_OUT_OF_MEMORY;
    *pitch = (width + kPitch - 1) / kPitch * kPitch;
    return allocate(driver, *pitch * height, address);
  });
}

CUresult cuMemFree(CUdeviceptr address) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (address == 0) return CUDA_SUCCESS;
    if (driver.allocations.count(address) == 0) return CUDA_ERROR_INVALID_VALUE;
    const CUresult result = driver.synchronise_outside_capture();
    if (result != CUDA_SUCCESS) return result;
    driver.memory->free(address);
    driver.allocations.erase(address);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAddressRange(CUdeviceptr* base, std::size_t* bytes, CUdeviceptr address) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto* found = driver.memory->find(address, address + 1);
    if (found == nullptr) return CUDA_ERROR_NOT_FOUND;
    if (base != nullptr) *base = found->base;
    if (bytes != nullptr) *bytes = static_cast<std::size_t>(found->size_bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuPointerGetAttribute(void* value, CUpointer_attribute attribute, CUdeviceptr address) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (const auto* found = driver.memory->find(address, address + 1)) {
      return device_attribute(driver, found->base, found->size_bytes, attribute, address, value);
    }
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    if (driver.pinned(reinterpret_cast<const void*>(address), 1) == nullptr) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    return host_attribute(attribute, address, value);
  });
}

}  // extern "C"
