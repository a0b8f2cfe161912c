// Entry points: the one device and what it is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <algorithm>
#include <cstring>
#include <string_view>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;

namespace {

constexpr const char* kBusId = "0000:01:00.0";

bool is_device(CUdevice device) {
  return device == 0;
}

/// `text` into a buffer of `length` bytes, cut to what fits.
CUresult put(std::string_view text, char* to, int length) {
  if (to == nullptr || length <= 0) return CUDA_ERROR_INVALID_VALUE;
  const std::size_t bytes = std::min(text.size(), static_cast<std::size_t>(length) - 1);
  std::memcpy(to, text.data(), bytes);
  to[bytes] = 0;
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuDeviceGetCount(int* count) {
  return enter(__func__, Need::initialised, [&](Driver& /*driver*/) -> CUresult {
    if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *count = 1;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return enter(__func__, Need::initialised, [&](Driver& /*driver*/) -> CUresult {
    if (device == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return put(driver.gpu().name, name, length);
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (uuid == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    std::memset(uuid->bytes, 0, sizeof uuid->bytes);
    uuid->bytes[0] = static_cast<char>(driver.gpu().sm);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceTotalMem(std::size_t* bytes, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (bytes == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    *bytes = static_cast<std::size_t>(driver.settings().memory_bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const auto found = attest::driver::attribute(driver.gpu(), attribute);
    if (!found) return CUDA_ERROR_INVALID_VALUE;
    *value = *found;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  return enter(__func__, Need::initialised, [&](Driver& /*driver*/) -> CUresult {
    if (!is_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    return put(kBusId, id, length);
  });
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* id) {
  return enter(__func__, Need::initialised, [&](Driver& /*driver*/) -> CUresult {
    if (device == nullptr || id == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (std::string_view(id) != kBusId) return CUDA_ERROR_INVALID_DEVICE;
    *device = 0;
    return CUDA_SUCCESS;
  });
}

}  // extern "C"
