// Benchmarks of the mma kernels alone, and the peak that they are measured by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attest {

/// mma_exact/<format>/<sm>/<operands>, mma_fast/<format>, fma_peak; of the build that runs here
/// (ATTEST_SIMD).
void register_mma_benchmarks();

}  // namespace attest
