// Entry points: launches. Geometry and arguments are refused at the call, faults come later.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include <cstring>
#include <memory>
#include <utility>

using attest::Dim3;
using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Kernel;
using attest::driver::kernel_of;
using attest::driver::KernelLaunch;
using attest::driver::Need;
using attest::driver::Operation;

namespace {

struct Request {
  CUfunction function = nullptr;
  Dim3 grid;
  Dim3 block;
  unsigned shared_bytes = 0;
  CUstream stream = nullptr;
  void** parameters = nullptr;  // one pointer per parameter,
  void** extra = nullptr;       // or the whole block in one
  bool is_cooperative = false;
};

CUresult gather(const Kernel& kernel, void** parameters, std::vector<std::byte>* to) {
  for (std::size_t n = 0; n < kernel.program->parameters.size(); ++n) {
    const attest::ptx::Parameter& p = kernel.program->parameters[n];
    if (parameters == nullptr || parameters[n] == nullptr) return CUDA_ERROR_INVALID_VALUE;
    std::memcpy(to->data() + p.offset, parameters[n], static_cast<std::size_t>(p.size_bytes));
  }
  return CUDA_SUCCESS;
}

CUresult unpack(void** extra, std::vector<std::byte>* to) {
  const void* block = nullptr;
  std::size_t bytes = 0;
  for (; *extra != CU_LAUNCH_PARAM_END; extra += 2) {
    if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      block = extra[1];
    } else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      if (extra[1] == nullptr) return CUDA_ERROR_INVALID_VALUE;
      std::memcpy(&bytes, extra[1], sizeof bytes);
    } else {
      return CUDA_ERROR_INVALID_VALUE;
    }
  }
  if (block == nullptr || bytes != to->size()) return CUDA_ERROR_INVALID_VALUE;
  std::memcpy(to->data(), block, bytes);
  return CUDA_SUCCESS;
}

CUresult launch(Driver& driver, const Request& request) {
  const auto kernel = kernel_of(driver, request.function);
  const auto stream = driver.stream(request.stream);
  if (kernel == nullptr || stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  auto made = std::make_shared<KernelLaunch>();
  made->kernel = kernel;
  made->module = kernel->module.lock();
  if (made->module == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  made->handle = request.function;
  made->launch.entry = kernel->program->entry;
  made->launch.grid = request.grid;
  made->launch.block = request.block;
  made->launch.dynamic_shared_bytes = request.shared_bytes;
  made->launch.is_cooperative = request.is_cooperative;
  CUresult result = attest::driver::check_launch(driver, *made);
  if (result != CUDA_SUCCESS) return result;
  if (request.parameters != nullptr && request.extra != nullptr) return CUDA_ERROR_INVALID_VALUE;
  std::vector<std::byte>& block = made->launch.parameters;
  block.resize(static_cast<std::size_t>(kernel->program->parameter_bytes));
  result = request.extra != nullptr ? unpack(request.extra, &block)
                                    : gather(*kernel, request.parameters, &block);
  if (result != CUDA_SUCCESS) return result;
  Operation operation;
  operation.type = CU_GRAPH_NODE_TYPE_KERNEL;
  operation.kernel = std::move(made);
  return driver.submit(stream, std::move(operation));
}

/// Attributes of an extended launch. What only says how fast it may go is passed over.
CUresult apply(const CUlaunchAttribute& attribute, Request* request) {
  switch (attribute.id) {
    case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
      request->is_cooperative = attribute.value.cooperative != 0;
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION: {
      const auto& cluster = attribute.value.clusterDim;
      const bool is_one = cluster.x == 1 && cluster.y == 1 && cluster.z == 1;
      return is_one ? CUDA_SUCCESS : CUDA_ERROR_NOT_SUPPORTED;
    }
    case CU_LAUNCH_ATTRIBUTE_IGNORE:
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
    case CU_LAUNCH_ATTRIBUTE_PRIORITY:
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
    case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION:
    case CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
    case CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      return CUDA_SUCCESS;
    default:
      return CUDA_ERROR_NOT_SUPPORTED;
  }
}

}  // namespace

extern "C" {

CUresult cuLaunchKernel(CUfunction function,
                        unsigned grid_x,
                        unsigned grid_y,
                        unsigned grid_z,
                        unsigned block_x,
                        unsigned block_y,
                        unsigned block_z,
                        unsigned shared_bytes,
                        CUstream stream,
                        void** parameters,
                        void** extra) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return launch(driver,
                  {.function = function,
                   .grid = {grid_x, grid_y, grid_z},
                   .block = {block_x, block_y, block_z},
                   .shared_bytes = shared_bytes,
                   .stream = stream,
                   .parameters = parameters,
                   .extra = extra});
  });
}

CUresult cuLaunchCooperativeKernel(CUfunction function,
                                   unsigned grid_x,
                                   unsigned grid_y,
                                   unsigned grid_z,
                                   unsigned block_x,
                                   unsigned block_y,
                                   unsigned block_z,
                                   unsigned shared_bytes,
                                   CUstream stream,
                                   void** parameters) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return launch(driver,
                  {.function = function,
                   .grid = {grid_x, grid_y, grid_z},
                   .block = {block_x, block_y, block_z},
                   .shared_bytes = shared_bytes,
                   .stream = stream,
                   .parameters = parameters,
                   .is_cooperative = true});
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config,
                          CUfunction function,
                          void** parameters,
                          void** extra) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if (config == nullptr || (config->numAttrs > 0 && config->attrs == nullptr)) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    Request request{.function = function,
                    .grid = {config->gridDimX, config->gridDimY, config->gridDimZ},
                    .block = {config->blockDimX, config->blockDimY, config->blockDimZ},
                    .shared_bytes = config->sharedMemBytes,
                    .stream = config->hStream,
                    .parameters = parameters,
                    .extra = extra};
    for (unsigned n = 0; n < config->numAttrs; ++n) {
      const CUresult result = apply(config->attrs[n], &request);
      if (result != CUDA_SUCCESS) return result;
    }
    return launch(driver, request);
  });
}

}  // extern "C"
