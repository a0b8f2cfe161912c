// Devices, handles, modules and libraries of the simulated driver.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace attest::driver {
namespace {

// Bits that no call gave out.
template <class Handle>
Handle bogus(std::uintptr_t bits = 0xdead0) {
  return reinterpret_cast<Handle>(bits);
}

TEST(SimulatedDevice, AnswersForTheNamedGpu) {
  struct Expected {
    const char* gpu;
    int major;
    int minor;
    int multiprocessors;
    int block_shared_bytes;
  };
  for (const auto& e : {Expected{"sm_80", 8, 0, 108, 163 << 10},
                        Expected{"sm_86", 8, 6, 82, 99 << 10},
                        Expected{"sm_89", 8, 9, 128, 99 << 10},
                        Expected{"sm_90", 9, 0, 132, 227 << 10},
                        Expected{"sm_100", 10, 0, 148, 227 << 10},
                        Expected{"sm_120", 12, 0, 170, 99 << 10}}) {
    EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_GPU", e.gpu}}, [&] {
      ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
      const auto value = [](CUdevice_attribute attribute) {
        int answer = -1;
        EXPECT_EQ(cuDeviceGetAttribute(&answer, attribute, 0), CUDA_SUCCESS);
        return answer;
      };
      EXPECT_EQ(value(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR), e.major);
      EXPECT_EQ(value(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR), e.minor);
      EXPECT_EQ(value(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT), e.multiprocessors);
      EXPECT_EQ(value(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN), e.block_shared_bytes);
      EXPECT_EQ(value(CU_DEVICE_ATTRIBUTE_WARP_SIZE), 32);
    })) << e.gpu;
  }
}

TEST(SimulatedDevice, IsOne) {
  EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_MEMORY", "1048576"}}, [] {
    ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
    int count = 0;
    EXPECT_EQ(cuDeviceGetCount(&count), CUDA_SUCCESS);
    EXPECT_EQ(count, 1);
    CUdevice device = -1;
    EXPECT_EQ(cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE);
    EXPECT_EQ(cuDeviceGet(&device, 0), CUDA_SUCCESS);
    std::array<char, 12> name{};
    EXPECT_EQ(cuDeviceGetName(name.data(), name.size(), device), CUDA_SUCCESS);
    EXPECT_STREQ(name.data(), "NVIDIA A100") << "cut to the buffer";
    std::size_t bytes = 0;
    EXPECT_EQ(cuDeviceTotalMem(&bytes, device), CUDA_SUCCESS);
    EXPECT_EQ(bytes, 1048576u);
    int value = 0;
    EXPECT_EQ(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MAX, device),
              CUDA_ERROR_INVALID_VALUE);
    int version = 0;
    EXPECT_EQ(cuDriverGetVersion(&version), CUDA_SUCCESS);
    EXPECT_EQ(version, CUDA_VERSION);
  }));
}

TEST(SimulatedHandles, BogusOnesAreRefused) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUstream stream = nullptr;
    ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    CUevent event = nullptr;
    ASSERT_EQ(cuEventCreate(&event, 0), CUDA_SUCCESS);
    EXPECT_NE(session.function("stop"), nullptr);
    // Neither invented bits nor a handle of another kind, where both kinds have one.
    EXPECT_EQ(cuStreamSynchronize(bogus<CUstream>()), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuEventSynchronize(reinterpret_cast<CUevent>(stream)), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuModuleUnload(bogus<CUmodule>()), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(launch(bogus<CUfunction>(), 1, 1), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(launch(reinterpret_cast<CUfunction>(session.module()), 1, 1),
              CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuCtxSetCurrent(bogus<CUcontext>()), CUDA_ERROR_INVALID_CONTEXT);
    EXPECT_EQ(cuLibraryUnload(bogus<CUlibrary>()), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuGraphDestroy(bogus<CUgraph>()), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuMemFree(1234), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuStreamDestroy(stream), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamDestroy(stream), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS) << "none of it stays";
  }));
}

