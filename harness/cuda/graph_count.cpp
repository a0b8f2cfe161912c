// Capture, and a walk over the nodes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/graph_count.h"

#include "harness/cuda/resources.h"

namespace attest::cuda {
namespace {

Outcome destroy_graph(const Driver& driver, CUgraph graph) {
  return driver.call(driver.graph_destroy, "hGraph", graph);
}
using Graph = Owned<CUgraph, destroy_graph>;

Result<Graph> end_capture(const Driver& driver, CUstream stream) {
  CUgraph graph = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done ended,
             driver.call(driver.stream_end_capture, "hStream,_", stream, &graph).status());
  return Graph(driver, graph);
}

Result<LaunchRecord> record_of(const Driver& driver, CUgraphNode node) {
  CUDA_KERNEL_NODE_PARAMS params{};
  ATTEST_TRY([[maybe_unused]] const Done got,
             driver.call(driver.graph_kernel_node_get_params, "hNode,_", node, &params).status());
  LaunchRecord record;
  const char* name = nullptr;
  // Kernels of libraries may have a CUkernel and no CUfunction: then they have no name here.
  const bool is_named = params.func != nullptr &&
                        driver.call(driver.func_get_name, "_,hfunc", &name, params.func).is_ok();
  record.kernel = is_named && name != nullptr ? name : "(unnamed)";
  record.grid = {params.gridDimX, params.gridDimY, params.gridDimZ};
  record.block = {params.blockDimX, params.blockDimY, params.blockDimZ};
  record.shared_bytes = params.sharedMemBytes;
  if (is_named) {
    // Registers stay 0 where the driver does not say.
    (void)driver.call(driver.func_get_attribute,
                      "_,attrib,hfunc",
                      &record.registers,
                      CU_FUNC_ATTRIBUTE_NUM_REGS,
                      params.func);
  }
  return record;
}

}  // namespace

Result<std::vector<LaunchRecord>> count_captured(const Driver& driver,
                                                 CUstream stream,
                                                 const std::function<Status()>& enqueue) {
  ATTEST_TRY(
      [[maybe_unused]] const Done begun,
      driver
          .call(driver.stream_begin_capture, "hStream,mode", stream, CU_STREAM_CAPTURE_MODE_RELAXED)
          .status());
  const Status enqueued = enqueue();
  auto graph = end_capture(driver, stream);
  if (!enqueued) return enqueued.error();
  if (!graph) return graph.error();
  std::size_t count = 0;
  CUgraphNode* nowhere = nullptr;
  ATTEST_TRY(
      [[maybe_unused]] const Done counted,
      driver.call(driver.graph_get_nodes, "hGraph,_,_", graph->get(), nowhere, &count).status());
  std::vector<CUgraphNode> nodes(count);
  ATTEST_TRY([[maybe_unused]] const Done got,
             driver.call(driver.graph_get_nodes, "hGraph,_,_", graph->get(), nodes.data(), &count)
                 .status());
  std::vector<LaunchRecord> records;
  for (CUgraphNode node : nodes) {
    CUgraphNodeType type{};
    ATTEST_TRY([[maybe_unused]] const Done typed,
               driver.call(driver.graph_node_get_type, "hNode,_", node, &type).status());
    if (type != CU_GRAPH_NODE_TYPE_KERNEL) continue;
    ATTEST_TRY(LaunchRecord record, record_of(driver, node));
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace attest::cuda
