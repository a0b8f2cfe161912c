// Chains of fma, as many as hide the latency, in registers that the compiler cannot spill.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/fma_peak.h"

#include <immintrin.h>

namespace attest {
namespace {

constexpr int kChains = 12;
constexpr int kSteps = 1000;

/// x_i = x_i * 0 + x_i for twelve x_i. The constraints keep them in registers: a clobber of memory
/// would have them stored and loaded around every step.
#define ATTEST_FMA(n) "vfmadd231ps %[zero], %" #n ", %" #n "\n\t"
#define ATTEST_FMA4(a, b, c, d) ATTEST_FMA(a) ATTEST_FMA(b) ATTEST_FMA(c) ATTEST_FMA(d)

template <class Vector>
[[gnu::always_inline]] inline void step(Vector (&x)[kChains], const Vector& zero) {
  asm volatile(ATTEST_FMA4(0, 1, 2, 3) ATTEST_FMA4(4, 5, 6, 7) ATTEST_FMA4(8, 9, 10, 11)
               : "+v"(x[0]),
                 "+v"(x[1]),
                 "+v"(x[2]),
                 "+v"(x[3]),
                 "+v"(x[4]),
                 "+v"(x[5]),
                 "+v"(x[6]),
                 "+v"(x[7]),
                 "+v"(x[8]),
                 "+v"(x[9]),
                 "+v"(x[10]),
                 "+v"(x[11])
               : [zero] "v"(zero));
}

#undef ATTEST_FMA4
#undef ATTEST_FMA

}  // namespace

std::int64_t fma_round_avx2() {
  __m256 x[kChains];
  const __m256 zero = _mm256_setzero_ps();
  for (__m256& v : x)
    v = _mm256_set1_ps(1);
  for (int n = 0; n < kSteps; ++n)
    step(x, zero);
  return std::int64_t{2} * 8 * kChains * kSteps;
}

[[gnu::target("avx512f")]] std::int64_t fma_round_avx512() {
  __m512 x[kChains];
  const __m512 zero = _mm512_setzero_ps();
  for (__m512& v : x)
    v = _mm512_set1_ps(1);
  for (int n = 0; n < kSteps; ++n)
    step(x, zero);
  return std::int64_t{2} * 16 * kChains * kSteps;
}

}  // namespace attest
