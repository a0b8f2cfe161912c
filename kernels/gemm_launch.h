// How the GEMM kernels are claimed and launched: what all that take GemmParams share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/operation_spec.h"

#include <optional>
#include <string>

namespace attest {

/// Why a kernel with the dtypes of `spec` and one block per tile_m x tile_n does not take it.
[[nodiscard]] std::optional<std::string> refuse_gemm(const OperationSpec& spec,
                                                     const Operation& operation);

/// "nt" where B alone is transposed.
[[nodiscard]] std::string transposition(const Gemm& gemm);

struct GemmLaunch {
  std::string entry;
  std::int64_t tile_m = 64;
  std::int64_t tile_n = 64;
  std::uint32_t threads = 128;
};

/// Grid (row tiles, column tiles, batch * heads).
[[nodiscard]] Launch plan_gemm(const KernelImage& image,
                               const Gemm& gemm,
                               const GemmLaunch& launch);

}  // namespace attest
