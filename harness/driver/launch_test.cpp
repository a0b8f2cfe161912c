// Launches through the simulated driver: results, geometry, faults that come later and stay.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <array>
#include <numeric>
#include <thread>

namespace attest::driver {
namespace {

TEST(SimulatedLaunch, AddsVectors) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    constexpr int kCount = 300;
    std::vector<float> a(kCount);
    std::iota(a.begin(), a.end(), 1.0f);
    const CUdeviceptr from = Session::allocate(kCount * 4);
    const CUdeviceptr to = Session::allocate(kCount * 4);
    ASSERT_EQ(cuMemcpyHtoD(from, a.data(), kCount * 4), CUDA_SUCCESS);
    EXPECT_EQ(launch(session.function("add"), 3, 128, to, from, from, kCount), CUDA_SUCCESS);
    EXPECT_EQ(launch(session.function("add"), 3, 128, to, to, from, kCount), CUDA_SUCCESS);
    const auto sum = read<float>(to, kCount);
    for (int n = 0; n < kCount; ++n)
      EXPECT_EQ(sum[static_cast<std::size_t>(n)], 3.0f * a[static_cast<std::size_t>(n)]);
  }));
}

TEST(SimulatedLaunch, VariablesLastFromLaunchToLaunch) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    const CUdeviceptr to = Session::allocate(4);
    const CUfunction count = session.function("count_launch");
    EXPECT_EQ(launch(count, 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(launch(count, 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(read<unsigned>(to, 1).front(), 41u * 3u);
    CUdeviceptr launches = 0;
    std::size_t bytes = 0;
    ASSERT_EQ(cuModuleGetGlobal(&launches, &bytes, session.module(), "launches"), CUDA_SUCCESS);
    EXPECT_EQ(bytes, 4u);
    EXPECT_EQ(read<unsigned>(launches, 1).front(), 42u);
    CUdeviceptr factor = 0;
    ASSERT_EQ(cuModuleGetGlobal(&factor, nullptr, session.module(), "factor"), CUDA_SUCCESS);
    EXPECT_EQ(cuMemsetD32(factor, 5, 1), CUDA_SUCCESS);
    EXPECT_EQ(launch(count, 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(read<unsigned>(to, 1).front(), 42u * 5u);
  }));
}

// The same text loaded twice has two sets of variables.
TEST(SimulatedLaunch, EachModuleHasItsOwnVariables) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUmodule other = nullptr;
    ASSERT_EQ(cuModuleLoadData(&other, kernels_ptx().data()), CUDA_SUCCESS);
    const CUdeviceptr to = Session::allocate(4);
    EXPECT_EQ(launch(session.function("count_launch"), 1, 1, to), CUDA_SUCCESS);
    CUfunction count = nullptr;
    ASSERT_EQ(cuModuleGetFunction(&count, other, "count_launch"), CUDA_SUCCESS);
    EXPECT_EQ(launch(count, 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(read<unsigned>(to, 1).front(), 40u * 3u);
    EXPECT_EQ(cuModuleUnload(other), CUDA_SUCCESS);
    EXPECT_EQ(launch(count, 1, 1, to), CUDA_ERROR_INVALID_HANDLE);
    const char* name = nullptr;
    EXPECT_EQ(cuFuncGetName(&name, count), CUDA_ERROR_INVALID_HANDLE);
    EXPECT_EQ(launch(session.function("count_launch"), 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(read<unsigned>(to, 1).front(), 41u * 3u);
  }));
}

TEST(SimulatedLaunch, TakesArgumentsAsOneBlock) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    const CUdeviceptr to = Session::allocate(64);
    struct {
      CUdeviceptr to;
      long long index;
    } block{to, 5};
    std::size_t bytes = sizeof block;
    void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER,
                     &block,
                     CU_LAUNCH_PARAM_BUFFER_SIZE,
                     &bytes,
                     CU_LAUNCH_PARAM_END};
    const CUfunction store = session.function("store");
    EXPECT_EQ(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra), CUDA_SUCCESS);
    EXPECT_EQ(read<int>(to, 16)[5], 7);
    bytes = 8;
    EXPECT_EQ(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra),
              CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr),
              CUDA_ERROR_INVALID_VALUE);
  }));
}

TEST(SimulatedLaunch, RefusesGeometryAtTheCall) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUdeviceptr to = Session::allocate(64);
    void* arguments[] = {&to};
    const CUfunction narrow = session.function("narrow");
    const auto attempt = [&](unsigned gx, unsigned gy, unsigned bx, unsigned bz, unsigned shared) {
      return cuLaunchKernel(narrow, gx, gy, 1, bx, 1, bz, shared, nullptr, arguments, nullptr);
    };
    EXPECT_EQ(attempt(1, 1, 64, 1, 0), CUDA_SUCCESS);
    EXPECT_EQ(attempt(0, 1, 64, 1, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(1, 65536, 64, 1, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(1, 1, 0, 1, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(1, 1, 1025, 1, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(1, 1, 96, 1, 0), CUDA_ERROR_INVALID_VALUE) << "__launch_bounds__(64)";
    EXPECT_EQ(attempt(1, 1, 64, 1, 49152), CUDA_SUCCESS);
    EXPECT_EQ(attempt(1, 1, 64, 1, 49153), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS) << "a refused launch leaves nothing behind";
    EXPECT_EQ(read<int>(to, 1).front(), 64);
  }));
}

