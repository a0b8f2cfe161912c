// Comparisons of f16, bf16 and their pairs, for setp and set.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/compare.h"
#include "harness/ptx/machine/round_half.h"

#include <array>
#include <utility>

namespace attest::ptx {

/// Of the low halves of two words.
template <class Half, bool kFtz, Comparison<float> Op>
bool half_holds(u32 a, u32 b) {
  return Op(operand_half<Half, kFtz>(static_cast<u16>(a)),
            operand_half<Half, kFtz>(static_cast<u16>(b)));
}

template <class Half, bool kFtz, std::size_t... N>
constexpr std::array<Comparison<u32>, sizeof...(N)> half_comparisons(std::index_sequence<N...>) {
  return {half_holds<Half, kFtz, FloatComparisons<float>::kAll[N]>...};
}

/// In the order of ATTEST_FLOAT_COMPARISONS.
template <class Half, bool kFtz>
struct HalfComparisons {
  using Type = u32;
  static constexpr auto kAll = half_comparisons<Half, kFtz>(
      std::make_index_sequence<FloatComparisons<float>::kAll.size()>{});
};

/// As compare_rows, of the upper halves of pairs.
template <auto Op>
u32 compare_upper_halves(const Warp& w, u32 row_a, u32 row_b) {
  const u32* a = w.row<const u32>(row_a);
  const u32* b = w.row<const u32>(row_b);
  alignas(32) u8 holds[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    holds[l] = Op(a[l] >> 16, b[l] >> 16) ? 0xff : 0;
  return mask_of_bytes(holds);
}

}  // namespace attest::ptx
