// The GEMMs of a layer by cuBLAS: which kernels it launches for them, and whether they hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/device.h"
#include "harness/problem/layer.h"

#include <string>

namespace attest {

/// A table of every GEMM of the pipelines, each run once by cuBLAS on the GPU and judged; its heading
/// says who counted the kernels. `context` and `choice` have a GPU.
[[nodiscard]] std::string blas_table(const LayerProblem& layer,
                                     const DeviceChoice& choice,
                                     Context& context);

}  // namespace attest
