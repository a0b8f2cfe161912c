// What one core can do in f32 fma at most.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest {

/// One round of independent fma; returns the floating-point operations done.
[[nodiscard]] std::int64_t fma_round_avx2();
/// Only on a processor that has AVX-512.
[[nodiscard]] std::int64_t fma_round_avx512();

}  // namespace attest