TEST(SimulatedModules, TakePtxOfThisGpuOnly) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUmodule module = nullptr;
    const auto load = [&](const char* text) { return cuModuleLoadData(&module, text); };
    EXPECT_EQ(load("\x7f"
                   "ELF\2\1\1"),
              CUDA_ERROR_NO_BINARY_FOR_GPU);
    EXPECT_EQ(load("\x50\xed\x55\xba rest"), CUDA_ERROR_NO_BINARY_FOR_GPU);
    EXPECT_EQ(load(".version 9.0\n.target sm_90\n.address_size 64\n"), CUDA_ERROR_INVALID_PTX);
    EXPECT_EQ(load(".version 9.0\n.target sm_80\n.address_size 64\n"), CUDA_SUCCESS);
    EXPECT_EQ(load(".version 99.0\n.target sm_80\n.address_size 64\n"),
              CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
    EXPECT_EQ(load(""), CUDA_ERROR_INVALID_PTX);
    EXPECT_EQ(load("not a kernel"), CUDA_ERROR_INVALID_PTX);

    std::array<char, 64> log{};
    std::array<CUjit_option, 2> options = {CU_JIT_ERROR_LOG_BUFFER,
                                           CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    std::array<void*, 2> values = {log.data(), reinterpret_cast<void*>(log.size())};
    EXPECT_EQ(cuModuleLoadDataEx(&module, "not a kernel", 2, options.data(), values.data()),
              CUDA_ERROR_INVALID_PTX);
    EXPECT_GT(std::strlen(log.data()), 0u);
    EXPECT_EQ(std::strlen(log.data()), reinterpret_cast<std::uintptr_t>(values[1]));

    CUfunction function = nullptr;
    EXPECT_EQ(cuModuleGetFunction(&function, session.module(), "none"), CUDA_ERROR_NOT_FOUND);
    CUdeviceptr address = 0;
    EXPECT_EQ(cuModuleGetGlobal(&address, nullptr, session.module(), "none"), CUDA_ERROR_NOT_FOUND);
  }));
}

TEST(SimulatedModules, LibrariesHaveKernels) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUlibrary library = nullptr;
    ASSERT_EQ(
        cuLibraryLoadData(&library, kernels_ptx().data(), nullptr, nullptr, 0, nullptr, nullptr, 0),
        CUDA_SUCCESS);
    CUkernel kernel = nullptr;
    ASSERT_EQ(cuLibraryGetKernel(&kernel, library, "store"), CUDA_SUCCESS);
    CUfunction function = nullptr;
    ASSERT_EQ(cuKernelGetFunction(&function, kernel), CUDA_SUCCESS);
    const CUdeviceptr to = Session::allocate(8);
    EXPECT_EQ(launch(reinterpret_cast<CUfunction>(kernel), 1, 1, to, 0LL), CUDA_SUCCESS);
    EXPECT_EQ(launch(function, 1, 1, to, 1LL), CUDA_SUCCESS);
    EXPECT_EQ(read<int>(to, 2), (std::vector<int>{7, 7}));
    unsigned count = 0;
    EXPECT_EQ(cuLibraryGetKernelCount(&count, library), CUDA_SUCCESS);
    unsigned functions = 0;
    EXPECT_EQ(cuModuleGetFunctionCount(&functions, session.module()), CUDA_SUCCESS);
    EXPECT_EQ(count, functions);
    std::vector<CUkernel> kernels(count);
    EXPECT_EQ(cuLibraryEnumerateKernels(kernels.data(), count, library), CUDA_SUCCESS);
    EXPECT_NE(std::find(kernels.begin(), kernels.end(), kernel), kernels.end());
    const char* name = nullptr;
    EXPECT_EQ(cuKernelGetName(&name, kernel), CUDA_SUCCESS);
    EXPECT_STREQ(name, "store");
    std::size_t offset = 0;
    std::size_t bytes = 0;
    EXPECT_EQ(cuFuncGetParamInfo(function, 1, &offset, &bytes), CUDA_SUCCESS);
    EXPECT_EQ(offset, 8u);
    EXPECT_EQ(bytes, 8u);
    EXPECT_EQ(cuFuncGetParamInfo(function, 2, &offset, &bytes), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuLibraryUnload(library), CUDA_SUCCESS);
    EXPECT_EQ(launch(function, 1, 1, to, 1LL), CUDA_ERROR_INVALID_HANDLE);
  }));
}

}  // namespace
}  // namespace attest::driver
