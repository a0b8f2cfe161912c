// Devices, modules, memory, streams, events and graphs of the simulated driver.
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
    // Neither invented bits nor a handle of another kind.
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

// Work is done when someone waits for it: who reads before that sees the old bytes.
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

TEST(SimulatedGraphs, HoldWhatWasCaptured) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUstream stream = nullptr;
    ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    CUdeviceptr to = Session::allocate(64);
    long long index = 3;
    void* arguments[] = {&to, &index};
    const CUfunction store = session.function("store");
    ASSERT_EQ(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL), CUDA_SUCCESS);
    EXPECT_EQ(cuMemsetD8Async(to, 0, 64, stream), CUDA_SUCCESS);
    EXPECT_EQ(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 16, stream, arguments, nullptr),
              CUDA_SUCCESS);
    index = 4;
    EXPECT_EQ(cuLaunchKernel(store, 2, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr), CUDA_SUCCESS);
    CUstreamCaptureStatus status{};
    EXPECT_EQ(cuStreamIsCapturing(stream, &status), CUDA_SUCCESS);
    EXPECT_EQ(status, CU_STREAM_CAPTURE_STATUS_ACTIVE);
    CUgraph graph = nullptr;
    ASSERT_EQ(cuStreamEndCapture(stream, &graph), CUDA_SUCCESS);
    EXPECT_EQ(read<int>(to, 16)[3], 0) << "recorded, not run";

    std::size_t count = 0;
    ASSERT_EQ(cuGraphGetNodes(graph, nullptr, &count), CUDA_SUCCESS);
    ASSERT_EQ(count, 3u);
    std::vector<CUgraphNode> nodes(count);
    ASSERT_EQ(cuGraphGetNodes(graph, nodes.data(), &count), CUDA_SUCCESS);
    CUgraphNodeType type{};
    EXPECT_EQ(cuGraphNodeGetType(nodes[0], &type), CUDA_SUCCESS);
    EXPECT_EQ(type, CU_GRAPH_NODE_TYPE_MEMSET);
    CUDA_KERNEL_NODE_PARAMS node{};
    EXPECT_EQ(cuGraphKernelNodeGetParams(nodes[0], &node), CUDA_ERROR_INVALID_VALUE);
    ASSERT_EQ(cuGraphKernelNodeGetParams(nodes[1], &node), CUDA_SUCCESS);
    EXPECT_EQ(node.func, store);
    EXPECT_EQ(node.sharedMemBytes, 16u);
    EXPECT_EQ(*static_cast<long long*>(node.kernelParams[1]), 3) << "as it was at the launch";
    ASSERT_EQ(cuGraphKernelNodeGetParams(nodes[2], &node), CUDA_SUCCESS);
    EXPECT_EQ(node.gridDimX, 2u);

    CUgraphExec exec = nullptr;
    ASSERT_EQ(cuGraphInstantiate(&exec, graph, 0), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphDestroy(graph), CUDA_SUCCESS);
    EXPECT_EQ(cuGraphNodeGetType(nodes[0], &type), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(cuGraphLaunch(exec, stream), CUDA_SUCCESS);
    const auto values = read<int>(to, 16);
    EXPECT_EQ(values[3], 7);
    EXPECT_EQ(values[4], 7);
    EXPECT_EQ(cuGraphExecDestroy(exec), CUDA_SUCCESS);
  }));
}

TEST(SimulatedGraphs, CapturesEndWhereTheyMustNotBeWaitedFor) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUstream stream = nullptr;
    ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_DEFAULT), CUDA_SUCCESS);
    CUgraph graph = nullptr;
    CUdeviceptr address = 0;
    EXPECT_EQ(cuStreamBeginCapture(nullptr, CU_STREAM_CAPTURE_MODE_GLOBAL),
              CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    EXPECT_EQ(cuStreamEndCapture(stream, &graph), CUDA_ERROR_ILLEGAL_STATE);
    const auto ends_with = [&](CUresult code, const std::function<CUresult()>& act) {
      ASSERT_EQ(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL), CUDA_SUCCESS);
      EXPECT_EQ(act(), code);
      EXPECT_EQ(cuStreamEndCapture(stream, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
      EXPECT_EQ(graph, nullptr);
    };
    ends_with(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuStreamSynchronize(stream); });
    ends_with(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [] { return cuCtxSynchronize(); });
    ends_with(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuMemAlloc(&address, 4); });
    ends_with(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
              [&] { return launch(session.function("stop"), 1, 1); });
    EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS);
  }));
}

}  // namespace
}  // namespace attest::driver