TEST(SimulatedLaunch, DynamicSharedMemoryIsOptedInTo) {
  EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_GPU", "sm_90"}}, [] {
    const Session session;
    const CUfunction reverse = session.function("reverse");
    std::array<int, 64> values{};
    std::iota(values.begin(), values.end(), 0);
    CUdeviceptr to = Session::allocate(sizeof values);
    ASSERT_EQ(cuMemcpyHtoD(to, values.data(), sizeof values), CUDA_SUCCESS);
    void* arguments[] = {&to};
    const auto attempt = [&](unsigned shared) {
      return cuLaunchKernel(reverse, 1, 1, 1, 64, 1, 1, shared, nullptr, arguments, nullptr);
    };
    int optin = 0;
    ASSERT_EQ(
        cuDeviceGetAttribute(&optin, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0),
        CUDA_SUCCESS);
    EXPECT_EQ(optin, 227 * 1024);
    const auto most = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    EXPECT_EQ(attempt(65536), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuFuncSetAttribute(reverse, most, optin + 1), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(cuFuncSetAttribute(reverse, most, 65536), CUDA_SUCCESS);
    EXPECT_EQ(attempt(65537), CUDA_ERROR_INVALID_VALUE);
    EXPECT_EQ(attempt(65536), CUDA_SUCCESS);
    EXPECT_EQ(read<int>(to, 64).front(), 63);
    int blocks = 0;
    EXPECT_EQ(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, reverse, 64, 65536),
              CUDA_SUCCESS);
    EXPECT_EQ(blocks, 3) << "228 KiB by 64 KiB and one that the system keeps";
  }));
}

TEST(SimulatedLaunch, CooperativeGridsAreResident) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUdeviceptr sum = Session::allocate(4);
    CUdeviceptr seen = Session::allocate(4 * 8);
    void* arguments[] = {&sum, &seen};
    std::size_t free_before = 0;
    ASSERT_EQ(cuMemGetInfo(&free_before, nullptr), CUDA_SUCCESS);
    const CUfunction grid_sum = session.function("grid_sum");
    EXPECT_EQ(cuLaunchCooperativeKernel(grid_sum, 8, 1, 1, 32, 1, 1, 0, nullptr, arguments),
              CUDA_SUCCESS);
    for (const unsigned value : read<unsigned>(seen, 8))
      EXPECT_EQ(value, 256u);
    CUlaunchAttribute cooperative{};
    cooperative.id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
    cooperative.value.cooperative = 1;
    CUlaunchConfig config{};
    config.gridDimX = 4;
    config.gridDimY = config.gridDimZ = 1;
    config.blockDimX = 32;
    config.blockDimY = config.blockDimZ = 1;
    config.attrs = &cooperative;
    config.numAttrs = 1;
    EXPECT_EQ(cuLaunchKernelEx(&config, grid_sum, arguments, nullptr), CUDA_SUCCESS);
    EXPECT_EQ(read<unsigned>(seen, 1).front(), 256u + 128u);
    config.gridDimX = 100'000;
    EXPECT_EQ(cuLaunchKernelEx(&config, grid_sum, arguments, nullptr),
              CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
    std::size_t free_after = 0;
    ASSERT_EQ(cuMemGetInfo(&free_after, nullptr), CUDA_SUCCESS);
    EXPECT_EQ(free_after, free_before) << "what grid.sync() works on is taken back";
  }));
}

struct Faulty {
  const char* kernel;
  long long offset;
  CUresult code;
};

class SimulatedFault : public ::testing::TestWithParam<Faulty> {};

