// The GEMMs of a layer by cuBLAS: which kernels it launches for them, and whether they hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/device.h"
#include "harness/problem/layer.h"

#include <string>

namespace attest {

struct BlasReport {
  std::string table;  // its heading says who counted the kernels
  bool holds = true;  // no GEMM that cuBLAS computed disagrees
};

/// Every GEMM of the pipelines, each run once by cuBLAS on the GPU and judged. `context` and `choice` have
/// a GPU.
[[nodiscard]] BlasReport blas_report(const LayerProblem& layer,
                                     const DeviceChoice& choice,
                                     Context& context);

}  // namespace attest
