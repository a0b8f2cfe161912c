// Memory, streams and events of the simulated driver.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <array>

namespace attest::driver {
namespace {

TEST(SimulatedMemory, CopiesWithinAllocationsOnly) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    const CUdeviceptr a = Session::allocate(64);
    const CUdeviceptr b = Session::allocate(64);
    std::array<int, 17> host{};
    host.fill(5);
    EXPECT_EQ(cuMemcpyHtoD(a, host.data(), 68), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyHtoD(a + 64, host.data(), 4), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyHtoD(a - 4, host.data(), 4), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyDtoH(host.data(), a, ~std::size_t{0}), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyDtoD(b, a, 65), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemsetD8(a, 1, 65), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemsetD32(a + 2, 1, 1), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyHtoD(a, nullptr, 4), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemcpyHtoD(a + 60, host.data(), 4), CUDA_SUCCESS);
    EXPECT_EQ(cuMemcpyDtoD(b, a, 64), CUDA_SUCCESS);
    EXPECT_EQ(cuMemsetD16(b, 0x0102, 2), CUDA_SUCCESS);
    const auto values = read<int>(b, 16);
    EXPECT_EQ(values[0], 0x01020102);
    EXPECT_EQ(values[15], 5);
    EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS);
  }));
}

TEST(SimulatedMemory, IsFreedOnce) {
  EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_MEMORY", "65536"}}, [] {
    const Session session;
    std::size_t free_bytes = 0;
    std::size_t total = 0;
    ASSERT_EQ(cuMemGetInfo(&free_bytes, &total), CUDA_SUCCESS);
    EXPECT_EQ(total, 65536u);
    CUdeviceptr address = 0;
    EXPECT_EQ(cuMemAlloc(&address, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemAlloc(&address, free_bytes + 1), CUDA_ERROR_OUT_OF_MEMORY);
    EXPECT_EQ(cuMemAlloc(&address, ~std::size_t{0}), CUDA_ERROR_OUT_OF_MEMORY);
    for (int n = 0; n < 3; ++n) {
      ASSERT_EQ(cuMemAlloc(&address, free_bytes), CUDA_SUCCESS);
      std::size_t left = 1;
      EXPECT_EQ(cuMemGetInfo(&left, nullptr), CUDA_SUCCESS);
      EXPECT_EQ(left, 0u);
      EXPECT_EQ(cuMemFree(address + 4), CUDA_ERROR_INVALID_VALUE);
      EXPECT_EQ(cuMemFree(address), CUDA_SUCCESS);
      EXPECT_EQ(cuMemFree(address), CUDA_ERROR_INVALID_VALUE);
    }
    ASSERT_EQ(cuMemAlloc(&address, 100), CUDA_SUCCESS);
    EXPECT_NE(read<unsigned char>(address, 1).front(), 0) << "fresh memory is not zeros";
    CUdeviceptr base = 0;
    std::size_t bytes = 0;
    EXPECT_EQ(cuMemGetAddressRange(&base, &bytes, address + 99), CUDA_SUCCESS);
    EXPECT_EQ(base, address);
    EXPECT_EQ(bytes, 100u);
    EXPECT_EQ(cuMemGetAddressRange(&base, &bytes, address + 100), CUDA_ERROR_NOT_FOUND);
    unsigned kind = 0;
    EXPECT_EQ(cuPointerGetAttribute(&kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address + 4),
              CUDA_SUCCESS);
    EXPECT_EQ(kind, unsigned{CU_MEMORYTYPE_DEVICE});
    EXPECT_EQ(cuPointerGetAttribute(&kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, 64),
              CUDA_ERROR_INVALID_VALUE);
  }));
}

TEST(SimulatedStreams, ArePatient) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUstream stream = nullptr;
    ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    const CUdeviceptr to = Session::allocate(8);
    void* pinned = nullptr;
    ASSERT_EQ(cuMemAllocHost(&pinned, 8), CUDA_SUCCESS);
    auto* values = static_cast<int*>(pinned);
    values[0] = 1;
    values[1] = 2;
    int pageable = 3;
    EXPECT_EQ(cuMemcpyHtoDAsync(to, pinned, 8, stream), CUDA_SUCCESS);
    EXPECT_EQ(cuMemcpyHtoDAsync(to + 4, &pageable, 4, stream), CUDA_SUCCESS);
    values[0] = 10;  // before the copy reads it
    pageable = 30;   // was taken at the call
    EXPECT_EQ(cuStreamQuery(stream), CUDA_ERROR_NOT_READY);
    EXPECT_EQ(cuStreamQuery(stream), CUDA_SUCCESS);
    EXPECT_EQ(cuMemcpyDtoHAsync(pinned, to, 8, stream), CUDA_SUCCESS);
    values[1] = 4;
    EXPECT_EQ(cuStreamSynchronize(stream), CUDA_SUCCESS);
    EXPECT_EQ(values[0], 10);
    EXPECT_EQ(values[1], 3);
    EXPECT_EQ(cuMemFreeHost(pinned), CUDA_SUCCESS);
    EXPECT_EQ(cuMemFreeHost(pinned), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuMemHostUnregister(&pageable), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  }));
}

TEST(SimulatedEvents, Measure) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUevent first = nullptr;
    CUevent last = nullptr;
    ASSERT_EQ(cuEventCreate(&first, 0), CUDA_SUCCESS);
    ASSERT_EQ(cuEventCreate(&last, 0), CUDA_SUCCESS);
    float milliseconds = -1;
    EXPECT_EQ(cuEventElapsedTime(&milliseconds, first, last), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuEventRecord(first, nullptr), CUDA_SUCCESS);
    EXPECT_EQ(launch(session.function("narrow"), 100, 64, Session::allocate(4)), CUDA_SUCCESS);
    EXPECT_EQ(cuEventRecord(last, nullptr), CUDA_SUCCESS);
    EXPECT_EQ(cuEventElapsedTime(&milliseconds, first, last), CUDA_ERROR_NOT_READY);
    EXPECT_EQ(cuEventQuery(last), CUDA_ERROR_NOT_READY);
    EXPECT_EQ(cuEventSynchronize(last), CUDA_SUCCESS);
    EXPECT_EQ(cuEventQuery(last), CUDA_SUCCESS);
    EXPECT_EQ(cuEventElapsedTime(&milliseconds, first, last), CUDA_SUCCESS);
    EXPECT_GT(milliseconds, 0);
    CUevent untimed = nullptr;
    ASSERT_EQ(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING), CUDA_SUCCESS);
    EXPECT_EQ(cuEventRecord(untimed, nullptr), CUDA_SUCCESS);
    EXPECT_EQ(cuEventElapsedTime(&milliseconds, first, untimed), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuEventDestroy(last), CUDA_SUCCESS);
    EXPECT_EQ(cuEventDestroy(last), CUDA_ERROR_INVALID_HANDLE);
  }));
}

}  // namespace
}  // namespace attest::driver
