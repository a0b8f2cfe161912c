// Entry points: stream capture, and graphs as lists of what was recorded.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <algorithm>
#include <memory>
#include <utility>

using attest::driver::Capture;
using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Graph;
using attest::driver::GraphNode;
using attest::driver::KernelLaunch;
using attest::driver::Need;
using attest::driver::Operation;

namespace {

void add_node(Driver& driver, Graph& graph, Operation operation) {
  auto node = std::make_shared<GraphNode>();
  node->operation = std::move(operation);
  if (const auto& kernel = node->operation.kernel) {
    // The caller may read its arguments through these; nothing writes there.
    auto* block = const_cast<std::byte*>(kernel->launch.parameters.data());
    for (const auto& p : kernel->kernel->program->parameters)
      node->parameters.push_back(block + p.offset);
  }
  graph.handles.push_back(driver.graph_nodes.add(node));
  graph.nodes.push_back(std::move(node));
}

/// The usual way to list: `to` null asks for the number alone.
CUresult list(const std::vector<CUgraphNode>& all, CUgraphNode* to, std::size_t* count) {
  if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (to != nullptr) {
    const std::size_t given = std::min(*count, all.size());
    std::copy_n(all.begin(), given, to);
    std::fill(to + given, to + *count, nullptr);
    if (*count < all.size()) return CUDA_SUCCESS;
  }
  *count = all.size();
  return CUDA_SUCCESS;
}

CUresult instantiate(Driver& driver, CUgraphExec* exec, CUgraph graph, std::uint64_t flags) {
  const auto found = driver.graphs.find(graph);
  if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  if (exec == nullptr || (flags & ~std::uint64_t{CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD}) != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  auto copy = std::make_shared<Graph>();
  copy->nodes = found->nodes;
  *exec = driver.graph_execs.add(std::move(copy));
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (mode < CU_STREAM_CAPTURE_MODE_GLOBAL || mode > CU_STREAM_CAPTURE_MODE_RELAXED) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    if (stream == nullptr || stream == CU_STREAM_LEGACY || stream == CU_STREAM_PER_THREAD) {
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
    const auto found = driver.streams.find(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->capture != nullptr) return CUDA_ERROR_ILLEGAL_STATE;
    found->capture = std::make_shared<Capture>();
    found->capture->mode = mode;
    found->capture->number = driver.next_number++;
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (graph == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->capture == nullptr) return CUDA_ERROR_ILLEGAL_STATE;
    const auto capture = std::exchange(found->capture, nullptr);
    *graph = nullptr;
    if (capture->is_invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    auto made = std::make_shared<Graph>();
    for (Operation& operation : capture->operations)
      add_node(driver, *made, std::move(operation));
    *graph = driver.graphs.add(std::move(made));
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus* status) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (status == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.stream(stream);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *status = found->capture == nullptr    ? CU_STREAM_CAPTURE_STATUS_NONE
              : found->capture->is_invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                           : CU_STREAM_CAPTURE_STATUS_ACTIVE;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, std::size_t* count) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    const auto found = driver.graphs.find(graph);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return list(found->handles, nodes, count);
  });
}

CUresult cuGraphNodeGetType(CUgraphNode node, CUgraphNodeType* type) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (type == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.graph_nodes.find(node);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    *type = found->operation.type;
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS* to) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    if (to == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto found = driver.graph_nodes.find(node);
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (found->operation.kernel == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const KernelLaunch& kernel = *found->operation.kernel;
    *to = {};
    if (driver.functions.find(kernel.handle) != nullptr) {
      to->func = kernel.handle;
    } else {
      to->kern = reinterpret_cast<CUkernel>(kernel.handle);
    }
    to->gridDimX = kernel.launch.grid.x;
    to->gridDimY = kernel.launch.grid.y;
    to->gridDimZ = kernel.launch.grid.z;
    to->blockDimX = kernel.launch.block.x;
    to->blockDimY = kernel.launch.block.y;
    to->blockDimZ = kernel.launch.block.z;
    to->sharedMemBytes = static_cast<unsigned>(kernel.launch.dynamic_shared_bytes);
    to->kernelParams = found->parameters.empty() ? nullptr : found->parameters.data();
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphDestroy(CUgraph graph) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    const auto taken = driver.graphs.take(graph);
    if (taken == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    for (const CUgraphNode node : taken->handles)
      driver.graph_nodes.take(node);
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphInstantiate(CUgraphExec* exec, CUgraph graph, unsigned long long flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return instantiate(driver, exec, graph, flags);
  });
}

CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto found = driver.graph_execs.find(exec);
    const auto on = driver.stream(stream);
    if (found == nullptr || on == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    for (const auto& node : found->nodes) {
      const CUresult result = driver.submit(on, node->operation);
      if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
  return enter(__func__, Need::initialised, [&](Driver& driver) -> CUresult {
    return driver.graph_execs.take(exec) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS;
  });
}

}  // extern "C"
