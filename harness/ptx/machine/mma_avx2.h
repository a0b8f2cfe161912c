// The fast form of the tensor-core model: int32 sums on AVX2, eight outputs at a time.
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

}  // namespace attest::ptx
