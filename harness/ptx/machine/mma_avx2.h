// mma.m16n8k16 on AVX2, eight outputs at a time: the tensor-core model in int32, and f32 fma.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"

#include <array>
#include <cstdint>

namespace attest::ptx {

/// The 128 outputs, row by row; columns in the order 0 2 4 6 1 3 5 7, in which the registers of C
/// hold them. `irregular[row]` has bit i set where output i is not to be trusted.
struct alignas(32) MmaRows {
  std::array<std::array<std::uint32_t, 8>, 16> value{};
  std::array<std::uint8_t, 16> irregular{};
};

/// False, and nothing done, for a model that has no fast form.
bool mma_rows_avx2(MmaFormat format,
                   const MmaModel& model,
                   const std::uint32_t* const a[4],
                   const std::uint32_t* const b[2],
                   const std::uint32_t* const c[4],
                   MmaRows& rows);

/// The values into the registers of D.
void store_rows(const MmaRows& rows, std::uint32_t* const d[4]);

/// mma_m16n8k16_fast, eight outputs at a time.
void mma_fast_avx2(MmaFormat format,
                   std::uint32_t* const d[4],
                   const std::uint32_t* const a[4],
                   const std::uint32_t* const b[2],
                   const std::uint32_t* const c[4]);

}  // namespace attest::ptx
