// The kernels of mma.m16n8k16: the plain ones, what the vector ones leave over, and the choice.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_kernels.h"

#include "harness/ptx/machine/fragment.h"
#include "harness/ptx/machine/mma_avx2.h"
#include "harness/ptx/machine/mma_avx512.h"
#include "harness/ptx/machine/round_half.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace attest::ptx {
namespace {

constexpr int kProducts = 16;  // k16
using Registers = const std::uint32_t* const*;

std::uint16_t half_of(Registers registers, FragmentSlot slot) {
  return static_cast<std::uint16_t>(registers[slot.reg][slot.lane] >> (16 * slot.element));
}

/// Row and column of the factors, and c, that make one output.
struct OneOutput {
  std::array<std::uint16_t, kProducts> row{};
  std::array<std::uint16_t, kProducts> column{};
  std::uint32_t c = 0;
};

OneOutput gather(Registers a, Registers b, Registers c, FragmentPlace at) {
  OneOutput out;
  for (int k = 0; k < kProducts; ++k) {
    out.row[static_cast<std::size_t>(k)] = half_of(a, slot_a({at.row, k}, 16));
    out.column[static_cast<std::size_t>(k)] = half_of(b, slot_b({k, at.column}, 16));
  }
  const FragmentSlot slot = slot_c(at);
  out.c = c[slot.reg][slot.lane];
  return out;
}

/// All 128 outputs one by one; the factors are read before the first is written.
template <class Output>
void each_output(std::uint32_t* const d[4], Registers a, Registers b, Registers c, Output output) {
  std::array<std::array<std::uint32_t, 32>, 4> result{};
  for (int reg = 0; reg < 4; ++reg) {
    for (int lane = 0; lane < 32; ++lane) {
      result[static_cast<std::size_t>(reg)][static_cast<std::size_t>(lane)] =
          output(gather(a, b, c, fragment_c({reg, lane, 0})));
    }
  }
  for (std::size_t reg = 0; reg < 4; ++reg)
    std::memcpy(d[reg], result[reg].data(), sizeof result[reg]);
}

int exact_scalar(MmaFormat format,
                 const MmaModel& model,
                 std::uint32_t* const d[4],
                 Registers a,
                 Registers b,
                 Registers c) {
  each_output(d, a, b, c, [&](const OneOutput& of) {
    return mma_dot_exact(format, model, of.row.data(), of.column.data(), kProducts, of.c);
  });
  return 4 * 32;
}

void fast_scalar(
    MmaFormat format, std::uint32_t* const d[4], Registers a, Registers b, Registers c) {
  const auto widen = format == MmaFormat::f16 ? F16::widen : Bf16::widen;
  each_output(d, a, b, c, [&](const OneOutput& of) {
    float sum = f32_of(of.c);
    for (std::size_t k = 0; k < kProducts; ++k)
      sum = std::fma(widen(of.row[k]), widen(of.column[k]), sum);
    return bits_of(canonical_nan(sum));
  });
}

int exact_avx2(MmaFormat format,
               const MmaModel& model,
               std::uint32_t* const d[4],
               Registers a,
               Registers b,
               Registers c) {
  MmaRows rows;
  if (!mma_rows_avx2(format, model, a, b, c, rows)) return exact_scalar(format, model, d, a, b, c);
  int redone = 0;
  for (int row = 0; row < 16; ++row) {
    for (unsigned left = rows.irregular[static_cast<std::size_t>(row)]; left != 0;
         left &= left - 1) {
      const int i = std::countr_zero(left);
      const OneOutput of = gather(a, b, c, {row, i < 4 ? 2 * i : 2 * i - 7});
      rows.value[static_cast<std::size_t>(row)][static_cast<std::size_t>(i)] =
          mma_dot_exact(format, model, of.row.data(), of.column.data(), kProducts, of.c);
      ++redone;
    }
  }
  store_rows(rows, d);
  return redone;
}

}  // namespace

const MmaKernels& mma_kernels(Simd simd) {
  static constexpr MmaKernels kScalar = {exact_scalar, fast_scalar};
  static constexpr MmaKernels kAvx2 = {exact_avx2, mma_fast_avx2};
  static constexpr MmaKernels kAvx512 = {mma_exact_avx512, mma_fast_avx512};
  return simd == Simd::avx512 ? kAvx512 : simd == Simd::avx2 ? kAvx2 : kScalar;
}

int mma_m16n8k16(MmaFormat format,
                 const MmaModel& model,
                 std::uint32_t* const d[4],
                 const std::uint32_t* const a[4],
                 const std::uint32_t* const b[2],
                 const std::uint32_t* const c[4]) {
  static const MmaKernels& kernels = mma_kernels(active_simd());
  return kernels.exact(format, model, d, a, b, c);
}

void mma_m16n8k16_fast(MmaFormat format,
                       std::uint32_t* const d[4],
                       const std::uint32_t* const a[4],
                       const std::uint32_t* const b[2],
                       const std::uint32_t* const c[4]) {
  static const MmaKernels& kernels = mma_kernels(active_simd());
  kernels.fast(format, d, a, b, c);
}

}  // namespace attest::ptx
