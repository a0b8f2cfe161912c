// The kernels of mma.m16n8k16 for f16 and bf16: one set for each build, all with the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/simd.h"

#include <cstdint>

namespace attest::ptx {

/// Arguments and result as mma_m16n8k16 and mma_m16n8k16_fast (mma_model.h).
struct MmaKernels {
  int (*exact)(MmaFormat format,
               const MmaModel& model,
               std::uint32_t* const d[4],
               const std::uint32_t* const a[4],
               const std::uint32_t* const b[2],
               const std::uint32_t* const c[4]);
  void (*fast)(MmaFormat format,
               std::uint32_t* const d[4],
               const std::uint32_t* const a[4],
               const std::uint32_t* const b[2],
               const std::uint32_t* const c[4]);
};

/// Those of `simd`, which must be one of usable_simds(). scalar: every output by mma_dot_exact, and
/// std::fma.
[[nodiscard]] const MmaKernels& mma_kernels(Simd simd);

}  // namespace attest::ptx
