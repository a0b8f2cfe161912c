// Matrix products on plain matrices of element bits, for every format an mma has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/round.h"

#include <cstdint>

namespace attest::ptx {

/// Shapes  a [m][k], b [n][k] (its columns are contiguous), c [m][n]: read, and overwritten with d.
///         n is a multiple of 8. At most kMostElements in each.
/// Elements are the bits of their format, zero above; those of b1 are words of 32.
struct MmaTile {
  int m = 0;
  int n = 0;
  int k = 0;
  const std::uint32_t* a = nullptr;
  const std::uint32_t* b = nullptr;
  std::uint32_t* c = nullptr;
};
inline constexpr int kMostElements = 1024;

/// The model, bit for bit as mma_dot_exact; c and d are f32, or f16 where the model rounds to it.
/// Returns how many outputs were left to mma_dot_exact: those that Inf, NaN or a -0 in c reach.
int mma_tile_exact(MmaFactors factors, const MmaModel& model, const MmaTile& tile);
/// Chains of f32 fma in ascending k, from c; rounded to f16 at the end where `to_f16`.
void mma_tile_fast(MmaFactors factors, bool to_f16, const MmaTile& tile);
/// s8, u8, s4, u4: exact, then modulo 2^32 or, where `saturates`, limited to the range of s32.
void mma_tile_integer(MmaFactors factors, bool saturates, const MmaTile& tile);
/// b1: counts the ones of a xor b, or of a and b; modulo 2^32.
void mma_tile_bits(bool is_xor, const MmaTile& tile);

/// As MmaTile, of f64; d = fma(a, b, ..) in ascending k, from c, each rounded as `mode` says.
struct MmaTileF64 {
  int m = 0;
  int n = 0;
  int k = 0;
  const double* a = nullptr;
  const double* b = nullptr;
  double* c = nullptr;
};
void mma_tile_f64(Rounding mode, const MmaTileF64& tile);

}  // namespace attest::ptx
