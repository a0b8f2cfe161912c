// Source  CUDA driver API 13.0, enum CUresult: errors after which the context is of no further use,
//         and those by which a launch is refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/faults.h"

namespace attest::cuda {

std::optional<FindingKind> fault_kind(CUresult result) {
  switch (static_cast<int>(result)) {
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
      return FindingKind::out_of_bounds;
    case CUDA_ERROR_MISALIGNED_ADDRESS:
      return FindingKind::misaligned;
    case CUDA_ERROR_LAUNCH_TIMEOUT:
      return FindingKind::no_progress;
    case CUDA_ERROR_ASSERT:
      return FindingKind::assertion;
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_INVALID_PC:
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_LAUNCH_FAILED:
      return FindingKind::trap;
    case CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES:
    case CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE:
    case CUDA_ERROR_INVALID_VALUE:  // of a launch: a grid, a block or shared memory beyond the limits
      return FindingKind::invalid_launch;
    default:
      return std::nullopt;
  }
}

}  // namespace attest::cuda
