// Captured graphs of the simulated driver.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <functional>

namespace attest::driver {
namespace {

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
