// Blas: GEMMs by cuBLAS, and by cublasLt where a bias is fused; both opened at run time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/resources.h"
#include "harness/executor/blas_call.h"

#include <memory>
#include <string>

namespace attest::cuda {

/// Device addresses of a call's operands.
struct BlasOperands {
  CUdeviceptr left = 0;
  CUdeviceptr right = 0;
  CUdeviceptr result = 0;
  CUdeviceptr bias = 0;
};

class Blas {
 public:
  virtual ~Blas() = default;
  /// "13.1.0".
  [[nodiscard]] virtual std::string version() const = 0;
  /// Enqueues the call. Errors  Code::io naming the library's function, its arguments and its status.
  virtual Status run(const BlasCall& call, const BlasOperands& operands, CUstream stream) = 0;
};

/// Needs a current context.
/// Errors  Code::unsupported: not built (no headers), or the library is missing or refuses to start.
Result<std::unique_ptr<Blas>> open_blas(const Driver& driver);
/// The version of the installed library, also without a GPU. Errors  Code::unsupported.
Result<std::string> blas_version();
Result<std::string> blas_lt_version();

}  // namespace attest::cuda
