// Entry points: copies and fills. What is out of range is refused at the call.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Need;
using attest::driver::Operation;
using attest::driver::Stream;

namespace {

/// The place at `address` when the operation runs: a graph's may be gone by then.
template <class Act>
Operation on_device(CUgraphNodeType type, CUdeviceptr address, std::size_t bytes, Act act) {
  Operation operation;
  operation.type = type;
  operation.run = [address, bytes, act = std::move(act)](Driver& driver) -> CUresult {
    std::byte* place = driver.bytes(address, bytes);
    if (place == nullptr) return CUDA_ERROR_ILLEGAL_ADDRESS;
    return act(driver, place);
  };
  return operation;
}

Operation to_device(CUdeviceptr to, const void* from, std::size_t bytes) {
  return on_device(CU_GRAPH_NODE_TYPE_MEMCPY, to, bytes, [=](Driver&, std::byte* place) {
    std::memcpy(place, from, bytes);
    return CUDA_SUCCESS;
  });
}

Operation to_device_from_copy(CUdeviceptr to, const void* from, std::size_t bytes) {
  const auto* first = static_cast<const std::byte*>(from);
  auto copy = std::make_shared<std::vector<std::byte>>(first, first + bytes);
  return on_device(CU_GRAPH_NODE_TYPE_MEMCPY, to, bytes, [copy](Driver&, std::byte* place) {
    std::memcpy(place, copy->data(), copy->size());
    return CUDA_SUCCESS;
  });
}

Operation to_host(void* to, CUdeviceptr from, std::size_t bytes) {
  return on_device(CU_GRAPH_NODE_TYPE_MEMCPY, from, bytes, [=](Driver&, std::byte* place) {
    std::memcpy(to, place, bytes);
    return CUDA_SUCCESS;
  });
}

Operation within_device(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return on_device(
      CU_GRAPH_NODE_TYPE_MEMCPY, to, bytes, [=](Driver& driver, std::byte* place) -> CUresult {
        const std::byte* source = driver.bytes(from, bytes);
        if (source == nullptr) return CUDA_ERROR_ILLEGAL_ADDRESS;
        std::memmove(place, source, bytes);
        return CUDA_SUCCESS;
      });
}

template <class T>
Operation fill(CUdeviceptr to, T value, std::size_t count) {
  return on_device(
      CU_GRAPH_NODE_TYPE_MEMSET, to, count * sizeof(T), [=](Driver&, std::byte* place) {
        for (std::size_t n = 0; n < count; ++n)
          std::memcpy(place + n * sizeof(T), &value, sizeof(T));
        return CUDA_SUCCESS;
      });
}

/// The call ends when it is done.
CUresult now(Driver& driver, Operation operation) {
  const CUresult refused = driver.refuse_in_capture();
  if (refused != CUDA_SUCCESS) return refused;
  const CUresult queued = driver.enqueue(driver.stream(nullptr), std::move(operation));
  return queued != CUDA_SUCCESS ? queued : driver.synchronise();
}

CUresult later(Driver& driver, CUstream handle, Operation operation) {
  const auto stream = driver.stream(handle);
  if (stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  return driver.submit(stream, std::move(operation));
}

/// Of host memory: in a capture it must be there when the graph runs.
bool is_capturing(Driver& driver, CUstream handle) {
  const auto stream = driver.stream(handle);
  return stream != nullptr && stream->capture != nullptr;
}

/// Both sides are there; `bytes` 0 is allowed and does nothing.
bool are_places(Driver& driver, CUdeviceptr device, const void* host, std::size_t bytes) {
  return host != nullptr && driver.bytes(device, bytes) != nullptr;
}

template <class T>
CUresult set(const char* name, CUdeviceptr to, T value, std::size_t count, CUstream stream) {
  return enter(name, Need::context, [&](Driver& driver) -> CUresult {
    if (to % sizeof(T) != 0 || count > SIZE_MAX / sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
    if (count == 0) return CUDA_SUCCESS;
    if (driver.bytes(to, count * sizeof(T)) == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return later(driver, stream, fill(to, value, count));
  });
}

}  // namespace

extern "C" {

CUresult cuMemcpyHtoD(CUdeviceptr to, const void* from, std::size_t bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (!are_places(driver, to, from, bytes)) return CUDA_ERROR_INVALID_VALUE;
    return now(driver, to_device(to, from, bytes));
  });
}

CUresult cuMemcpyDtoH(void* to, CUdeviceptr from, std::size_t bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (!are_places(driver, from, to, bytes)) return CUDA_ERROR_INVALID_VALUE;
    return now(driver, to_host(to, from, bytes));
  });
}

// Device to device the host does not wait.
CUresult cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (driver.bytes(to, bytes) == nullptr || driver.bytes(from, bytes) == nullptr) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    return later(driver, nullptr, within_device(to, from, bytes));
  });
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (!are_places(driver, to, from, bytes)) return CUDA_ERROR_INVALID_VALUE;
    const bool is_kept = is_capturing(driver, stream) || driver.pinned(from, bytes) != nullptr;
    return later(driver,
                 stream,
                 is_kept ? to_device(to, from, bytes) : to_device_from_copy(to, from, bytes));
  });
}

CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (!are_places(driver, from, to, bytes)) return CUDA_ERROR_INVALID_VALUE;
    const bool is_kept = is_capturing(driver, stream) || driver.pinned(to, bytes) != nullptr;
    const CUresult queued = later(driver, stream, to_host(to, from, bytes));
    return queued != CUDA_SUCCESS || is_kept ? queued : driver.synchronise();
  });
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (bytes == 0) return CUDA_SUCCESS;
    if (driver.bytes(to, bytes) == nullptr || driver.bytes(from, bytes) == nullptr) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    return later(driver, stream, within_device(to, from, bytes));
  });
}

CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, std::size_t count) {
  return set(__func__, to, value, count, nullptr);
}
CUresult cuMemsetD16(CUdeviceptr to, unsigned short value, std::size_t count) {
  return set(__func__, to, value, count, nullptr);
}
CUresult cuMemsetD32(CUdeviceptr to, unsigned value, std::size_t count) {
  return set(__func__, to, value, count, nullptr);
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return set(__func__, to, value, count, stream);
}
CUresult cuMemsetD16Async(CUdeviceptr to,
                          unsigned short value,
                          std::size_t count,
                          CUstream stream) {
  return set(__func__, to, value, count, stream);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, std::size_t count, CUstream stream) {
  return set(__func__, to, value, count, stream);
}

}  // extern "C"
