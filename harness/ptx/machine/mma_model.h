// Tensor-core arithmetic of a named GPU, bit for bit: truncated fused dot-product-add.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace attest::ptx {

/// Element formats of A, B, C and D. The 4 and 6 bit floating ones lie in bytes, as
/// mma.kind::f8f6f4 wants them.
enum class MmaFormat : std::uint8_t {
  f16,
  bf16,
  tf32,
  e4m3,
  e5m2,
  e3m2,
  e2m3,
  e2m1,
  f32,
  f64,
  int8,
  uint8,
  int4,
  uint4,
  b1,
  int32
};

/// From PTX's words: "f16", "e4m3", "s8", "u4", .. Empty for anything else.
[[nodiscard]] std::optional<MmaFormat> mma_format(std::string_view word);
/// Bits that an element takes up in a register.
[[nodiscard]] int mma_width(MmaFormat format);

/// Which unit executes: mma.sync and wmma, or wgmma.
enum class MmaUnit : std::uint8_t { mma, wgmma };

/// How a block's exact sum becomes a result: f32 toward zero (but Inf on overflow), the same with
/// 13 fraction bits, or f16 to nearest even.
enum class MmaRounding : std::uint8_t { rz_f32, rz_e8m13, rn_f16 };

/// Constants of one datapath.
struct MmaModel {
  int block = 8;             // L: products summed in one step
  int fraction_bits = 24;    // F: kept of every term, below the largest exponent
  int zero_exponent = -132;  // that a zero term is taken to have
  MmaRounding rounding = MmaRounding::rz_f32;
  /// fp8 as ptxas writes it for a GPU whose mma has none: converted to f16, both halves of each
  /// register one after the other from zero, then c added as an addition of its own.
  bool is_emulated = false;
  friend bool operator==(const MmaModel&, const MmaModel&) = default;
};

/// The datapath of sm_70, 75, 80, 86, 89, 90, 100 or 120 for elements of `input` with an
/// accumulator that is f32 or f16. Null for another architecture, and for what it does not have.
/// Source  Xie et al., arXiv 2511.10909, tables 4 and 5; Khattak and Mikaitis, arXiv 2512.07004.
[[nodiscard]] const MmaModel* mma_model(int sm,
                                        MmaFormat input = MmaFormat::f16,
                                        MmaFormat accumulator = MmaFormat::f32,
                                        MmaUnit unit = MmaUnit::mma);

/// mma.sync.aligned.m16n8k16.row.col.f32.{f16|bf16}.{f16|bf16}.f32 on 32-lane fragment registers.
/// Shapes  a: 4 registers, b: 2, c and d: 4; each register is 32 lanes of 32 bits, 32-byte aligned.
///         d may alias c, a or b.
/// Returns how many of the 128 outputs left the fast form: 0 on ordinary data, some or all for Inf,
///         NaN, sums near overflow or near the smallest normal; all 128 for a model that is not in
///         the table, or without vectors (ATTEST_SIMD=scalar). The bits do not depend on it. MXCSR
///         is left as found.
/// Source  the model: Khattak and Mikaitis, arXiv 2512.07004; Xie et al., arXiv 2511.10909.
int mma_m16n8k16(MmaFormat format,
                 const MmaModel& model,
                 std::uint32_t* const d[4],
                 const std::uint32_t* const a[4],
                 const std::uint32_t* const b[2],
                 const std::uint32_t* const c[4]);

/// The same instruction as chains of f32 fma, each rounded to nearest, in ascending k from c.
void mma_m16n8k16_fast(MmaFormat format,
                       std::uint32_t* const d[4],
                       const std::uint32_t* const a[4],
                       const std::uint32_t* const b[2],
                       const std::uint32_t* const c[4]);

/// Formats of the two factors.
struct MmaFactors {
  MmaFormat a = MmaFormat::f16;
  MmaFormat b = MmaFormat::f16;
  friend bool operator==(const MmaFactors&, const MmaFactors&) = default;
};

/// sum * 2^unit, rounded once; a zero sum is +0.
[[nodiscard]] std::uint32_t mma_round(std::int64_t sum, int unit, MmaRounding rounding);
/// e4m3 or e5m2 as f16, exactly.
[[nodiscard]] std::uint32_t mma_f16_of_fp8(MmaFormat format, std::uint32_t bits);

/// One output of the model in exact integers, `length` products (a multiple of the block, or less
/// than one block): the specification that every fast path is held to. Elements are bits of their
/// format; c and the result are f32, or f16 where the model rounds to it.
[[nodiscard]] std::uint32_t mma_dot_exact(MmaFactors factors,
                                          const MmaModel& model,
                                          const std::uint32_t* a,
                                          const std::uint32_t* b,
                                          int length,
                                          std::uint32_t c);
/// The same for elements of 16 bits.
[[nodiscard]] std::uint32_t mma_dot_exact(MmaFormat format,
                                          const MmaModel& model,
                                          const std::uint16_t* a,
                                          const std::uint16_t* b,
                                          int length,
                                          std::uint32_t c);

/// Sign, exponent and significand fields of a floating format, within its register bits.
struct MmaFields {
  int exponent_bits = 0;
  int fraction_bits = 0;
  int shift = 0;          // of the fraction's lowest bit
  bool has_inf = false;   // and NaN beside it; else `nan` alone, where there is one
  std::uint32_t nan = 0;  // magnitude bits of the only NaN; 0: none
};
[[nodiscard]] const MmaFields& mma_fields(MmaFormat format);

}  // namespace attest::ptx