TEST_P(SimulatedFault, ComesLaterAndStays) {
  EXPECT_TRUE(holds_in_child({{"ATTEST_SIMULATED_STEPS", "100000"}}, [] {
    const auto& [kernel, offset, code] = GetParam();
    const Session session;
    const CUdeviceptr to = Session::allocate(64);
    const CUdeviceptr other = Session::allocate(64);
    const CUfunction fine = session.function("narrow");
    EXPECT_EQ(launch(session.function(kernel), 1, 1, to, offset), CUDA_SUCCESS);
    EXPECT_EQ(launch(fine, 1, 1, other), CUDA_SUCCESS) << "not seen yet";
    EXPECT_EQ(cuCtxSynchronize(), code);
    EXPECT_EQ(cuCtxSynchronize(), code);
    EXPECT_EQ(launch(fine, 1, 1, other), code);
    int value = 0;
    EXPECT_EQ(cuMemcpyDtoH(&value, other, 4), code);
    CUdeviceptr more = 0;
    EXPECT_EQ(cuMemAlloc(&more, 4), code);
    CUstream stream = nullptr;
    EXPECT_EQ(cuStreamCreate(&stream, 0), code);
    CUmodule module = nullptr;
    EXPECT_EQ(cuModuleLoadData(&module, kernels_ptx().data()), code);
    EXPECT_EQ(cuDevicePrimaryCtxReset(0), CUDA_SUCCESS);
    CUcontext context = nullptr;
    EXPECT_EQ(cuCtxCreate(&context, nullptr, 0, 0), CUDA_SUCCESS);
    EXPECT_EQ(cuMemAlloc(&more, 4), code) << "as long as the process";
  }));
}

INSTANTIATE_TEST_SUITE_P(Each,
                         SimulatedFault,
                         ::testing::Values(Faulty{"store", 16, CUDA_ERROR_ILLEGAL_ADDRESS},
                                           Faulty{"store", -1, CUDA_ERROR_ILLEGAL_ADDRESS},
                                           Faulty{"store", 1LL << 40, CUDA_ERROR_ILLEGAL_ADDRESS},
                                           Faulty{"store_bytes", 2, CUDA_ERROR_MISALIGNED_ADDRESS},
                                           Faulty{"stop", 0, CUDA_ERROR_LAUNCH_FAILED},
                                           Faulty{"spin", 0, CUDA_ERROR_LAUNCH_TIMEOUT}));

TEST(SimulatedLaunch, RacesAreNoFaultOfAGpu) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    const CUdeviceptr to = Session::allocate(4);
    EXPECT_EQ(launch(session.function("race"), 1, 64, to), CUDA_SUCCESS);
    EXPECT_EQ(read<int>(to, 1).front(), 1);
  }));
}

TEST(SimulatedLaunch, FreedMemoryIsOutOfBounds) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    const CUdeviceptr to = Session::allocate(64);
    EXPECT_EQ(cuMemFree(to), CUDA_SUCCESS);
    EXPECT_EQ(launch(session.function("narrow"), 1, 1, to), CUDA_SUCCESS);
    EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  }));
}

// Each thread has a stream and memory of its own; the driver is one.
TEST(SimulatedLaunch, ThreadsTakeTurns) {
  EXPECT_TRUE(holds_in_child({}, [] {
    const Session session;
    CUcontext context = nullptr;
    ASSERT_EQ(cuCtxGetCurrent(&context), CUDA_SUCCESS);
    const CUfunction store = session.function("store");
    const auto work = [&](int thread) {
      EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT) << "of each thread its own";
      EXPECT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
      CUstream stream = nullptr;
      EXPECT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
      for (long long index = 0; index < 20; ++index) {
        CUdeviceptr to = Session::allocate(100);
        void* arguments[] = {&to, &index};
        EXPECT_EQ(cuLaunchKernel(store, 1, 1, 1, 1, 1, 1, 0, stream, arguments, nullptr),
                  CUDA_SUCCESS);
        EXPECT_EQ(cuStreamSynchronize(stream), CUDA_SUCCESS);
        std::vector<int> expected(25);
        expected[static_cast<std::size_t>(index)] = 7;
        EXPECT_EQ(read<int>(to, 25), expected) << "thread " << thread;
        EXPECT_EQ(cuMemFree(to), CUDA_SUCCESS);
      }
      EXPECT_EQ(cuStreamDestroy(stream), CUDA_SUCCESS);
    };
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n)
      threads.emplace_back(work, n);
    for (std::thread& t : threads)
      t.join();
  }));
}

TEST(SimulatedLaunch, HangsWhenAskedTo) {
  const Environment hang = {{"ATTEST_SIMULATED_STEPS", "100000"}, {"ATTEST_SIMULATED_HANG", "1"}};
  EXPECT_TRUE(hangs_in_child(hang, 2000, [] {
    const Session session;
    EXPECT_EQ(launch(session.function("spin"), 1, 1, Session::allocate(4)), CUDA_SUCCESS);
    (void)cuCtxSynchronize();
  }));
  EXPECT_TRUE(holds_in_child(hang, [] {
    const Session session;
    EXPECT_EQ(launch(session.function("spin"), 1, 1, Session::allocate(4)), CUDA_SUCCESS);
    EXPECT_EQ(cuStreamQuery(nullptr), CUDA_ERROR_NOT_READY);
    EXPECT_EQ(cuStreamQuery(nullptr), CUDA_ERROR_NOT_READY);
  }));
}

}  // namespace
}  // namespace attest::driver
